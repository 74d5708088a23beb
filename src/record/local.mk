# In the order of their floors: a file uses only what stands above it; tests/check-floors.sh holds that.
noinst_LIBRARIES += librecord.a
librecord_a_SOURCES = \
	src/record/writer.c src/record/writer.h \
	src/record/journal.c src/record/journal.h \
	src/record/boot.c src/record/boot.h \
	src/record/run-files.c src/record/run-files.h \
	src/record/host-stops.c src/record/host-stops.h \
	src/record/noted-runs.c src/record/noted-runs.h \
	src/record/boot-journal.c src/record/boot-journal.h \
	src/record/backward.c src/record/backward.h \
	src/record/history-store.c src/record/history-store.h \
	src/record/history-lock.c src/record/history-lock.h \
	src/record/history-mend.c src/record/history-mend.h \
	src/record/history-rotate.c src/record/history-rotate.h \
	src/record/history-mode.c src/record/history-mode.h \
	src/record/history-walk.c src/record/history-walk.h \
	src/record/history-query.c src/record/history-query.h \
	src/record/history-page.c src/record/history-page.h \
	src/record/history.c src/record/history.h
librecord_a_CFLAGS = $(AM_CFLAGS) $(SYSTEMD_CFLAGS)
