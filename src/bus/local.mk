noinst_LIBRARIES += libbus.a
libbus_a_SOURCES = \
	src/bus/access.c src/bus/access.h \
	src/bus/bus.c src/bus/bus.h \
	src/bus/bus-private.h \
	src/bus/connect.c src/bus/connect.h \
	src/bus/domain-object.c src/bus/domain-object.h \
	src/bus/errors.c src/bus/errors.h \
	src/bus/host-request.c src/bus/host-request.h \
	src/bus/lists.c src/bus/lists.h \
	src/bus/logind.c src/bus/logind.h \
	src/bus/manager-object.c src/bus/manager-object.h \
	src/bus/options.c src/bus/options.h \
	src/bus/path.c src/bus/path.h \
	src/bus/records.c src/bus/records.h \
	src/bus/request.c src/bus/request.h \
	src/bus/requester.c src/bus/requester.h \
	src/bus/source.c src/bus/source.h \
	src/bus/stop-object.c src/bus/stop-object.h \
	src/bus/tell.c src/bus/tell.h
libbus_a_CFLAGS = $(AM_CFLAGS) $(SYSTEMD_CFLAGS)
