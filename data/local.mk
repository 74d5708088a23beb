# The shipped configuration, every key commented out with its default.
virtstopconfdir = $(sysconfdir)/virtstop
dist_virtstopconf_DATA = data/virtstop.conf

# The administrator's files come here.
install-data-local:
	$(MKDIR_P) $(DESTDIR)$(virtstopconfdir)/virtstop.conf.d

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
