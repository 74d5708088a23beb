# In the order of their floors: a file uses only what stands above it; tests/check-floors.sh holds that.
noinst_LIBRARIES += libschedule.a
libschedule_a_SOURCES = \
	src/schedule/names.c src/schedule/names.h \
	src/schedule/graph.c src/schedule/graph.h \
	src/schedule/cut.c src/schedule/cut.h \
	src/schedule/check.c src/schedule/check.h \
	src/schedule/cost.c src/schedule/cost.h \
	src/schedule/nodes.h \
	src/schedule/build.c src/schedule/build.h \
	src/schedule/time.c src/schedule/time.h \
	src/schedule/schedule.c src/schedule/schedule.h
