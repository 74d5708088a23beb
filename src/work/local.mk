# In the order of its floors: a file uses only what stands above it.
noinst_LIBRARIES += libwork.a
libwork_a_SOURCES = \
	src/work/threads.c src/work/threads.h \
	src/work/clerk.c src/work/clerk.h \
	src/work/timer.c src/work/timer.h
