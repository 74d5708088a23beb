systemdsystemunit_DATA = systemd/virtstopd.service
EXTRA_DIST += systemd/virtstopd.service.in
CLEANFILES += systemd/virtstopd.service

systemd/virtstopd.service: $(srcdir)/systemd/virtstopd.service.in Makefile
	$(AM_V_GEN)$(MKDIR_P) $(@D) && \
	sed -e 's|@sbindir[@]|$(sbindir)|g' $(srcdir)/systemd/virtstopd.service.in >$@.tmp && \
	mv $@.tmp $@
