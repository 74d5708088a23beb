# Measure, and are no tests: make tests/bench/plan-fleet
EXTRA_PROGRAMS += tests/bench/plan-fleet tests/bench/verdicts
CLEANFILES += tests/bench/plan-fleet tests/bench/verdicts
tests_bench_verdicts_SOURCES = tests/bench/verdicts.c
tests_bench_verdicts_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests/unit
tests_bench_verdicts_LDADD = $(VS_WORLD_LIBS)
tests_bench_plan_fleet_SOURCES = tests/bench/plan-fleet.c
tests_bench_plan_fleet_LDADD = librehearsal.a libengine.a libschedule.a libcore.a libutil.a $(GLIB_LIBS) $(JSON_LIBS)

EXTRA_DIST += \
	tests/bench/agent-fan-out \
	tests/bench/libvirt-guests \
	tests/bench/plan-real \
	tests/bench/stop-all \
	tests/compat \
	tests/demo \
	tests/faults \
	tests/lib/complete-bash.py \
	tests/lib/complete.zsh \
	tests/lib/po-words.py \
	tests/lib/rooms.sh \
	tests/lib/tap.sh \
	tests/mutate \
	tests/schedule \
	tests/screens \
	tests/traces \
	tests/tsan.supp
dist-hook:
	find $(distdir)/tests -name __pycache__ -exec rm -rf {} +

dist_check_SCRIPTS += \
	tests/check-completion.sh \
	tests/check-examples.sh \
	tests/check-floors.sh \
	tests/check-format.sh \
	tests/check-install.sh \
	tests/check-libvirt-guests.sh \
	tests/check-po.sh \
	tests/check-rooms.sh \
	tests/check-tree.sh \
	tests/check-units.sh

TESTS = $(check_PROGRAMS) $(dist_check_SCRIPTS)

include tests/unit/local.mk
include tests/fuzz/local.mk
include tests/integration/local.mk

dist_check_SCRIPTS += tests/oracle/test_oracle.py
EXTRA_DIST += tests/oracle/oracle.py tests/oracle/variants.py
