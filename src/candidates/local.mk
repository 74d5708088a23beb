# In the order of its floors: a file uses only those above it. A program of its own: libvirt-admin and
# libvirt can't be used in one process, for both register the same GLib types.
libexec_PROGRAMS += virtstop-candidates
virtstop_candidates_SOURCES = \
	src/candidates/process.c src/candidates/process.h \
	src/candidates/clients.c src/candidates/clients.h \
	src/candidates/main.c
virtstop_candidates_CFLAGS = $(AM_CFLAGS) $(LIBVIRT_ADMIN_CFLAGS) $(SYSTEMD_CFLAGS)
virtstop_candidates_LDADD = libvsvirt.a libcore.a libutil.a \
	$(LIBVIRT_ADMIN_LIBS) $(SYSTEMD_LIBS) $(GLIB_LIBS) $(JSON_LIBS)
