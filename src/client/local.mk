# In the order of its floors: a file uses only those above it.
noinst_LIBRARIES += libclient.a
libclient_a_SOURCES = \
	src/client/exit.c src/client/exit.h \
	src/client/client.c src/client/client.h \
	src/client/units.c src/client/units.h \
	src/client/request.c src/client/request.h \
	src/client/properties.c src/client/properties.h \
	src/client/manager.c src/client/manager.h \
	src/client/check.c src/client/check.h \
	src/client/policy.c src/client/policy.h \
	src/client/objects.c src/client/objects.h \
	src/client/objects-json.c src/client/objects-json.h \
	src/client/signals.c src/client/signals.h \
	src/client/record-pages.c src/client/record-pages.h \
	src/client/records.c src/client/records.h \
	src/client/host-stop-record.c src/client/host-stop-record.h \
	src/client/waited.c src/client/waited.h \
	src/client/whole.c src/client/whole.h \
	src/client/stop-list.c src/client/stop-list.h \
	src/client/stop-wait.c src/client/stop-wait.h \
	src/client/stop-all.c src/client/stop-all.h
libclient_a_CFLAGS = $(AM_CFLAGS) $(SYSTEMD_CFLAGS)

# What a program links that talks to the daemon, but for the rooms beyond.
VS_CLIENT_LIBS = libclient.a libcore.a libutil.a $(SYSTEMD_LIBS) $(GLIB_LIBS) $(JSON_LIBS)
