# In the order of its floors: a file uses only those above it.
noinst_LIBRARIES += libwords.a
libwords_a_SOURCES = \
	src/words/plain.c src/words/plain.h \
	src/words/joints.c src/words/joints.h \
	src/words/complain.c src/words/complain.h \
	src/words/unwritten.c src/words/unwritten.h \
	src/words/summary.c src/words/summary.h \
	src/words/withheld.c src/words/withheld.h \
	src/words/when.c src/words/when.h \
	src/words/story-step.c src/words/story-step.h \
	src/words/story-request.c src/words/story-request.h \
	src/words/story-candidates.c src/words/story-candidates.h \
	src/words/story-attempt.c src/words/story-attempt.h \
	src/words/story.c src/words/story.h \
	src/words/describe.c src/words/describe.h \
	src/words/waited.c src/words/waited.h \
	src/words/whole.c src/words/whole.h
libwords_a_CFLAGS = $(AM_CFLAGS) $(SYSTEMD_CFLAGS)
