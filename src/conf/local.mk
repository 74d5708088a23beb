noinst_LIBRARIES += libconf.a
libconf_a_SOURCES = \
	src/conf/conf-daemon.c src/conf/conf-daemon.h \
	src/conf/conf-file.c src/conf/conf-file.h \
	src/conf/conf-guest.c src/conf/conf-guest.h \
	src/conf/conf-key.c src/conf/conf-key.h \
	src/conf/conf-policy.c src/conf/conf-policy.h \
	src/conf/conf-value.c src/conf/conf-value.h \
	src/conf/conf-words.c src/conf/conf-words.h \
	src/conf/conf.c src/conf/conf.h
