# In the order of their floors: a file uses only what stands above it. First what is known, then what
# comes in and changes that, then the machines that look at it.
noinst_LIBRARIES += libengine.a
libengine_a_SOURCES = \
	src/engine/ran.c src/engine/ran.h \
	src/engine/stop.c src/engine/stop.h \
	src/engine/action.c src/engine/action.h \
	src/engine/stop-text.c src/engine/stop-text.h \
	src/engine/host-stop.c src/engine/host-stop.h \
	src/engine/revival.c src/engine/revival.h \
	src/engine/guest.c src/engine/guest.h \
	src/engine/agenda.c src/engine/agenda.h \
	src/engine/store.c src/engine/store.h \
	src/engine/picture.c src/engine/picture.h \
	src/engine/description.c src/engine/description.h \
	src/engine/stop-end.c src/engine/stop-end.h \
	src/engine/intent.c src/engine/intent.h \
	src/engine/run-end.c src/engine/run-end.h \
	src/engine/connections.c src/engine/connections.h \
	src/engine/event-guest.c src/engine/event-guest.h \
	src/engine/qmp-events.c src/engine/qmp-events.h \
	src/engine/guest-events.c src/engine/guest-events.h \
	src/engine/replies.c src/engine/replies.h \
	src/engine/requests.c src/engine/requests.h \
	src/engine/steps.c src/engine/steps.h \
	src/engine/due.c src/engine/due.h \
	src/engine/refusals.c src/engine/refusals.h \
	src/engine/reboot.c src/engine/reboot.h \
	src/engine/cleaning.c src/engine/cleaning.h \
	src/engine/descent.c src/engine/descent.h \
	src/engine/revive.c src/engine/revive.h \
	src/engine/host-turn.c src/engine/host-turn.h \
	src/engine/host-members.c src/engine/host-members.h \
	src/engine/host-ran.c src/engine/host-ran.h \
	src/engine/stop-all.c src/engine/stop-all.h \
	src/engine/restore.c src/engine/restore.h \
	src/engine/take-over.c src/engine/take-over.h \
	src/engine/engine.c src/engine/engine.h
