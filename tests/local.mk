EXTRA_DIST += \
	tests/bench \
	tests/compat \
	tests/demo \
	tests/lib/tap.sh \
	tests/schedule \
	tests/traces \
	tests/tsan.supp
dist-hook:
	find $(distdir)/tests -name __pycache__ -exec rm -rf {} +

dist_check_SCRIPTS += \
	tests/check-completion.sh \
	tests/check-po.sh \
	tests/check-rooms.sh

TESTS = $(check_PROGRAMS) $(dist_check_SCRIPTS)

include tests/unit/local.mk
include tests/fuzz/local.mk
include tests/integration/local.mk
