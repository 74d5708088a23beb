# In the order of their floors: a file uses only what stands above it; tests/check-floors.sh holds that.
noinst_LIBRARIES += librehearsal.a
librehearsal_a_SOURCES = \
	src/rehearsal/answer.c src/rehearsal/answer.h \
	src/rehearsal/past-stop.c src/rehearsal/past-stop.h \
	src/rehearsal/durations.c src/rehearsal/durations.h \
	src/rehearsal/simulation.c src/rehearsal/simulation.h \
	src/rehearsal/forecast.c src/rehearsal/forecast.h \
	src/rehearsal/shortage.c src/rehearsal/shortage.h \
	src/rehearsal/plan.c src/rehearsal/plan.h \
	src/rehearsal/check.c src/rehearsal/check.h \
	src/rehearsal/trace.c src/rehearsal/trace.h \
	src/rehearsal/replay.c src/rehearsal/replay.h
