# In the order of its floors: a file uses only those above it. Everything but main() is a library, so
# that the unit tests can link it.
noinst_LIBRARIES += libctl.a
libctl_a_SOURCES = \
	src/ctl/ctl.h \
	src/ctl/verbs.h \
	src/ctl/terminal.c src/ctl/terminal.h \
	src/ctl/own-command.c src/ctl/own-command.h \
	src/ctl/agent.c src/ctl/agent.h \
	src/ctl/output.c src/ctl/output.h \
	src/ctl/table.c src/ctl/table.h \
	src/ctl/absent.c src/ctl/absent.h \
	src/ctl/beside.c src/ctl/beside.h \
	src/ctl/evidence.c src/ctl/evidence.h \
	src/ctl/host-stop.c src/ctl/host-stop.h \
	src/ctl/host-stop-head.c src/ctl/host-stop-head.h \
	src/ctl/record-row.c src/ctl/record-row.h \
	src/ctl/findings.c src/ctl/findings.h \
	src/ctl/libvirt-guests.c src/ctl/libvirt-guests.h \
	src/ctl/plan-text.c src/ctl/plan-text.h \
	src/ctl/part.c src/ctl/part.h \
	src/ctl/plan.c src/ctl/plan.h \
	src/ctl/timeline.c src/ctl/timeline.h \
	src/ctl/timeline-svg.c src/ctl/timeline-svg.h \
	src/ctl/joined.c src/ctl/joined.h \
	src/ctl/noted.c src/ctl/noted.h \
	src/ctl/stop-view.c src/ctl/stop-view.h \
	src/ctl/policy-view.c src/ctl/policy-view.h \
	src/ctl/doctor-paste.c src/ctl/doctor-paste.h \
	src/ctl/doctor-config.c src/ctl/doctor-config.h \
	src/ctl/doctor-guests.c src/ctl/doctor-guests.h \
	src/ctl/doctor-daemon.c src/ctl/doctor-daemon.h \
	src/ctl/doctor-way.c src/ctl/doctor-way.h \
	src/ctl/doctor-host.c src/ctl/doctor-host.h \
	src/ctl/doctor-user.c src/ctl/doctor-user.h \
	src/ctl/doctor-session.c src/ctl/doctor-session.h \
	src/ctl/glob.c src/ctl/glob.h \
	src/ctl/history-guests.c src/ctl/history-guests.h \
	src/ctl/watch-words.c src/ctl/watch-words.h \
	src/ctl/doctor.c \
	src/ctl/blame.c \
	src/ctl/check-config.c \
	src/ctl/edit-policy.c \
	src/ctl/history.c \
	src/ctl/list.c \
	src/ctl/plot.c \
	src/ctl/replay.c \
	src/ctl/set-policy.c \
	src/ctl/show-policy.c \
	src/ctl/status.c \
	src/ctl/steer.c \
	src/ctl/stop.c \
	src/ctl/stop-all.c \
	src/ctl/watch.c \
	src/ctl/why.c \
	src/ctl/records-file.c src/ctl/records-file.h \
	src/ctl/verb-table.c src/ctl/verb-table.h \
	src/ctl/guests.c src/ctl/guests.h \
	src/ctl/choice.c src/ctl/choice.h \
	src/ctl/moment.c src/ctl/moment.h \
	src/ctl/options.c src/ctl/options.h \
	src/ctl/command-line.c src/ctl/command-line.h \
	src/ctl/help.c src/ctl/help.h
libctl_a_CFLAGS = $(AM_CFLAGS) $(SYSTEMD_CFLAGS)

bin_PROGRAMS += virtstopctl
virtstopctl_SOURCES = src/ctl/main.c
virtstopctl_CFLAGS = $(AM_CFLAGS) $(SYSTEMD_CFLAGS)
virtstopctl_LDADD = libctl.a libwords.a libclient.a librecord.a libwork.a librehearsal.a libengine.a libschedule.a libcore.a libutil.a $(SYSTEMD_LIBS) $(GLIB_LIBS) $(JSON_LIBS)
