units = \
	systemd/virtstop-guests.service \
	systemd/virtstop-restore.service \
	systemd/virtstopd.service

systemdsystemunit_DATA = $(units)
EXTRA_DIST += $(units:=.in)
CLEANFILES += $(units)

$(units): systemd/%.service: $(srcdir)/systemd/%.service.in Makefile
	$(AM_V_GEN)$(MKDIR_P) $(@D) && \
	sed -e 's|@sbindir[@]|$(sbindir)|g' -e 's|@bindir[@]|$(bindir)|g' \
	-e 's|@libexecdir[@]|$(libexecdir)|g' $(srcdir)/systemd/$*.service.in >$@.tmp && \
	mv $@.tmp $@
