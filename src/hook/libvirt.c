/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "hook/libvirt.h"

#include "client/units.h"
#include "hook/child.h"
#include "hook/system.h"
#include "util/i18n.h"
#include "util/span.h"
#include "words/complain.h"

/* A libvirt daemon that was stopped while the host goes down (a restart, whose start was called
 * off) isn't started by anybody any more; it leaves with us. */

/* How many ticks libvirt may be away before we look whether somebody is about to start it, and then
 * do it. */
#define PATIENCE 3

/* How often nothing may be missing then, in a row, until it is something else that keeps us out. */
#define MAX_BARRED 3

/* So long one that we run may take until it lets anybody in. */
#define START_SPAN (30 * VS_USEC_PER_SEC)

enum { VIRTQEMUD, VIRTLXCD, VIRTXEND, LIBVIRTD, VIRTPROXYD, N_DAEMONS };

static const char *const names[N_DAEMONS] = {
    [VIRTQEMUD] = "virtqemud", [VIRTLXCD] = "virtlxcd",     [VIRTXEND] = "virtxend",
    [LIBVIRTD] = "libvirtd",   [VIRTPROXYD] = "virtproxyd",
};

/* Its own daemon; where a host doesn't have that, libvirtd serves it. */
static const struct {
    const char *name;
    int daemon;
} drivers[] = {
    {"qemu", VIRTQEMUD},
    {"lxc", VIRTLXCD},
    {"xen", VIRTXEND},
};

struct VsHookLibvirt {
    const VsClient *client;
    const VsHookSetup *setup;
    VsHookChild children[N_DAEMONS];
    unsigned ticks[G_N_ELEMENTS(drivers)];    /* since it went away */
    unsigned n_barred[G_N_ELEMENTS(drivers)]; /* looks in a row at which nothing was missing, and
                                                 its daemon had let in nobody */
};

VsHookLibvirt *
vs_hook_libvirt_new(const VsClient *client, const VsHookSetup *setup)
{
    VsHookLibvirt *libvirt = g_new0(VsHookLibvirt, 1);

    libvirt->client = client;
    libvirt->setup = setup;
    return libvirt;
}

void
vs_hook_libvirt_free(VsHookLibvirt *libvirt)
{
    for (int i = 0; i < N_DAEMONS; i++)
        vs_hook_child_end(&libvirt->children[i]);
    g_free(libvirt);
}

/* Whether it is served by @driver's daemon on this host: "qemu:///system", "qemu+unix:///system".
 */
static bool
is_served_by(const char *text, const char *driver)
{
    g_autoptr(GUri) uri = g_uri_parse(text, G_URI_FLAGS_NONE, NULL);
    const char *host = uri ? g_uri_get_host(uri) : NULL;
    g_auto(GStrv) scheme = uri ? g_strsplit(g_uri_get_scheme(uri), "+", 2) : NULL;

    return uri && (!host || !*host) && g_str_equal(scheme[0], driver) &&
           (!scheme[1] || g_str_equal(scheme[1], "unix")) &&
           !g_str_equal(g_uri_get_path(uri), "/session");
}

static bool
has_one_of(const GPtrArray *uris, const char *driver)
{
    for (unsigned i = 0; uris && i < uris->len; i++)
        if (is_served_by(g_ptr_array_index(uris, i), driver))
            return true;
    return false;
}

/* Whether there is such a unit; what it is like. */
static bool
read_daemon(sd_bus *systemd, int daemon, VsUnit *ret)
{
    g_autofree char *name = g_strconcat(names[daemon], ".service", NULL);

    return vs_unit_read(systemd, name, ret, NULL) && g_str_equal(ret->load_state, "loaded");
}

/* Of @own and libvirtd the one that is missing: the one that ran last of those that are there, and
 * where none ran @own. -1: one of them runs, or somebody starts or stops it, or there is none. */
static int
find_missing(sd_bus *systemd, int own)
{
    const int candidates[] = {own, LIBVIRTD};
    uint64_t ended = 0;
    int missing = -1;

    for (unsigned i = 0; i < G_N_ELEMENTS(candidates); i++) {
        g_auto(VsUnit) unit = {0};

        if (!read_daemon(systemd, candidates[i], &unit))
            continue;
        if (!vs_unit_is_down(&unit))
            return -1;
        if (missing < 0 || unit.ended > ended)
            missing = candidates[i];
        ended = MAX(ended, unit.ended);
    }
    return missing;
}

/* What leads to a daemon that runs, and is missing. Only where it has run, for most URIs have no
 * use for it. */
static int
find_missing_way(sd_bus *systemd)
{
    g_auto(VsUnit) unit = {0};

    return read_daemon(systemd, VIRTPROXYD, &unit) && vs_unit_is_down(&unit) && unit.ended > 0
               ? VIRTPROXYD
               : -1;
}

static bool
is_run_by_us(VsHookLibvirt *libvirt, int daemon)
{
    return daemon >= 0 && vs_hook_child_runs(&libvirt->children[daemon]);
}

/* What is to be run for a URI that @own serves, or -1. */
static int
choose(VsHookLibvirt *libvirt, sd_bus *systemd, int own)
{
    int missing = find_missing(systemd, own);

    if (missing < 0 || is_run_by_us(libvirt, missing))
        missing = find_missing_way(systemd);
    return is_run_by_us(libvirt, missing) ? -1 : missing;
}

/* Whether that is missing, and is run now. */
static bool
stand_in(VsHookLibvirt *libvirt, sd_bus *systemd, int own)
{
    int missing = choose(libvirt, systemd, own);
    g_autofree char *path = missing >= 0 ? g_find_program_in_path(names[missing]) : NULL;
    const char *const argv[] = {path, NULL};

    if (!path)
        return false;
    vs_complain(_("libvirt isn't there: %s is started to stop the guests."), names[missing]);
    vs_hook_child_run(&libvirt->children[missing], argv, NULL);
    return true;
}

/* Whether it is one that we run, and may not be up yet. */
static bool
is_starting(VsHookLibvirt *libvirt, int daemon)
{
    return is_run_by_us(libvirt, daemon) &&
           g_get_monotonic_time() - libvirt->children[daemon].since < START_SPAN;
}

/* Which of @own and libvirtd runs, and serves that driver; -1: none. */
static int
find_serving(VsHookLibvirt *libvirt, sd_bus *systemd, int own)
{
    const int candidates[] = {own, LIBVIRTD};

    for (unsigned i = 0; i < G_N_ELEMENTS(candidates); i++) {
        g_auto(VsUnit) unit = {0};

        if (is_run_by_us(libvirt, candidates[i]) ||
            (read_daemon(systemd, candidates[i], &unit) && !vs_unit_is_down(&unit)))
            return candidates[i];
    }
    return -1;
}

/* Whether @daemon (-1: none), which serves @driver, has let virtstopd in, be it for another driver:
 * then that isn't kept out for what it is. */
static bool
lets_in(VsHookLibvirt *libvirt, sd_bus *systemd, int daemon, unsigned driver, const GPtrArray *open)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(drivers); i++)
        if (has_one_of(open, drivers[i].name) &&
            (i == driver || daemon < 0 ||
             find_serving(libvirt, systemd, drivers[i].daemon) == daemon))
            return true;
    return false;
}

/* Whether it runs, and keeps virtstopd out. */
static bool
bars(VsHookLibvirt *libvirt, sd_bus *systemd, unsigned driver, const GPtrArray *open)
{
    int daemon = find_serving(libvirt, systemd, drivers[driver].daemon);

    return !is_starting(libvirt, daemon) && !is_starting(libvirt, VIRTPROXYD) &&
           !lets_in(libvirt, systemd, daemon, driver, open);
}

/* Whether nothing is missing for @driver, and it is kept out all the same, as far as that is known.
 */
static bool
look(VsHookLibvirt *libvirt, unsigned driver, const GPtrArray *open)
{
    sd_bus *systemd = vs_hook_open_systemd(libvirt->client, libvirt->setup);
    bool barred = systemd && !stand_in(libvirt, systemd, drivers[driver].daemon) &&
                  bars(libvirt, systemd, driver, open);

    sd_bus_close_unref(systemd);
    return barred;
}

void
vs_hook_libvirt_tend(VsHookLibvirt *libvirt, const GPtrArray *away, const GPtrArray *open)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(drivers); i++) {
        if (!has_one_of(away, drivers[i].name))
            libvirt->ticks[i] = libvirt->n_barred[i] = 0;
        else if (++libvirt->ticks[i] % PATIENCE == 0)
            libvirt->n_barred[i] = look(libvirt, i, open) ? libvirt->n_barred[i] + 1 : 0;
    }
}

bool
vs_hook_libvirt_is_barred(const VsHookLibvirt *libvirt)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(drivers); i++)
        if (libvirt->n_barred[i] >= MAX_BARRED)
            return true;
    return false;
}
