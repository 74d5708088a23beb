noinst_LIBRARIES += librecord.a
librecord_a_SOURCES = \
	src/record/backward.c src/record/backward.h \
	src/record/history.c src/record/history.h \
	src/record/history-mend.c \
	src/record/history-private.h \
	src/record/history-query.c \
	src/record/history-rotate.c \
	src/record/journal.c src/record/journal.h \
	src/record/run-state.c src/record/run-state.h \
	src/record/host-stops.c src/record/host-stops.h
librecord_a_CFLAGS = $(AM_CFLAGS) $(SYSTEMD_CFLAGS)
