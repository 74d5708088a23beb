noinst_LIBRARIES += libutil.a
libutil_a_SOURCES = \
	src/util/error.c src/util/error.h \
	src/util/file.c src/util/file.h \
	src/util/i18n.h \
	src/util/json.c src/util/json.h \
	src/util/span.c src/util/span.h \
	src/util/text.c src/util/text.h \
	src/util/uuid.c src/util/uuid.h \
	src/util/wallclock.c src/util/wallclock.h
