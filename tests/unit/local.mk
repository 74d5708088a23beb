# Unit tests: one program a file of src, each prints TAP.
check_LIBRARIES += libvstest.a libvsworld.a
libvstest_a_SOURCES = tests/unit/vs-test.c tests/unit/vs-test.h

VS_UTIL_TEST_LIBS = libvstest.a libutil.a $(GLIB_LIBS) $(JSON_LIBS)

check_PROGRAMS += \
	tests/unit/test-file \
	tests/unit/test-json \
	tests/unit/test-similar \
	tests/unit/test-span \
	tests/unit/test-scope \
	tests/unit/test-text \
	tests/unit/test-uuid \
	tests/unit/test-wallclock
tests_unit_test_file_SOURCES = tests/unit/test-file.c
tests_unit_test_file_LDADD = $(VS_UTIL_TEST_LIBS)
tests_unit_test_json_SOURCES = tests/unit/test-json.c
tests_unit_test_json_LDADD = $(VS_UTIL_TEST_LIBS)
tests_unit_test_scope_SOURCES = tests/unit/test-scope.c
tests_unit_test_scope_LDADD = $(VS_UTIL_TEST_LIBS)
tests_unit_test_similar_SOURCES = tests/unit/test-similar.c
tests_unit_test_similar_LDADD = $(VS_UTIL_TEST_LIBS)
tests_unit_test_span_SOURCES = tests/unit/test-span.c
tests_unit_test_span_LDADD = $(VS_UTIL_TEST_LIBS)
tests_unit_test_text_SOURCES = tests/unit/test-text.c
tests_unit_test_text_LDADD = $(VS_UTIL_TEST_LIBS)
tests_unit_test_uuid_SOURCES = tests/unit/test-uuid.c
tests_unit_test_uuid_LDADD = $(VS_UTIL_TEST_LIBS)
tests_unit_test_wallclock_SOURCES = tests/unit/test-wallclock.c
tests_unit_test_wallclock_LDADD = $(VS_UTIL_TEST_LIBS)

check_PROGRAMS += tests/unit/test-log
tests_unit_test_log_SOURCES = tests/unit/test-log.c src/daemon/log.c
tests_unit_test_log_LDADD = libvstest.a libwork.a libutil.a $(GLIB_LIBS) $(JSON_LIBS)

check_PROGRAMS += tests/unit/test-clerk
tests_unit_test_clerk_SOURCES = tests/unit/test-clerk.c
tests_unit_test_clerk_LDADD = libvstest.a libwork.a libutil.a $(GLIB_LIBS) $(JSON_LIBS)

VS_CONF_TEST_LIBS = libvstest.a libconf.a libschedule.a libcore.a libutil.a $(GLIB_LIBS) $(JSON_LIBS)

check_PROGRAMS += \
	tests/unit/test-conf \
	tests/unit/test-conf-file \
	tests/unit/test-conf-guest \
	tests/unit/test-conf-round \
	tests/unit/test-conf-keys
tests_unit_test_conf_SOURCES = \
	tests/unit/conf-fixture.c tests/unit/conf-fixture.h \
	tests/unit/test-conf.c
tests_unit_test_conf_LDADD = $(VS_CONF_TEST_LIBS)
tests_unit_test_conf_file_SOURCES = \
	tests/unit/conf-fixture.c tests/unit/conf-fixture.h \
	tests/unit/test-conf-file.c
tests_unit_test_conf_file_LDADD = $(VS_CONF_TEST_LIBS)
tests_unit_test_conf_guest_SOURCES = \
	tests/unit/conf-fixture.c tests/unit/conf-fixture.h \
	tests/unit/test-conf-guest.c
tests_unit_test_conf_guest_LDADD = $(VS_CONF_TEST_LIBS)
tests_unit_test_conf_round_SOURCES = tests/unit/test-conf-round.c
tests_unit_test_conf_round_LDADD = $(VS_CONF_TEST_LIBS)
tests_unit_test_conf_keys_SOURCES = \
	tests/unit/conf-fixture.c tests/unit/conf-fixture.h \
	tests/unit/test-conf-keys.c
tests_unit_test_conf_keys_LDADD = $(VS_CONF_TEST_LIBS)

VS_RECORD_TEST_LIBS = libvstest.a librecord.a libcore.a libutil.a $(GLIB_LIBS) $(JSON_LIBS) $(SYSTEMD_LIBS)

check_PROGRAMS += \
	tests/unit/test-history \
	tests/unit/test-history-page \
	tests/unit/test-history-query \
	tests/unit/test-writer \
	tests/unit/test-journal \
	tests/unit/test-run-files
tests_unit_test_history_SOURCES = tests/unit/test-history.c
tests_unit_test_history_LDADD = $(VS_RECORD_TEST_LIBS)
tests_unit_test_history_page_SOURCES = tests/unit/test-history-page.c
tests_unit_test_history_page_LDADD = $(VS_RECORD_TEST_LIBS)
tests_unit_test_writer_SOURCES = tests/unit/test-writer.c src/daemon/write.c
tests_unit_test_writer_LDADD = libvstest.a librecord.a libwork.a libcore.a libutil.a $(GLIB_LIBS) $(JSON_LIBS) $(SYSTEMD_LIBS)
check_PROGRAMS += tests/unit/test-disclosure
tests_unit_test_disclosure_SOURCES = tests/unit/test-disclosure.c
tests_unit_test_disclosure_LDADD = libvstest.a libcore.a libutil.a $(GLIB_LIBS) $(JSON_LIBS)

check_PROGRAMS += tests/unit/test-candidates
tests_unit_test_candidates_SOURCES = tests/unit/test-candidates.c src/daemon/candidates.c
tests_unit_test_candidates_LDADD = \
	libvstest.a libwork.a libengine.a libschedule.a libcore.a libutil.a $(GLIB_LIBS) $(JSON_LIBS)

check_PROGRAMS += tests/unit/test-hook-files
tests_unit_test_hook_files_SOURCES = \
	tests/unit/test-hook-files.c src/daemon/hook-files.c src/daemon/log.c
tests_unit_test_hook_files_LDADD = \
	libvstest.a libconf.a libwork.a libschedule.a libcore.a libutil.a \
	$(GLIB_LIBS) $(JSON_LIBS) $(SYSTEMD_LIBS)
check_PROGRAMS += tests/unit/test-recorder
tests_unit_test_recorder_SOURCES = \
	tests/unit/test-recorder.c \
	src/daemon/left-noted.c src/daemon/left.c src/daemon/log.c src/daemon/recorder.c src/daemon/write.c
tests_unit_test_recorder_LDADD = \
	libvstest.a librecord.a libconf.a libwork.a libengine.a libschedule.a libcore.a libutil.a \
	$(GLIB_LIBS) $(JSON_LIBS) $(SYSTEMD_LIBS)
tests_unit_test_history_query_SOURCES = tests/unit/test-history-query.c
tests_unit_test_history_query_LDADD = $(VS_RECORD_TEST_LIBS)
tests_unit_test_journal_SOURCES = tests/unit/test-journal.c
tests_unit_test_journal_LDADD = $(VS_RECORD_TEST_LIBS)
tests_unit_test_run_files_SOURCES = tests/unit/test-run-files.c
tests_unit_test_run_files_LDADD = $(VS_RECORD_TEST_LIBS)

# The service on a private bus, with a client of its own.
check_LIBRARIES += libvsbustest.a
libvsbustest_a_SOURCES = \
	tests/unit/bus-client.c tests/unit/bus-client.h \
	tests/unit/bus-fixture.c tests/unit/bus-fixture.h \
	tests/unit/bus-other.c tests/unit/bus-other.h \
	tests/unit/played-polkit.c tests/unit/played-polkit.h \
	tests/unit/private-bus.c tests/unit/private-bus.h
libvsbustest_a_CFLAGS = $(AM_CFLAGS) $(SYSTEMD_CFLAGS)

VS_BUS_TEST_LIBS = libvsbustest.a libvstest.a libbus.a libwork.a libengine.a libschedule.a libcore.a libutil.a $(GLIB_LIBS) $(JSON_LIBS) $(SYSTEMD_LIBS)

check_PROGRAMS += \
	tests/unit/test-bus \
	tests/unit/test-bus-gate \
	tests/unit/test-bus-host-stop \
	tests/unit/test-bus-introspection \
	tests/unit/test-bus-life \
	tests/unit/test-bus-objects \
	tests/unit/test-bus-over \
	tests/unit/test-bus-history-rights \
	tests/unit/test-bus-polkit \
	tests/unit/test-bus-source
tests_unit_test_bus_SOURCES = tests/unit/test-bus.c
tests_unit_test_bus_CFLAGS = $(AM_CFLAGS) $(SYSTEMD_CFLAGS)
tests_unit_test_bus_LDADD = $(VS_BUS_TEST_LIBS)
tests_unit_test_bus_gate_SOURCES = tests/unit/test-bus-gate.c
tests_unit_test_bus_gate_CFLAGS = $(AM_CFLAGS) $(SYSTEMD_CFLAGS)
tests_unit_test_bus_gate_LDADD = $(VS_BUS_TEST_LIBS)
tests_unit_test_bus_host_stop_SOURCES = tests/unit/test-bus-host-stop.c
tests_unit_test_bus_host_stop_CFLAGS = $(AM_CFLAGS) $(SYSTEMD_CFLAGS)
tests_unit_test_bus_host_stop_LDADD = $(VS_BUS_TEST_LIBS)
tests_unit_test_bus_introspection_SOURCES = tests/unit/test-bus-introspection.c
tests_unit_test_bus_introspection_CFLAGS = $(AM_CFLAGS) $(SYSTEMD_CFLAGS)
tests_unit_test_bus_introspection_LDADD = $(VS_BUS_TEST_LIBS)
tests_unit_test_bus_life_SOURCES = tests/unit/test-bus-life.c
tests_unit_test_bus_life_CFLAGS = $(AM_CFLAGS) $(SYSTEMD_CFLAGS)
tests_unit_test_bus_life_LDADD = $(VS_BUS_TEST_LIBS)
tests_unit_test_bus_objects_SOURCES = tests/unit/test-bus-objects.c
tests_unit_test_bus_objects_CFLAGS = $(AM_CFLAGS) $(SYSTEMD_CFLAGS)
tests_unit_test_bus_objects_LDADD = $(VS_BUS_TEST_LIBS)
tests_unit_test_bus_over_SOURCES = tests/unit/test-bus-over.c
tests_unit_test_bus_over_CFLAGS = $(AM_CFLAGS) $(SYSTEMD_CFLAGS)
tests_unit_test_bus_over_LDADD = $(VS_BUS_TEST_LIBS)
tests_unit_test_bus_history_rights_SOURCES = tests/unit/test-bus-history-rights.c
tests_unit_test_bus_history_rights_CFLAGS = $(AM_CFLAGS) $(SYSTEMD_CFLAGS)
tests_unit_test_bus_history_rights_LDADD = $(VS_BUS_TEST_LIBS)
tests_unit_test_bus_polkit_SOURCES = tests/unit/test-bus-polkit.c
tests_unit_test_bus_polkit_CFLAGS = $(AM_CFLAGS) $(SYSTEMD_CFLAGS)
tests_unit_test_bus_polkit_LDADD = $(VS_BUS_TEST_LIBS)
tests_unit_test_bus_source_SOURCES = tests/unit/test-bus-source.c
tests_unit_test_bus_source_CFLAGS = $(AM_CFLAGS) $(SYSTEMD_CFLAGS)
tests_unit_test_bus_source_LDADD = $(VS_BUS_TEST_LIBS)

VS_CORE_TEST_LIBS = libvstest.a librehearsal.a libengine.a libschedule.a libcore.a libutil.a $(GLIB_LIBS) $(JSON_LIBS)

check_LIBRARIES += libvslab.a
libvslab_a_SOURCES = \
	tests/unit/engine-lab-world.c \
	tests/unit/engine-lab.c tests/unit/engine-lab.h \
	tests/unit/fleet.c tests/unit/fleet.h

check_PROGRAMS += \
	tests/unit/test-absence \
	tests/unit/test-cause \
	tests/unit/test-check \
	tests/unit/test-circumstances \
	tests/unit/test-domain \
	tests/unit/test-event \
	tests/unit/test-engine-answers \
	tests/unit/test-engine-flood \
	tests/unit/test-engine-auto-shutdown \
	tests/unit/test-engine-away \
	tests/unit/test-engine-guest \
	tests/unit/test-engine-heard \
	tests/unit/test-engine-run-state \
	tests/unit/test-engine-hooks \
	tests/unit/test-engine-inquiry \
	tests/unit/test-engine-save \
	tests/unit/test-engine-take-over \
	tests/unit/test-engine-ladder \
	tests/unit/test-engine-container \
	tests/unit/test-engine-corners \
	tests/unit/test-engine-description \
	tests/unit/test-engine-labels \
	tests/unit/test-engine-unlisted \
	tests/unit/test-engine-host-failure \
	tests/unit/test-engine-late \
	tests/unit/test-engine-absence \
	tests/unit/test-engine-circumstances \
	tests/unit/test-engine-candidates \
	tests/unit/test-engine-obstacle \
	tests/unit/test-engine-libvirt \
	tests/unit/test-engine-host-stop \
	tests/unit/test-engine-intent \
	tests/unit/test-engine-deaf \
	tests/unit/test-engine-otherwise \
	tests/unit/test-engine-races \
	tests/unit/test-engine-reboot \
	tests/unit/test-engine-requests \
	tests/unit/test-engine-part \
	tests/unit/test-engine-part-labels \
	tests/unit/test-engine-restore \
	tests/unit/test-engine-owner \
	tests/unit/test-engine-revive \
	tests/unit/test-golden \
	tests/unit/test-evidence \
	tests/unit/test-habit \
	tests/unit/test-labels \
	tests/unit/test-ladder \
	tests/unit/test-driver \
	tests/unit/test-host-kind \
	tests/unit/test-kernel-log \
	tests/unit/test-method \
	tests/unit/test-policy \
	tests/unit/test-process-cause \
	tests/unit/test-process-text \
	tests/unit/test-qemu-log \
	tests/unit/test-plan \
	tests/unit/test-plan-budget \
	tests/unit/test-random \
	tests/unit/test-schedule \
	tests/unit/test-schedule-golden \
	tests/unit/test-schedule-random \
	tests/unit/test-host-end \
	tests/unit/test-record \
	tests/unit/test-request-record \
	tests/unit/test-sentence \
	tests/unit/test-run \
	tests/unit/test-run-text \
	tests/unit/test-trace
tests_unit_test_engine_labels_SOURCES = tests/unit/test-engine-labels.c
tests_unit_test_engine_labels_LDADD = libvslab.a $(VS_CORE_TEST_LIBS)
tests_unit_test_engine_description_SOURCES = tests/unit/test-engine-description.c
tests_unit_test_engine_description_LDADD = libvslab.a $(VS_CORE_TEST_LIBS)
tests_unit_test_engine_unlisted_SOURCES = tests/unit/test-engine-unlisted.c
tests_unit_test_engine_unlisted_LDADD = libvslab.a $(VS_CORE_TEST_LIBS)
tests_unit_test_engine_answers_SOURCES = tests/unit/test-engine-answers.c
tests_unit_test_engine_answers_LDADD = libvslab.a $(VS_CORE_TEST_LIBS)
tests_unit_test_engine_flood_SOURCES = tests/unit/test-engine-flood.c
tests_unit_test_engine_flood_LDADD = libvslab.a $(VS_CORE_TEST_LIBS)
tests_unit_test_labels_SOURCES = tests/unit/test-labels.c
tests_unit_test_labels_LDADD = $(VS_CORE_TEST_LIBS)
tests_unit_test_evidence_SOURCES = tests/unit/test-evidence.c
tests_unit_test_evidence_LDADD = $(VS_CORE_TEST_LIBS)
tests_unit_test_habit_SOURCES = tests/unit/test-habit.c
tests_unit_test_habit_LDADD = $(VS_CORE_TEST_LIBS)
tests_unit_test_engine_auto_shutdown_SOURCES = tests/unit/test-engine-auto-shutdown.c
tests_unit_test_engine_auto_shutdown_LDADD = libvslab.a $(VS_CORE_TEST_LIBS)
tests_unit_test_engine_away_SOURCES = tests/unit/test-engine-away.c
tests_unit_test_engine_away_LDADD = libvslab.a $(VS_CORE_TEST_LIBS)
tests_unit_test_engine_guest_SOURCES = tests/unit/test-engine-guest.c
tests_unit_test_engine_guest_LDADD = libvslab.a $(VS_CORE_TEST_LIBS)

tests_unit_test_engine_heard_SOURCES = tests/unit/test-engine-heard.c
tests_unit_test_engine_heard_LDADD = libvslab.a $(VS_CORE_TEST_LIBS)
tests_unit_test_engine_run_state_SOURCES = tests/unit/test-engine-run-state.c
tests_unit_test_engine_run_state_LDADD = libvslab.a $(VS_CORE_TEST_LIBS)
tests_unit_test_engine_ladder_SOURCES = tests/unit/test-engine-ladder.c
tests_unit_test_engine_ladder_LDADD = libvslab.a $(VS_CORE_TEST_LIBS)
tests_unit_test_engine_libvirt_SOURCES = tests/unit/test-engine-libvirt.c
tests_unit_test_engine_libvirt_LDADD = libvslab.a $(VS_CORE_TEST_LIBS)
tests_unit_test_engine_host_stop_SOURCES = tests/unit/test-engine-host-stop.c
tests_unit_test_engine_host_stop_LDADD = libvslab.a $(VS_CORE_TEST_LIBS)
tests_unit_test_engine_intent_SOURCES = tests/unit/test-engine-intent.c
tests_unit_test_engine_intent_LDADD = libvslab.a $(VS_CORE_TEST_LIBS)
tests_unit_test_engine_container_SOURCES = tests/unit/test-engine-container.c
tests_unit_test_engine_container_LDADD = libvslab.a $(VS_CORE_TEST_LIBS)
tests_unit_test_engine_hooks_SOURCES = tests/unit/test-engine-hooks.c
tests_unit_test_engine_hooks_LDADD = libvslab.a $(VS_CORE_TEST_LIBS)
tests_unit_test_engine_inquiry_SOURCES = tests/unit/test-engine-inquiry.c
tests_unit_test_engine_inquiry_LDADD = libvslab.a $(VS_CORE_TEST_LIBS)
tests_unit_test_engine_save_SOURCES = tests/unit/test-engine-save.c
tests_unit_test_engine_save_LDADD = libvslab.a $(VS_CORE_TEST_LIBS)
tests_unit_test_engine_corners_SOURCES = tests/unit/test-engine-corners.c
tests_unit_test_engine_corners_LDADD = libvslab.a $(VS_CORE_TEST_LIBS)
tests_unit_test_engine_candidates_SOURCES = tests/unit/test-engine-candidates.c
tests_unit_test_engine_candidates_LDADD = libvslab.a $(VS_CORE_TEST_LIBS)
tests_unit_test_engine_circumstances_SOURCES = tests/unit/test-engine-circumstances.c
tests_unit_test_engine_circumstances_LDADD = libvslab.a $(VS_CORE_TEST_LIBS)
tests_unit_test_engine_absence_SOURCES = tests/unit/test-engine-absence.c
tests_unit_test_engine_absence_LDADD = libvslab.a $(VS_CORE_TEST_LIBS)
tests_unit_test_engine_host_failure_SOURCES = tests/unit/test-engine-host-failure.c
tests_unit_test_engine_host_failure_LDADD = libvslab.a $(VS_CORE_TEST_LIBS)
tests_unit_test_engine_late_SOURCES = tests/unit/test-engine-late.c
tests_unit_test_engine_late_LDADD = libvslab.a $(VS_CORE_TEST_LIBS)
tests_unit_test_engine_obstacle_SOURCES = tests/unit/test-engine-obstacle.c
tests_unit_test_engine_obstacle_LDADD = libvslab.a $(VS_CORE_TEST_LIBS)
tests_unit_test_engine_take_over_SOURCES = tests/unit/test-engine-take-over.c
tests_unit_test_engine_take_over_LDADD = libvslab.a $(VS_CORE_TEST_LIBS)
tests_unit_test_engine_part_SOURCES = tests/unit/test-engine-part.c
tests_unit_test_engine_part_LDADD = libvslab.a $(VS_CORE_TEST_LIBS)

tests_unit_test_engine_part_labels_SOURCES = tests/unit/test-engine-part-labels.c
tests_unit_test_engine_part_labels_LDADD = libvslab.a $(VS_CORE_TEST_LIBS)
tests_unit_test_engine_restore_SOURCES = tests/unit/test-engine-restore.c
tests_unit_test_engine_restore_LDADD = libvslab.a $(VS_CORE_TEST_LIBS)
tests_unit_test_engine_owner_SOURCES = tests/unit/test-engine-owner.c
tests_unit_test_engine_owner_LDADD = libvslab.a $(VS_CORE_TEST_LIBS)
tests_unit_test_engine_revive_SOURCES = tests/unit/test-engine-revive.c
tests_unit_test_engine_revive_LDADD = libvslab.a $(VS_CORE_TEST_LIBS)
tests_unit_test_plan_SOURCES = tests/unit/test-plan.c
tests_unit_test_plan_LDADD = $(VS_CORE_TEST_LIBS)
tests_unit_test_plan_budget_SOURCES = tests/unit/test-plan-budget.c
tests_unit_test_plan_budget_LDADD = $(VS_CORE_TEST_LIBS)
tests_unit_test_engine_deaf_SOURCES = tests/unit/test-engine-deaf.c
tests_unit_test_engine_deaf_LDADD = libvslab.a $(VS_CORE_TEST_LIBS)
tests_unit_test_engine_otherwise_SOURCES = tests/unit/test-engine-otherwise.c
tests_unit_test_engine_otherwise_LDADD = libvslab.a $(VS_CORE_TEST_LIBS)
tests_unit_test_engine_races_SOURCES = tests/unit/test-engine-races.c
tests_unit_test_engine_races_LDADD = libvslab.a $(VS_CORE_TEST_LIBS)
tests_unit_test_engine_reboot_SOURCES = tests/unit/test-engine-reboot.c
tests_unit_test_engine_reboot_LDADD = libvslab.a $(VS_CORE_TEST_LIBS)
tests_unit_test_engine_requests_SOURCES = tests/unit/test-engine-requests.c
tests_unit_test_engine_requests_LDADD = libvslab.a $(VS_CORE_TEST_LIBS)
tests_unit_test_golden_SOURCES = tests/unit/test-golden.c
tests_unit_test_golden_LDADD = $(VS_CORE_TEST_LIBS)
tests_unit_test_absence_SOURCES = tests/unit/test-absence.c
tests_unit_test_absence_LDADD = $(VS_CORE_TEST_LIBS)
tests_unit_test_circumstances_SOURCES = tests/unit/test-circumstances.c
tests_unit_test_circumstances_LDADD = $(VS_CORE_TEST_LIBS)
tests_unit_test_domain_SOURCES = tests/unit/test-domain.c
tests_unit_test_domain_LDADD = $(VS_CORE_TEST_LIBS)
tests_unit_test_event_SOURCES = tests/unit/test-event.c
tests_unit_test_event_LDADD = $(VS_CORE_TEST_LIBS)
tests_unit_test_cause_SOURCES = tests/unit/test-cause.c
tests_unit_test_cause_LDADD = $(VS_CORE_TEST_LIBS)
tests_unit_test_check_SOURCES = tests/unit/test-check.c
tests_unit_test_check_LDADD = $(VS_CORE_TEST_LIBS)
tests_unit_test_ladder_SOURCES = tests/unit/test-ladder.c
tests_unit_test_ladder_LDADD = $(VS_CORE_TEST_LIBS)
tests_unit_test_driver_SOURCES = tests/unit/test-driver.c
tests_unit_test_driver_LDADD = $(VS_CORE_TEST_LIBS)
tests_unit_test_host_kind_SOURCES = tests/unit/test-host-kind.c
tests_unit_test_host_kind_LDADD = $(VS_CORE_TEST_LIBS)
tests_unit_test_kernel_log_SOURCES = tests/unit/test-kernel-log.c
tests_unit_test_kernel_log_LDADD = $(VS_CORE_TEST_LIBS)
tests_unit_test_method_SOURCES = tests/unit/test-method.c
tests_unit_test_method_LDADD = $(VS_CORE_TEST_LIBS)
tests_unit_test_policy_SOURCES = tests/unit/test-policy.c
tests_unit_test_policy_LDADD = $(VS_CORE_TEST_LIBS)
tests_unit_test_process_cause_SOURCES = tests/unit/test-process-cause.c
tests_unit_test_process_cause_LDADD = $(VS_CORE_TEST_LIBS)
tests_unit_test_process_text_SOURCES = tests/unit/test-process-text.c
tests_unit_test_process_text_LDADD = $(VS_CORE_TEST_LIBS)
tests_unit_test_qemu_log_SOURCES = tests/unit/test-qemu-log.c
tests_unit_test_qemu_log_LDADD = $(VS_CORE_TEST_LIBS)
# The little world, for chance, for the search, and for tests/bench/likely.
VS_WORLD_LIBS = libvsworld.a $(VS_CORE_TEST_LIBS)
libvsworld_a_SOURCES = \
	tests/unit/random-calls.c \
	tests/unit/random-check.c \
	tests/unit/random-deeds.c \
	tests/unit/random-deliver.c \
	tests/unit/random-ends.c \
	tests/unit/random-engine.c \
	tests/unit/random-guest.c \
	tests/unit/random-habits.c \
	tests/unit/random-kinds.c \
	tests/unit/random-late.c \
	tests/unit/random-libvirt.c \
	tests/unit/random-life.c \
	tests/unit/random-message.h \
	tests/unit/random-parts.c \
	tests/unit/random-pauses.c \
	tests/unit/random-marks.c \
	tests/unit/random-process.c \
	tests/unit/random-ran.c \
	tests/unit/random-requests.c \
	tests/unit/random-tally.c \
	tests/unit/random-told.c \
	tests/unit/random-trace.c \
	tests/unit/random-world.c tests/unit/random-world.h
tests_unit_test_random_SOURCES = tests/unit/test-random.c
tests_unit_test_random_LDADD = $(VS_WORLD_LIBS)
# The random worlds with every chance decided by the search.
tests_unit_test_search_SOURCES = \
	tests/unit/search-chance.c \
	tests/unit/search-letters.c \
	tests/unit/search-state.c \
	tests/unit/search.h \
	tests/unit/test-search.c
tests_unit_test_search_LDADD = $(VS_WORLD_LIBS)
tests_unit_test_search_LDFLAGS = $(AM_LDFLAGS) \
	-Wl,--wrap=world_chance -Wl,--wrap=g_rand_int_range -Wl,--wrap=g_rand_double_range
check_PROGRAMS += tests/unit/test-search
tests_unit_test_schedule_SOURCES = tests/unit/test-schedule.c
tests_unit_test_schedule_LDADD = $(VS_CORE_TEST_LIBS)
tests_unit_test_schedule_golden_SOURCES = tests/unit/test-schedule-golden.c
tests_unit_test_schedule_golden_LDADD = $(VS_CORE_TEST_LIBS) -lm
tests_unit_test_schedule_random_SOURCES = tests/unit/test-schedule-random.c
tests_unit_test_schedule_random_LDADD = $(VS_CORE_TEST_LIBS)
tests_unit_test_host_end_SOURCES = tests/unit/test-host-end.c
tests_unit_test_host_end_LDADD = $(VS_CORE_TEST_LIBS)
tests_unit_test_request_record_SOURCES = tests/unit/test-request-record.c
tests_unit_test_request_record_LDADD = $(VS_CORE_TEST_LIBS)
tests_unit_test_sentence_SOURCES = tests/unit/test-sentence.c
tests_unit_test_sentence_LDADD = $(VS_CORE_TEST_LIBS)
tests_unit_test_run_SOURCES = tests/unit/test-run.c
tests_unit_test_run_LDADD = $(VS_CORE_TEST_LIBS)
tests_unit_test_run_text_SOURCES = tests/unit/test-run-text.c
tests_unit_test_run_text_LDADD = $(VS_CORE_TEST_LIBS)
tests_unit_test_record_SOURCES = tests/unit/test-record.c
tests_unit_test_record_LDADD = $(VS_CORE_TEST_LIBS)
tests_unit_test_trace_SOURCES = tests/unit/test-trace.c
tests_unit_test_trace_LDADD = $(VS_CORE_TEST_LIBS)

# virtstopctl's own parts, and the program as it was built.
VS_CTL_TEST_LIBS = libvstest.a libctl.a libwords.a libclient.a librehearsal.a libengine.a libschedule.a libcore.a libutil.a $(GLIB_LIBS) $(JSON_LIBS) $(SYSTEMD_LIBS)

check_PROGRAMS += \
	tests/unit/test-check-config \
	tests/unit/test-ctl-doctor \
	tests/unit/test-ctl-doctor-host \
	tests/unit/test-ctl-guests \
	tests/unit/test-ctl-host \
	tests/unit/test-ctl-plan \
	tests/unit/test-ctl-show \
	tests/unit/test-ctl-stop \
	tests/unit/test-doctor-words \
	tests/unit/test-screens \
	tests/unit/test-hook \
	tests/unit/test-hook-libvirt \
	tests/unit/test-libvirt-guests \
	tests/unit/test-moment \
	tests/unit/test-options \
	tests/unit/test-person \
	tests/unit/test-story \
	tests/unit/test-table \
	tests/unit/test-timeline
tests_unit_test_person_SOURCES = \
	tests/unit/person-client.c tests/unit/person-client.h \
	tests/unit/test-person.c
tests_unit_test_person_CFLAGS = $(AM_CFLAGS) $(SYSTEMD_CFLAGS)
tests_unit_test_person_LDADD = libvsbustest.a libbus.a libwork.a $(VS_CTL_TEST_LIBS)
tests_unit_test_check_config_SOURCES = \
	tests/unit/ctl-run.c tests/unit/ctl-run.h \
	tests/unit/test-check-config.c
tests_unit_test_check_config_LDADD = $(VS_UTIL_TEST_LIBS)
tests_unit_test_ctl_show_SOURCES = \
	tests/unit/ctl-fixture.c tests/unit/ctl-fixture.h \
	tests/unit/ctl-run.c tests/unit/ctl-run.h \
	tests/unit/test-ctl-show.c
tests_unit_test_ctl_show_CFLAGS = $(AM_CFLAGS) $(SYSTEMD_CFLAGS)
tests_unit_test_ctl_show_LDADD = $(VS_BUS_TEST_LIBS)
tests_unit_test_ctl_doctor_SOURCES = \
	tests/unit/ctl-fixture.c tests/unit/ctl-fixture.h \
	tests/unit/ctl-run.c tests/unit/ctl-run.h \
	tests/unit/doctor-fixture.c tests/unit/doctor-fixture.h \
	tests/unit/played-systemd.c tests/unit/played-systemd.h \
	tests/unit/played-units.c tests/unit/played-units.h \
	tests/unit/test-ctl-doctor.c
tests_unit_test_ctl_doctor_CFLAGS = $(AM_CFLAGS) $(SYSTEMD_CFLAGS)
tests_unit_test_ctl_doctor_LDADD = $(VS_BUS_TEST_LIBS)
tests_unit_test_ctl_doctor_host_SOURCES = \
	tests/unit/ctl-fixture.c tests/unit/ctl-fixture.h \
	tests/unit/ctl-run.c tests/unit/ctl-run.h \
	tests/unit/doctor-fixture.c tests/unit/doctor-fixture.h \
	tests/unit/played-systemd.c tests/unit/played-systemd.h \
	tests/unit/played-units.c tests/unit/played-units.h \
	tests/unit/test-ctl-doctor-host.c
tests_unit_test_ctl_doctor_host_CFLAGS = $(AM_CFLAGS) $(SYSTEMD_CFLAGS)
tests_unit_test_ctl_doctor_host_LDADD = $(VS_BUS_TEST_LIBS)
tests_unit_test_screens_SOURCES = \
	tests/unit/ctl-fixture.c tests/unit/ctl-fixture.h \
	tests/unit/ctl-run.c tests/unit/ctl-run.h \
	tests/unit/doctor-fixture.c tests/unit/doctor-fixture.h \
	tests/unit/played-systemd.c tests/unit/played-systemd.h \
	tests/unit/played-units.c tests/unit/played-units.h \
	tests/unit/test-screens.c
tests_unit_test_screens_CFLAGS = $(AM_CFLAGS) $(SYSTEMD_CFLAGS)
tests_unit_test_screens_LDADD = $(VS_BUS_TEST_LIBS)
tests_unit_test_ctl_plan_SOURCES = \
	tests/unit/ctl-fixture.c tests/unit/ctl-fixture.h \
	tests/unit/ctl-run.c tests/unit/ctl-run.h \
	tests/unit/test-ctl-plan.c
tests_unit_test_ctl_plan_CFLAGS = $(AM_CFLAGS) $(SYSTEMD_CFLAGS)
tests_unit_test_ctl_plan_LDADD = $(VS_BUS_TEST_LIBS)
tests_unit_test_hook_SOURCES = \
	tests/unit/ctl-fixture.c tests/unit/ctl-fixture.h \
	tests/unit/ctl-run.c tests/unit/ctl-run.h \
	tests/unit/fake-systemd.c tests/unit/fake-systemd.h \
	tests/unit/played-units.c tests/unit/played-units.h \
	tests/unit/fake-virtstopd.c tests/unit/fake-virtstopd.h \
	tests/unit/hook-main.c tests/unit/hook-main.h \
	tests/unit/test-hook.c
tests_unit_test_hook_CFLAGS = $(AM_CFLAGS) $(SYSTEMD_CFLAGS)
tests_unit_test_hook_LDADD = libhook.a libwords.a libclient.a $(VS_BUS_TEST_LIBS)
tests_unit_test_hook_libvirt_SOURCES = \
	tests/unit/fake-systemd.c tests/unit/fake-systemd.h \
	tests/unit/played-units.c tests/unit/played-units.h \
	tests/unit/test-hook-libvirt.c
tests_unit_test_hook_libvirt_CFLAGS = $(AM_CFLAGS) $(SYSTEMD_CFLAGS)
tests_unit_test_hook_libvirt_LDADD = libhook.a libwords.a libclient.a $(VS_BUS_TEST_LIBS)
tests_unit_test_ctl_host_SOURCES = \
	tests/unit/ctl-fixture.c tests/unit/ctl-fixture.h \
	tests/unit/ctl-run.c tests/unit/ctl-run.h \
	tests/unit/test-ctl-host.c
tests_unit_test_ctl_host_CFLAGS = $(AM_CFLAGS) $(SYSTEMD_CFLAGS)
tests_unit_test_ctl_host_LDADD = $(VS_BUS_TEST_LIBS)
tests_unit_test_ctl_guests_SOURCES = \
	tests/unit/ctl-fixture.c tests/unit/ctl-fixture.h \
	tests/unit/ctl-run.c tests/unit/ctl-run.h \
	tests/unit/test-ctl-guests.c
tests_unit_test_ctl_guests_CFLAGS = $(AM_CFLAGS) $(SYSTEMD_CFLAGS)
tests_unit_test_ctl_guests_LDADD = $(VS_BUS_TEST_LIBS)
tests_unit_test_ctl_stop_SOURCES = \
	tests/unit/ctl-fixture.c tests/unit/ctl-fixture.h \
	tests/unit/ctl-run.c tests/unit/ctl-run.h \
	tests/unit/test-ctl-stop.c
tests_unit_test_ctl_stop_CFLAGS = $(AM_CFLAGS) $(SYSTEMD_CFLAGS)
tests_unit_test_ctl_stop_LDADD = $(VS_BUS_TEST_LIBS)
tests_unit_test_doctor_words_SOURCES = tests/unit/test-doctor-words.c
tests_unit_test_doctor_words_CFLAGS = $(AM_CFLAGS) $(SYSTEMD_CFLAGS)
tests_unit_test_doctor_words_LDADD = $(VS_CTL_TEST_LIBS)
tests_unit_test_libvirt_guests_SOURCES = tests/unit/test-libvirt-guests.c
tests_unit_test_libvirt_guests_LDADD = libconf.a $(VS_CTL_TEST_LIBS)
tests_unit_test_moment_SOURCES = tests/unit/test-moment.c
tests_unit_test_moment_LDADD = $(VS_CTL_TEST_LIBS)
tests_unit_test_options_SOURCES = \
	tests/unit/ctl-run.c tests/unit/ctl-run.h \
	tests/unit/test-options.c
tests_unit_test_options_CFLAGS = $(AM_CFLAGS) $(SYSTEMD_CFLAGS)
tests_unit_test_options_LDADD = $(VS_CTL_TEST_LIBS)
tests_unit_test_story_SOURCES = tests/unit/test-story.c
tests_unit_test_story_LDADD = $(VS_CTL_TEST_LIBS)
tests_unit_test_table_SOURCES = tests/unit/test-table.c
tests_unit_test_table_LDADD = $(VS_CTL_TEST_LIBS)
tests_unit_test_timeline_SOURCES = tests/unit/test-timeline.c
tests_unit_test_timeline_CFLAGS = $(AM_CFLAGS) $(SYSTEMD_CFLAGS)
tests_unit_test_timeline_LDADD = $(VS_CTL_TEST_LIBS)

VS_VIRT_TEST_LIBS = libvstest.a libvsvirt.a libwork.a libengine.a libschedule.a libcore.a libutil.a $(LIBVIRT_LIBS) $(SYSTEMD_LIBS) $(GLIB_LIBS) $(JSON_LIBS)

check_PROGRAMS += \
	tests/unit/test-virt \
	tests/unit/test-process-end \
	tests/unit/test-virt-calls \
	tests/unit/test-virt-files \
	tests/unit/test-virt-hung \
	tests/unit/test-virt-job \
	tests/unit/test-virt-labels \
	tests/unit/test-virt-link \
	tests/unit/test-virt-log \
	tests/unit/test-virt-pool \
	tests/unit/test-virt-stats
tests_unit_test_virt_SOURCES = tests/unit/test-virt.c tests/unit/virt-fixture.c tests/unit/virt-fixture.h
tests_unit_test_virt_CFLAGS = $(AM_CFLAGS) $(LIBVIRT_CFLAGS)
tests_unit_test_virt_LDADD = $(VS_VIRT_TEST_LIBS)
tests_unit_test_process_end_SOURCES = tests/unit/test-process-end.c
tests_unit_test_process_end_CFLAGS = $(AM_CFLAGS) $(LIBVIRT_CFLAGS)
tests_unit_test_process_end_LDADD = $(VS_VIRT_TEST_LIBS)
tests_unit_test_virt_calls_SOURCES = tests/unit/test-virt-calls.c tests/unit/virt-fixture.c tests/unit/virt-fixture.h
tests_unit_test_virt_calls_CFLAGS = $(AM_CFLAGS) $(LIBVIRT_CFLAGS)
tests_unit_test_virt_calls_LDADD = $(VS_VIRT_TEST_LIBS)
tests_unit_test_virt_files_SOURCES = tests/unit/test-virt-files.c
tests_unit_test_virt_files_CFLAGS = $(AM_CFLAGS) $(LIBVIRT_CFLAGS)
tests_unit_test_virt_files_LDADD = $(VS_VIRT_TEST_LIBS)
tests_unit_test_virt_hung_SOURCES = tests/unit/test-virt-hung.c tests/unit/virt-fixture.c tests/unit/virt-fixture.h
tests_unit_test_virt_hung_CFLAGS = $(AM_CFLAGS) $(LIBVIRT_CFLAGS)
tests_unit_test_virt_hung_LDADD = $(VS_VIRT_TEST_LIBS) -ldl
tests_unit_test_virt_labels_SOURCES = tests/unit/test-virt-labels.c tests/unit/virt-fixture.c tests/unit/virt-fixture.h
tests_unit_test_virt_labels_CFLAGS = $(AM_CFLAGS) $(LIBVIRT_CFLAGS)
tests_unit_test_virt_labels_LDADD = $(VS_VIRT_TEST_LIBS) -ldl
tests_unit_test_virt_link_SOURCES = tests/unit/test-virt-link.c
tests_unit_test_virt_link_CFLAGS = $(AM_CFLAGS) $(LIBVIRT_CFLAGS)
tests_unit_test_virt_link_LDADD = $(VS_VIRT_TEST_LIBS)
tests_unit_test_virt_log_SOURCES = tests/unit/test-virt-log.c
tests_unit_test_virt_log_CFLAGS = $(AM_CFLAGS) $(LIBVIRT_CFLAGS)
tests_unit_test_virt_log_LDADD = $(VS_VIRT_TEST_LIBS)
tests_unit_test_virt_job_SOURCES = tests/unit/test-virt-job.c
tests_unit_test_virt_job_CFLAGS = $(AM_CFLAGS) $(LIBVIRT_CFLAGS)
tests_unit_test_virt_job_LDADD = $(VS_VIRT_TEST_LIBS)
tests_unit_test_virt_pool_SOURCES = tests/unit/test-virt-pool.c
tests_unit_test_virt_pool_CFLAGS = $(AM_CFLAGS) $(LIBVIRT_CFLAGS)
tests_unit_test_virt_pool_LDADD = $(VS_VIRT_TEST_LIBS)
tests_unit_test_virt_stats_SOURCES = tests/unit/test-virt-stats.c
tests_unit_test_virt_stats_CFLAGS = $(AM_CFLAGS) $(LIBVIRT_CFLAGS)
tests_unit_test_virt_stats_LDADD = $(VS_VIRT_TEST_LIBS)
