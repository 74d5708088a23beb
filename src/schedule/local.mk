noinst_LIBRARIES += libschedule.a
libschedule_a_SOURCES = \
	src/schedule/names.c src/schedule/names.h \
	src/schedule/graph.c src/schedule/graph.h \
	src/schedule/cut.c \
	src/schedule/schedule-private.h \
	src/schedule/build.c \
	src/schedule/time.c \
	src/schedule/schedule.c src/schedule/schedule.h \
	src/schedule/check.c
