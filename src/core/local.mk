noinst_LIBRARIES += libcore.a
libcore_a_SOURCES = \
	src/core/action.c src/core/action.h \
	src/core/agenda.c src/core/agenda.h \
	src/core/answer.c \
	src/core/ask.c \
	src/core/cause.c src/core/cause.h \
	src/core/descent.c \
	src/core/domain.c src/core/domain.h \
	src/core/end.c \
	src/core/engine-find.c \
	src/core/engine-private.h \
	src/core/engine.c src/core/engine.h \
	src/core/event.c src/core/event.h \
	src/core/guest.h \
	src/core/host-stop.c \
	src/core/host-turn.c \
	src/core/hosts.c \
	src/core/keep.c \
	src/core/ladder.c src/core/ladder.h \
	src/core/method.c src/core/method.h \
	src/core/past.c src/core/past.h \
	src/core/plan.c src/core/plan.h \
	src/core/policy.c src/core/policy.h \
	src/core/qemu-log.c src/core/qemu-log.h \
	src/core/ran.c src/core/ran.h \
	src/core/requests.c \
	src/core/revive.c \
	src/core/record.c src/core/record.h \
	src/core/run.c src/core/run.h \
	src/core/simulation.c src/core/simulation.h \
	src/core/stop.c src/core/stop.h \
	src/core/replay.c \
	src/core/schedule-build.c \
	src/core/schedule-check.c \
	src/core/schedule-cut.c \
	src/core/schedule-graph.c src/core/schedule-graph.h \
	src/core/schedule-names.c src/core/schedule-names.h \
	src/core/schedule-private.h \
	src/core/schedule-time.c \
	src/core/schedule.c src/core/schedule.h \
	src/core/trace-private.h \
	src/core/trace.c src/core/trace.h \
	src/core/watch.c
