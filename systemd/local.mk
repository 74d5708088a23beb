units = \
	systemd/virtstop-guests.service \
	systemd/virtstop-restore.service \
	systemd/virtstopd.service

# The same of a user's own systemd, for his session's guests.
user_units = \
	systemd/user/virtstop-guests.service \
	systemd/user/virtstop-restore.service \
	systemd/user/virtstopd.service

systemdsystemunit_DATA = $(units)
# As they are.
dist_systemdsystemunit_DATA = \
	systemd/virtstop-libvirt@.service \
	systemd/virtstop-libvirt@.socket
systemduserunit_DATA = $(user_units)
# For an administrator to copy.
examplesdir = $(docdir)/examples
dist_examples_DATA = systemd/remote.conf

EXTRA_DIST += $(units:=.in) $(user_units:=.in)
CLEANFILES += $(units) $(user_units)

$(units) $(user_units): systemd/%.service: $(srcdir)/systemd/%.service.in Makefile
	$(AM_V_GEN)$(MKDIR_P) $(@D) && \
	sed -e 's|@sbindir[@]|$(sbindir)|g' -e 's|@bindir[@]|$(bindir)|g' \
	-e 's|@libexecdir[@]|$(libexecdir)|g' $(srcdir)/systemd/$*.service.in >$@.tmp && \
	mv $@.tmp $@

# Before anything is removed from a host that counts on it.
EXTRA_DIST += systemd/uninstall-guard.sh
uninstall-recursive: uninstall-guard
uninstall-guard:
	@test -n '$(DESTDIR)' || \
	$(SHELL) $(srcdir)/systemd/uninstall-guard.sh $(systemdsystemunitdir)/virtstop-guests.service $(libexecdir) \
	$(localstatedir)/lib/misc/virtstop-libvirt-guests
.PHONY: uninstall-guard
