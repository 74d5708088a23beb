noinst_LIBRARIES += libvsvirt.a
# In the order of its floors: a file uses only what stands above it.
libvsvirt_a_SOURCES = \
	src/virt/numbers.c \
	src/virt/agent-call.h \
	src/virt/sink.h \
	src/virt/way.c src/virt/way.h \
	src/virt/place.c src/virt/place.h \
	src/virt/cluster.c src/virt/cluster.h \
	src/virt/pidfd.c src/virt/pidfd.h \
	src/virt/process.c src/virt/process.h \
	src/virt/oom-count.c src/virt/oom-count.h \
	src/virt/kmsg.c src/virt/kmsg.h \
	src/virt/kernel-journal.c src/virt/kernel-journal.h \
	src/virt/job.c src/virt/job.h \
	src/virt/calls.c src/virt/calls.h \
	src/virt/policy-xml.c src/virt/policy-xml.h \
	src/virt/domain-xml.c src/virt/domain-xml.h \
	src/virt/domain-job.c src/virt/domain-job.h \
	src/virt/domain-stats.c src/virt/domain-stats.h \
	src/virt/metadata.c src/virt/metadata.h \
	src/virt/list.c src/virt/list.h \
	src/virt/qemu-log.c src/virt/qemu-log.h \
	src/virt/connection.c src/virt/connection.h \
	src/virt/pool.c src/virt/pool.h \
	src/virt/process-end.c src/virt/process-end.h \
	src/virt/inbox.c src/virt/inbox.h \
	src/virt/events.c src/virt/events.h \
	src/virt/auto-shutdown.c src/virt/auto-shutdown.h \
	src/virt/listener.c src/virt/listener.h \
	src/virt/link.c src/virt/link.h \
	src/virt/uri.c src/virt/uri.h \
	src/virt/virt.c src/virt/virt.h
libvsvirt_a_CFLAGS = $(AM_CFLAGS) $(LIBVIRT_CFLAGS) $(SYSTEMD_CFLAGS)
