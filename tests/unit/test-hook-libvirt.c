/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "fake-systemd.h"
#include "hook/libvirt.h"
#include "util/span.h"
#include "vs-test.h"

/* Which of libvirt's daemons keeps virtstopd out, by what systemd says of them, and which URIs are
 * open. */

#define QEMU "qemu:///system"
#define LXC  "lxc:///system"

#define N_BARRED 9 /* ticks, after which it is known */

typedef struct Watch {
    VsHookLibvirt *libvirt;
    GPtrArray *away, *open;
    unsigned n_ticks;
    bool barred;
    gint over;
} Watch;

/* The hook waits for each answer, which the played systemd gives in the main loop. */
static void *
tend(void *data)
{
    Watch *watch = data;

    for (unsigned i = 0; i < watch->n_ticks; i++)
        vs_hook_libvirt_tend(watch->libvirt, watch->away, watch->open);
    watch->barred = vs_hook_libvirt_is_barred(watch->libvirt);
    g_atomic_int_set(&watch->over, 1);
    g_main_context_wakeup(NULL);
    return NULL;
}

static GPtrArray *
list(const char *text)
{
    g_auto(GStrv) words = g_strsplit(text, " ", -1);
    GPtrArray *list = g_ptr_array_new_with_free_func(g_free);

    for (char **word = words; *word; word++)
        g_ptr_array_add(list, g_strdup(*word));
    return list;
}

/* Whether it is after @n_ticks more. */
static bool
is_barred(VsHookLibvirt *libvirt, const char *away, const char *open, unsigned n_ticks)
{
    g_autoptr(GPtrArray) closed = list(away), opened = list(open);
    Watch watch = {.libvirt = libvirt, .away = closed, .open = opened, .n_ticks = n_ticks};
    GThread *thread = g_thread_new("hook", tend, &watch);

    while (!g_atomic_int_get(&watch.over))
        g_main_context_iteration(NULL, TRUE);
    g_thread_join(thread);
    return watch.barred;
}

/* With systemd's @units. */
static void
check(PlayedUnit *units, const char *away, const char *open, bool barred)
{
    const char *dir = vs_test_dir();
    g_autofree char *path = g_build_filename(dir, "systemd", NULL);
    g_autofree char *address = g_strdup_printf("unix:path=%s", path);
    VsHookSetup setup = {.systemd = address, .call = 10 * VS_USEC_PER_SEC};
    FakeSystemd *systemd = fake_systemd_new(path);
    VsClient client = {0};
    VsHookLibvirt *libvirt = vs_hook_libvirt_new(&client, &setup);

    fake_systemd_set_state(systemd, "stopping");
    fake_systemd_set_units(systemd, units);
    g_assert_false(is_barred(libvirt, away, open, N_BARRED - 1));
    g_assert_true(is_barred(libvirt, away, open, 1) == barred);
    g_assert_false(is_barred(libvirt, "", QEMU " " LXC, 1));
    vs_hook_libvirt_free(libvirt);
    fake_systemd_free(systemd);
}

static PlayedUnit modular[] = {
    {.name = "virtqemud.service", .state = "active"},
    {.name = "virtlxcd.service", .state = "active"},
    {0},
};

static PlayedUnit whole[] = {{.name = "libvirtd.service", .state = "active"}, {0}};

static void
test_none_is_open(void)
{
    check(modular, QEMU, "", true);
    check(whole, QEMU " " LXC, "", true);
}

/* Each daemon has rights of its own: one that lets in says nothing of the other. */
static void
test_another_daemon(void)
{
    check(modular, QEMU, LXC, true);
    check(modular, LXC, QEMU, true);
}

/* libvirtd lets in, and has no such driver: who asks is not the matter. */
static void
test_same_daemon(void)
{
    check(whole, LXC, QEMU, false);
}

/* Another URI of the driver is open. */
static void
test_same_driver(void)
{
    check(modular, "qemu+unix:///system", QEMU, false);
}

int
main(int argc, char **argv)
{
    vs_test_init(&argc, &argv);
    g_test_add_func("/hook-libvirt/none-is-open", test_none_is_open);
    g_test_add_func("/hook-libvirt/another-daemon", test_another_daemon);
    g_test_add_func("/hook-libvirt/same-daemon", test_same_daemon);
    g_test_add_func("/hook-libvirt/same-driver", test_same_driver);
    return g_test_run();
}
