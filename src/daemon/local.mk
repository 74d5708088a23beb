# In the order of their floors: a file uses only what stands above it; tests/check-floors.sh holds that.
sbin_PROGRAMS += virtstopd
virtstopd_SOURCES = \
	src/daemon/log.c src/daemon/log.h \
	src/daemon/distinct.c src/daemon/distinct.h \
	src/daemon/options.c src/daemon/options.h \
	src/daemon/check-config.c src/daemon/check-config.h \
	src/daemon/write.c src/daemon/write.h \
	src/daemon/left-noted.c src/daemon/left-noted.h \
	src/daemon/left.c src/daemon/left.h \
	src/daemon/recorder.c src/daemon/recorder.h \
	src/daemon/host-end.c src/daemon/host-end.h \
	src/daemon/hook-files.c src/daemon/hook-files.h \
	src/daemon/hook-check.c src/daemon/hook-check.h \
	src/daemon/view.c src/daemon/view.h \
	src/daemon/foresight.c src/daemon/foresight.h \
	src/daemon/answers.c src/daemon/answers.h \
	src/daemon/labelling.c src/daemon/labelling.h \
	src/daemon/serving.c src/daemon/serving.h \
	src/daemon/habits.c src/daemon/habits.h \
	src/daemon/candidates.c src/daemon/candidates.h \
	src/daemon/hook-program.c src/daemon/hook-program.h \
	src/daemon/hook-runner.c src/daemon/hook-runner.h \
	src/daemon/conduct.c src/daemon/conduct.h \
	src/daemon/settings.c src/daemon/settings.h \
	src/daemon/manager-bus.c src/daemon/manager-bus.h \
	src/daemon/manager.c src/daemon/manager.h \
	src/daemon/main.c
virtstopd_CFLAGS = $(AM_CFLAGS) $(LIBVIRT_CFLAGS) $(SYSTEMD_CFLAGS)
virtstopd_LDADD = \
	libvsvirt.a librecord.a libconf.a libbus.a libwork.a \
	librehearsal.a libengine.a libschedule.a libcore.a libutil.a \
	$(LIBVIRT_LIBS) $(SYSTEMD_LIBS) $(GLIB_LIBS) $(JSON_LIBS)
