noinst_LIBRARIES += libengine.a
libengine_a_SOURCES = \
	src/engine/action.c src/engine/action.h \
	src/engine/agenda.c src/engine/agenda.h \
	src/engine/ask.c \
	src/engine/connections.c \
	src/engine/descent.c \
	src/engine/engine-find.c \
	src/engine/engine-private.h \
	src/engine/engine.c src/engine/engine.h \
	src/engine/guest-events.c \
	src/engine/guest.h \
	src/engine/host-stop.c \
	src/engine/host-turn.c \
	src/engine/ran.c src/engine/ran.h \
	src/engine/replies.c \
	src/engine/requests.c \
	src/engine/restore.c \
	src/engine/run-end.c \
	src/engine/run-state.c \
	src/engine/stop.c src/engine/stop.h
