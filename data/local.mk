# The shipped configuration, every key commented out with its default. It is the vendor's: a new version writes it anew.
dist_vendorconf_DATA = data/virtstop.conf

# The administrator's files come here, and nothing else: no version of ours writes or removes one.
virtstopconfdir = $(sysconfdir)/virtstop
install-data-local:
	$(MKDIR_P) $(DESTDIR)$(virtstopconfdir)/virtstop.conf.d $(DESTDIR)$(virtstopconfdir)/hooks.d
uninstall-local:
	-for dir in virtstop.conf.d hooks.d ''; do \
		rmdir $(DESTDIR)$(virtstopconfdir)/$$dir 2>/dev/null; \
	done; true

# Directories of our name go with the last file in them.
uninstall-hook:
	-for dir in $(vendorconfdir) $(nutexamplesdir) $(apcupsdexamplesdir) $(upsexamplesdir) $(docdir)/examples $(docdir); do \
		rmdir $(DESTDIR)$$dir 2>/dev/null; \
	done; true

# Who stops the guests when the host goes down: virtstop from now on, or libvirt-guests again.
libexec_SCRIPTS = data/virtstop-libvirt-guests
EXTRA_DIST += data/virtstop-libvirt-guests.in
CLEANFILES += data/virtstop-libvirt-guests
data/virtstop-libvirt-guests: $(srcdir)/data/virtstop-libvirt-guests.in Makefile
	$(AM_V_GEN)$(MKDIR_P) $(@D) && \
	sed -e 's|@localstatedir[@]|$(localstatedir)|g' $(srcdir)/data/virtstop-libvirt-guests.in >$@.tmp && \
	chmod +x $@.tmp && mv $@.tmp $@

# What `journalctl -x` tells about our entries.
dist_catalog_DATA = data/virtstop.catalog

# The system bus: who may speak to virtstopd, how it is started, what it answers.
dist_dbuspolicy_DATA = data/org.virtstop1.conf
dist_dbusservice_DATA = data/org.virtstop1.service
dist_dbusinterfaces_DATA = data/org.virtstop1.xml

# The user that virtstopd runs as.
sysusers_DATA = data/sysusers/virtstop.conf
EXTRA_DIST += data/virtstop.sysusers
CLEANFILES += data/sysusers/virtstop.conf

data/sysusers/virtstop.conf: data/virtstop.sysusers
	$(AM_V_GEN)$(MKDIR_P) $(@D) && cp $(srcdir)/data/virtstop.sysusers $@.tmp && mv $@.tmp $@

# Who may change something: asked of polkit.
dist_polkitactions_DATA = data/org.virtstop1.policy
dist_polkitrules_DATA = data/60-virtstop.rules

# A user's bus: how his virtstopd is started.
dist_dbussessionservice_DATA = data/session/org.virtstop1.service

# Completion for the shells. bash looks for a file of the command's name.
bashcompletion_DATA = data/completion/virtstopctl
dist_zshcompletion_DATA = data/completion/_virtstopctl
EXTRA_DIST += data/completion/virtstopctl.bash
CLEANFILES += data/completion/virtstopctl

data/completion/virtstopctl: data/completion/virtstopctl.bash
	$(AM_V_GEN)$(MKDIR_P) $(@D) && cp $(srcdir)/data/completion/virtstopctl.bash $@.tmp && mv $@.tmp $@

# The stages of a power cut, for NUT and apcupsd: to be copied by whoever has one, see virtstop-ups(7).
upsexamplesdir = $(docdir)/examples/ups
dist_upsexamples_SCRIPTS = data/ups/virtstop-ups
nutexamplesdir = $(upsexamplesdir)/nut
dist_nutexamples_DATA = data/ups/nut/upssched.conf data/ups/nut/upsmon.conf data/ups/nut/61-virtstop-ups.rules
apcupsdexamplesdir = $(upsexamplesdir)/apcupsd
dist_apcupsdexamples_SCRIPTS = data/ups/apcupsd/onbattery data/ups/apcupsd/offbattery data/ups/apcupsd/doshutdown
