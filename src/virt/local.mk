noinst_LIBRARIES += libvsvirt.a
libvsvirt_a_SOURCES = \
	src/virt/calls.c src/virt/calls.h \
	src/virt/connection.c src/virt/connection.h \
	src/virt/domain-xml.c src/virt/domain-xml.h \
	src/virt/events.c src/virt/events.h \
	src/virt/host.c src/virt/host.h \
	src/virt/job.c src/virt/job.h \
	src/virt/link.c src/virt/link.h \
	src/virt/list.c src/virt/list.h \
	src/virt/listener.c src/virt/listener.h \
	src/virt/numbers.c \
	src/virt/place.c src/virt/place.h \
	src/virt/pool.c src/virt/pool.h \
	src/virt/process.c src/virt/process.h \
	src/virt/qemu-log.c src/virt/qemu-log.h \
	src/virt/threads.c src/virt/threads.h \
	src/virt/virt.c src/virt/virt.h
libvsvirt_a_CFLAGS = $(AM_CFLAGS) $(LIBVIRT_CFLAGS)
