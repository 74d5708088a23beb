# Needs root, libvirt with QEMU and more, see tests/packages.txt; without them a test skips itself and says why,
# or fails where VS_LAB=required is set.
dist_check_SCRIPTS += \
	tests/integration/test_aarch64.py \
	tests/integration/test_away.py \
	tests/integration/test_bus.py \
	tests/integration/test_burst.py \
	tests/integration/test_files.py \
	tests/integration/test_causes.py \
	tests/integration/test_causes_unseen.py \
	tests/integration/test_containers.py \
	tests/integration/test_faults.py \
	tests/integration/test_flood.py \
	tests/integration/test_hooks.py \
	tests/integration/test_host.py \
	tests/integration/test_host_failure.py \
	tests/integration/test_host_faults.py \
	tests/integration/test_host_harm.py \
	tests/integration/test_host_libvirt_guests.py \
	tests/integration/test_host_restart.py \
	tests/integration/test_host_user.py \
	tests/integration/test_hung.py \
	tests/integration/test_images.py \
	tests/integration/test_input.py \
	tests/integration/test_just_started.py \
	tests/integration/test_lab.py \
	tests/integration/test_ladder.py \
	tests/integration/test_lost.py \
	tests/integration/test_obstacles.py \
	tests/integration/test_otherwise.py \
	tests/integration/test_own_user.py \
	tests/integration/test_owner.py \
	tests/integration/test_pauses.py \
	tests/integration/test_part.py \
	tests/integration/test_plan.py \
	tests/integration/test_policy.py \
	tests/integration/test_polkit.py \
	tests/integration/test_process_end.py \
	tests/integration/test_quickstart.py \
	tests/integration/test_restart.py \
	tests/integration/test_revive.py \
	tests/integration/test_run_state.py \
	tests/integration/test_table.py \
	tests/integration/test_same_libvirt.py \
	tests/integration/test_taken_over.py \
	tests/integration/test_told.py \
	tests/integration/test_candidates.py \
	tests/integration/test_user.py \
	tests/integration/test_watched.py \
	tests/integration/test_writer.py

# No *.pyc in the source tree.
AM_PY_LOG_FLAGS = -B

EXTRA_DIST += \
	tests/integration/test_host_power.py \
	tests/integration/run-state-1/destroyed.json \
	tests/integration/run-state-1/first.json \
	tests/integration/run-state-1/paused.json \
	tests/integration/run-state-1/queued.json \
	tests/integration/run-state-1/saved.json \
	tests/integration/run-state-1/second.json \
	tests/integration/aarch64.table \
	tests/integration/stops.table \
	tests/packages.txt \
	tests/guests/build-linux \
	tests/guests/build-tiny \
	tests/guests/build-tiny-virt \
	tests/guests/linux-init \
	tests/guests/linux-shutdown \
	tests/guests/qemu-taken-over \
	tests/guests/tiny-pc.c \
	tests/guests/tiny-virt.c \
	tests/guests/tiny-virt.ld \
	tests/guests/tiny.c \
	tests/guests/tiny.h \
	tests/lib/vslab/__init__.py \
	tests/lib/vslab/barelab.py \
	tests/lib/vslab/boots.py \
	tests/lib/vslab/bus.py \
	tests/lib/vslab/causes.py \
	tests/lib/vslab/cgroups.py \
	tests/lib/vslab/client.py \
	tests/lib/vslab/console.py \
	tests/lib/vslab/container.py \
	tests/lib/vslab/daemon.py \
	tests/lib/vslab/disk.py \
	tests/lib/vslab/dump.py \
	tests/lib/vslab/elsewhere.py \
	tests/lib/vslab/errors.py \
	tests/lib/vslab/events.py \
	tests/lib/vslab/flood.py \
	tests/lib/vslab/guest.py \
	tests/lib/vslab/host.py \
	tests/lib/vslab/hostfleet.py \
	tests/lib/vslab/hostguest.py \
	tests/lib/vslab/hostkind.py \
	tests/lib/vslab/hostlab.py \
	tests/lib/vslab/hostroot.py \
	tests/lib/vslab/images.py \
	tests/lib/vslab/installed.py \
	tests/lib/vslab/journal.py \
	tests/lib/vslab/kernel.py \
	tests/lib/vslab/lab.py \
	tests/lib/vslab/ladders.py \
	tests/lib/vslab/libvirtd.py \
	tests/lib/vslab/machines.py \
	tests/lib/vslab/monitor.py \
	tests/lib/vslab/polkit.py \
	tests/lib/vslab/way.py \
	tests/lib/vslab/process.py \
	tests/lib/vslab/session.py \
	tests/lib/vslab/stoptable.py \
	tests/lib/vslab/tap.py \
	tests/lib/vslab/terminal.py \
	tests/lib/vslab/world.py

# Made by the tests on demand.
clean-local:
	rm -rf tests/images tests/installed
