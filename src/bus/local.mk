# From the floor up: a file uses only what stands above it here.
noinst_LIBRARIES += libbus.a
libbus_a_SOURCES = \
	src/bus/ops.h \
	src/bus/message.c src/bus/message.h \
	src/bus/errors.c src/bus/errors.h \
	src/bus/options.c src/bus/options.h \
	src/bus/path.c src/bus/path.h \
	src/bus/source.c src/bus/source.h \
	src/bus/service.c src/bus/service.h \
	src/bus/user-names.c src/bus/user-names.h \
	src/bus/callers.c src/bus/callers.h \
	src/bus/allowance.c src/bus/allowance.h \
	src/bus/gate.c src/bus/gate.h \
	src/bus/questions.c src/bus/questions.h \
	src/bus/deed.c src/bus/deed.h \
	src/bus/polkit.c src/bus/polkit.h \
	src/bus/access.c src/bus/access.h \
	src/bus/asker.c src/bus/asker.h \
	src/bus/requester.c src/bus/requester.h \
	src/bus/signals.c src/bus/signals.h \
	src/bus/stops.c src/bus/stops.h \
	src/bus/host-stops.c src/bus/host-stops.h \
	src/bus/inquiry.c src/bus/inquiry.h \
	src/bus/request-one.c src/bus/request-one.h \
	src/bus/request-all.c src/bus/request-all.h \
	src/bus/told.c src/bus/told.h \
	src/bus/records.c src/bus/records.h \
	src/bus/lists.c src/bus/lists.h \
	src/bus/policy.c src/bus/policy.h \
	src/bus/check.c src/bus/check.h \
	src/bus/plan.c src/bus/plan.h \
	src/bus/domain-object.c src/bus/domain-object.h \
	src/bus/stop-object.c src/bus/stop-object.h \
	src/bus/host-stop-object.c src/bus/host-stop-object.h \
	src/bus/manager-object.c src/bus/manager-object.h \
	src/bus/logind.c src/bus/logind.h \
	src/bus/tell.c src/bus/tell.h \
	src/bus/connect.c src/bus/connect.h \
	src/bus/bus.c src/bus/bus.h
libbus_a_CFLAGS = $(AM_CFLAGS) $(SYSTEMD_CFLAGS)
