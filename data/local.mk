# The shipped configuration, every key commented out with its default.
virtstopconfdir = $(sysconfdir)/virtstop
dist_virtstopconf_DATA = data/virtstop.conf

# What `journalctl -x` tells about our entries.
dist_catalog_DATA = data/virtstop.catalog

# Completion for shells.
bashcompletiondir = $(datadir)/bash-completion/completions
dist_bashcompletion_DATA = data/completion/virtstopctl
zshcompletiondir = $(datadir)/zsh/site-functions
dist_zshcompletion_DATA = data/completion/_virtstopctl

# The system bus: who may speak to virtstopd, how it is started, what it answers.
dist_dbuspolicy_DATA = data/org.virtstop1.conf
dist_dbusservice_DATA = data/org.virtstop1.service
dist_dbusinterfaces_DATA = data/org.virtstop1.xml
