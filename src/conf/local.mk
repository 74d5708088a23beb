# In the order of their floors: a file uses only what stands above it; tests/check-floors.sh holds that.
noinst_LIBRARIES += libconf.a
libconf_a_SOURCES = \
	src/conf/conf-file.c src/conf/conf-file.h \
	src/conf/conf.c src/conf/conf.h \
	src/conf/conf-daemon.c src/conf/conf-daemon.h \
	src/conf/conf-guest.c src/conf/conf-guest.h \
	src/conf/conf-section.c src/conf/conf-section.h \
	src/conf/conf-load.c src/conf/conf-load.h \
	src/conf/conf-drivers.c src/conf/conf-drivers.h \
	src/conf/conf-format.c src/conf/conf-format.h
