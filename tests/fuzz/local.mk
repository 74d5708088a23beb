# Fuzz targets, which double as tests; see tests/fuzz/fuzz.h.
EXTRA_DIST += tests/fuzz/corpus

VS_FUZZ_LIBS = librehearsal.a libengine.a libschedule.a libcore.a libutil.a $(GLIB_LIBS) $(JSON_LIBS)

check_PROGRAMS += \
	tests/fuzz/fuzz-qemu-log \
	tests/fuzz/fuzz-story \
	tests/fuzz/fuzz-take-over \
	tests/fuzz/fuzz-trace
tests_fuzz_fuzz_qemu_log_SOURCES = tests/fuzz/fuzz-qemu-log.c tests/fuzz/fuzz.h tests/fuzz/standalone.c
tests_fuzz_fuzz_qemu_log_LDADD = $(VS_FUZZ_LIBS)
tests_fuzz_fuzz_story_SOURCES = tests/fuzz/fuzz-story.c tests/fuzz/fuzz.h tests/fuzz/standalone.c
tests_fuzz_fuzz_story_LDADD = libctl.a libwords.a libclient.a $(VS_FUZZ_LIBS) $(SYSTEMD_LIBS)
tests_fuzz_fuzz_take_over_SOURCES = tests/fuzz/fuzz-take-over.c tests/fuzz/fuzz.h tests/fuzz/standalone.c
tests_fuzz_fuzz_take_over_LDADD = $(VS_FUZZ_LIBS)
tests_fuzz_fuzz_trace_SOURCES = tests/fuzz/fuzz-trace.c tests/fuzz/fuzz.h tests/fuzz/standalone.c
tests_fuzz_fuzz_trace_LDADD = $(VS_FUZZ_LIBS)
