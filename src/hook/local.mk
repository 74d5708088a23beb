# In the order of its floors: a file uses only those above it. Everything but main() is a library, so
# that the unit tests can link it.
noinst_LIBRARIES += libhook.a
libhook_a_SOURCES = \
	src/hook/say.c src/hook/say.h \
	src/hook/setup.c src/hook/setup.h \
	src/hook/options.c src/hook/options.h \
	src/hook/system.c src/hook/system.h \
	src/hook/child.c src/hook/child.h \
	src/hook/user.c src/hook/user.h \
	src/hook/daemon.c src/hook/daemon.h \
	src/hook/bus.c src/hook/bus.h \
	src/hook/libvirt.c src/hook/libvirt.h \
	src/hook/list.c src/hook/list.h \
	src/hook/hook.c src/hook/hook.h
libhook_a_CFLAGS = $(AM_CFLAGS) $(SYSTEMD_CFLAGS)

libexec_PROGRAMS += virtstop-guests
virtstop_guests_SOURCES = src/hook/main.c
virtstop_guests_CFLAGS = $(AM_CFLAGS) $(SYSTEMD_CFLAGS)
virtstop_guests_LDADD = libhook.a libwords.a $(VS_CLIENT_LIBS)
