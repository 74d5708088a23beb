# In the order of their floors: a file uses only what stands above it; tests/check-floors.sh holds that.
noinst_LIBRARIES += libutil.a
libutil_a_SOURCES = \
	src/util/i18n.h \
	src/util/error.c src/util/error.h \
	src/util/text.c src/util/text.h \
	src/util/similar.c src/util/similar.h \
	src/util/span.c src/util/span.h \
	src/util/wallclock.c src/util/wallclock.h \
	src/util/uuid.c src/util/uuid.h \
	src/util/scope.c src/util/scope.h \
	src/util/json.c src/util/json.h \
	src/util/qemu-conf.c src/util/qemu-conf.h \
	src/util/file.c src/util/file.h
