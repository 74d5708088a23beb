/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "engine/picture.h"
#include "fleet.h"
#include "util/error.h"
#include "vs-test.h"

/* The end of a host stop's time where libvirt tells nothing of its guests, and names that two have.
 */

/* libvirt's own signal: so it ends one that has powered off. */
static char *reaped_log[] = {
    (char *)"2026-01-01 00:00:00.000+0000: starting up libvirt version: 9.0.0, qemu version: 7.2.9",
    (char *)"2029-11-22T19:51:49.884668Z qemu-system-x86_64: terminating on signal 15 from pid "
            "1930 (/usr/sbin/libvirtd)",
    NULL};

/* Its time is all but over, and libvirt has come back, but tells of none of its guests. */
static void
test_last_call_without_list(void)
{
    VsEvent opened = {.type = VS_EVENT_CONNECTION, .uri = URI, .connection.open = true};
    Fleet fleet;

    fleet_set_up(&fleet, "web");
    fleet_begin(&fleet);
    fleet_stop_all(&fleet, 60 * SEC, true);
    fleet_expect(&fleet, "web power-button");
    fleet_reply(&fleet, "web", true);
    fleet_close_libvirt(&fleet);
    fleet_restart_alone(&fleet); /* taken over, and seen by nobody */
    fleet.mute = true;
    fleet_step(&fleet, &opened);
    fleet_pass(&fleet, 40 * SEC);
    fleet_expect(&fleet, "");
    fleet_pass(&fleet, 6 * SEC);
    fleet_expect(&fleet, "web destroy");
    fleet_tear_down(&fleet);
}

/* ... or it comes back only then. */
static void
test_last_call_before_opening(void)
{
    VsEvent opened = {.type = VS_EVENT_CONNECTION, .uri = URI, .connection.open = true};
    Fleet fleet;

    fleet_set_up(&fleet, "web");
    fleet_begin(&fleet);
    fleet_stop_all(&fleet, 60 * SEC, true);
    fleet_expect(&fleet, "web power-button");
    fleet_reply(&fleet, "web", true);
    fleet_close_libvirt(&fleet);
    fleet_pass(&fleet, 50 * SEC);
    fleet_expect(&fleet, "");
    fleet.mute = true;
    fleet_step(&fleet, &opened);
    fleet_expect(&fleet, "web destroy");
    fleet_tear_down(&fleet);
}

/* It had obeyed while nobody looked, so it wasn't destroyed: the call found that before it was
 * made.
 */
static void
test_last_call_too_late(void)
{
    VsEvent opened = {.type = VS_EVENT_CONNECTION, .uri = URI, .connection.open = true};
    Fleet fleet;

    fleet_set_up(&fleet, "web");
    fleet_begin(&fleet);
    fleet_stop_all(&fleet, 60 * SEC, true);
    fleet_reply(&fleet, "web", true);
    fleet_close_libvirt(&fleet);
    fleet_pass(&fleet, 50 * SEC);
    fleet.mute = true;
    fleet_step(&fleet, &opened);
    fleet_expect(&fleet, "web power-button, web destroy");
    fleet.mute = false;
    fleet_info(&fleet, "web")->state = VS_STATE_SHUTOFF;
    fleet_info(&fleet, "web")->reason = VS_SHUTOFF_CRASHED;
    fleet.log = reaped_log;
    fleet_reply_refused(&fleet, "web", VS_LIBVIRT_OPERATION_INVALID);
    fleet_pass(&fleet, 30 * SEC);
    fleet_expect(&fleet, "web power-button (host), web clean");
    fleet_tear_down(&fleet);
}

static const VsGuest *
resolve(const Fleet *fleet, const char *name, GError **error)
{
    return vs_engine_resolve(fleet->engine, name, NULL, error);
}

static void
rename_to(Fleet *fleet, const char *from, const char *to)
{
    VsDomainInfo *info = fleet_info(fleet, from);

    g_free(info->domain.name);
    info->domain.name = g_strdup(to);
}

/* A name that two have is that of the one that runs; else it is said who has it. */
static void
test_names(void)
{
    g_autoptr(GError) error = NULL;
    const VsGuest *found;
    VsUuid off;
    Fleet fleet;

    fleet_set_up(&fleet, "web");
    off = fleet_add(&fleet, "old", VS_STATE_SHUTOFF)->domain.uuid;
    rename_to(&fleet, "old", "web");
    fleet_begin(&fleet);
    found = resolve(&fleet, "web", NULL);
    g_assert_nonnull(found);
    g_assert_cmpstr(found->domain.uuid.text, !=, off.text);
    g_assert_cmpstr(resolve(&fleet, off.text, NULL)->domain.uuid.text, ==, off.text);
    fleet_tear_down(&fleet);

    fleet_set_up(&fleet, "");
    off = fleet_add(&fleet, "old", VS_STATE_SHUTOFF)->domain.uuid;
    rename_to(&fleet, "old", "web");
    fleet_add(&fleet, "web", VS_STATE_SHUTOFF);
    fleet_begin(&fleet);
    g_assert_null(resolve(&fleet, "web", &error));
    g_assert_error(error, VS_ERROR, VS_ERROR_AMBIGUOUS);
    g_assert_nonnull(strstr(error->message, off.text));
    g_assert_nonnull(strstr(error->message, "by its UUID"));
    fleet_tear_down(&fleet);
}

int
main(int argc, char **argv)
{
    vs_test_init(&argc, &argv);
    g_test_add_func("/engine/unlisted/last-call", test_last_call_without_list);
    g_test_add_func("/engine/unlisted/last-call-before-opening", test_last_call_before_opening);
    g_test_add_func("/engine/unlisted/last-call-too-late", test_last_call_too_late);
    g_test_add_func("/engine/unlisted/names", test_names);
    return g_test_run();
}
