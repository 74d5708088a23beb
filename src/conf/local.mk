noinst_LIBRARIES += libconf.a
libconf_a_SOURCES = \
	src/conf/conf-file.c src/conf/conf-file.h \
	src/conf/conf-key.c src/conf/conf-key.h \
	src/conf/conf.c src/conf/conf.h
