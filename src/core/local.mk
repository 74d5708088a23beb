# In the order of their floors: a file uses only what stands above it; tests/check-floors.sh holds that.
noinst_LIBRARIES += libcore.a
libcore_a_SOURCES = \
	src/core/owner.c src/core/owner.h \
	src/core/domain.c src/core/domain.h \
	src/core/finding.c src/core/finding.h \
	src/core/verdict.c src/core/verdict.h \
	src/core/method.c src/core/method.h \
	src/core/ladder.c src/core/ladder.h \
	src/core/driver.c src/core/driver.h \
	src/core/match.c src/core/match.h \
	src/core/policy.c src/core/policy.h \
	src/core/conf-value.c src/core/conf-value.h \
	src/core/conf-words.c src/core/conf-words.h \
	src/core/conf-type.c src/core/conf-type.h \
	src/core/conf-keys.c src/core/conf-keys.h \
	src/core/labels.c src/core/labels.h \
	src/core/origin.c src/core/origin.h \
	src/core/event.c src/core/event.h \
	src/core/record.c src/core/record.h \
	src/core/sentence.c src/core/sentence.h \
	src/core/record-query.c src/core/record-query.h \
	src/core/evidence.c src/core/evidence.h \
	src/core/run.c src/core/run.h \
	src/core/run-text.c src/core/run-text.h \
	src/core/qemu-log.c src/core/qemu-log.h \
	src/core/end.c src/core/end.h \
	src/core/cause.c src/core/cause.h
