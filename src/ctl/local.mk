# Everything but main() is a library, so that the unit tests can link it.
noinst_LIBRARIES += libctl.a
libctl_a_SOURCES = \
	src/ctl/check-config.c \
	src/ctl/blame.c \
	src/ctl/client.c src/ctl/client.h \
	src/ctl/ctl.h \
	src/ctl/describe.c src/ctl/describe.h \
	src/ctl/doctor.c src/ctl/doctor.h \
	src/ctl/doctor-daemon.c \
	src/ctl/doctor-guests.c \
	src/ctl/doctor-host.c \
	src/ctl/evidence.c src/ctl/evidence.h \
	src/ctl/findings.c src/ctl/findings.h \
	src/ctl/help.c src/ctl/help.h \
	src/ctl/history.c \
	src/ctl/hook.c src/ctl/hook.h \
	src/ctl/hook-bus.c \
	src/ctl/hook-child.c \
	src/ctl/hook-daemon.c \
	src/ctl/hook-libvirt.c \
	src/ctl/hook-list.c \
	src/ctl/hook-private.h \
	src/ctl/hook-system.c \
	src/ctl/host-stop.c src/ctl/host-stop.h \
	src/ctl/libvirt-guests.c src/ctl/libvirt-guests.h \
	src/ctl/list.c \
	src/ctl/manager.c src/ctl/manager.h \
	src/ctl/objects.c src/ctl/objects.h \
	src/ctl/objects-json.c \
	src/ctl/options.c src/ctl/options.h \
	src/ctl/output.c src/ctl/output.h \
	src/ctl/plan.c src/ctl/plan.h \
	src/ctl/plan-text.c src/ctl/plan-text.h \
	src/ctl/plot.c \
	src/ctl/record-pages.c src/ctl/record-pages.h \
	src/ctl/records.c src/ctl/records.h \
	src/ctl/replay.c \
	src/ctl/signals.c src/ctl/signals.h \
	src/ctl/status.c \
	src/ctl/steer.c \
	src/ctl/stop.c \
	src/ctl/stop-all.c src/ctl/stop-all.h \
	src/ctl/stop-catch-up.c \
	src/ctl/stop-news.c \
	src/ctl/stop-view.c src/ctl/stop-view.h \
	src/ctl/stop-wait.c src/ctl/stop-wait.h \
	src/ctl/stop-wait-private.h \
	src/ctl/story.c src/ctl/story.h \
	src/ctl/story-request.c src/ctl/story-request.h \
	src/ctl/table.c src/ctl/table.h \
	src/ctl/terminal.c src/ctl/terminal.h \
	src/ctl/timeline.c src/ctl/timeline.h \
	src/ctl/timeline-svg.c \
	src/ctl/units.c src/ctl/units.h \
	src/ctl/verbs.c src/ctl/verbs.h \
	src/ctl/watch.c \
	src/ctl/when.c src/ctl/when.h \
	src/ctl/why.c
libctl_a_CFLAGS = $(AM_CFLAGS) $(SYSTEMD_CFLAGS)

bin_PROGRAMS += virtstopctl
virtstopctl_SOURCES = src/ctl/main.c
virtstopctl_CFLAGS = $(AM_CFLAGS) $(SYSTEMD_CFLAGS)
virtstopctl_LDADD = libctl.a librehearsal.a libengine.a libschedule.a libcore.a libutil.a $(SYSTEMD_LIBS) $(GLIB_LIBS) $(JSON_LIBS)
