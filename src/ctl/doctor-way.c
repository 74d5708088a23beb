/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "ctl/doctor-way.h"

#include "client/manager.h"
#include "client/units.h"
#include "util/i18n.h"
#include "util/text.h"

#define DAEMON  "virtstopd.service"
#define DROP_IN "/etc/systemd/system/" DAEMON ".d/remote.conf"

/* The ways by which guests are stopped, and libvirt's daemon behind each. */
static const struct {
    const char *way, *daemon;
} ways[] = {
    {"virtstop-libvirt@libvirt-sock", "libvirtd"},
    {"virtstop-libvirt@virtqemud-sock", "virtqemud"},
    {"virtstop-libvirt@virtlxcd-sock", "virtlxcd"},
    {"virtstop-libvirt@virtxend-sock", "virtxend"},
};

/* "qemu+ssh://there/system" */
static bool
is_of_another_host(const char *uri)
{
    g_autoptr(GUri) parsed = g_uri_parse(uri, G_URI_FLAGS_NONE, NULL);
    const char *host = parsed ? g_uri_get_host(parsed) : NULL;

    return host && *host;
}

static void
check_uris(VsFindings *findings, const GPtrArray *uris)
{
    for (unsigned i = 0; uris && i < uris->len; i++) {
        g_autofree char *quoted = vs_text_quoted(uris->pdata[i]);

        if (!is_of_another_host(uris->pdata[i]))
            continue;
        vs_findings_add(findings, VS_FINDING_ERROR, "remote-uri", NULL,
                        g_strdup_printf(_("libvirt at %s is on another host, but virtstopd.service "
                                          "has no network"),
                                        quoted),
                        g_strdup(_("Give it the network, and root's keys, by the drop-in "
                                   "remote.conf: virtstopd(8) says what that opens")));
        vs_findings_paste(findings,
                          g_strdup("install -D -m 644 " EXAMPLESDIR "/remote.conf " DROP_IN
                                   " && systemctl daemon-reload && systemctl restart " DAEMON));
        return; /* one drop-in serves all */
    }
}

static bool
read_unit(VsCtl *ctl, const char *name, const char *suffix, VsUnit *ret)
{
    g_autofree char *whole = g_strconcat(name, suffix, NULL);

    return vs_unit_read(ctl->client.bus, whole, ret, NULL);
}

static bool
is_active(VsCtl *ctl, const char *daemon)
{
    g_auto(VsUnit) service = {0}, socket = {0};

    return (read_unit(ctl, daemon, ".service", &service) &&
            g_str_equal(service.active_state, "active")) ||
           (read_unit(ctl, daemon, ".socket", &socket) &&
            g_str_equal(socket.active_state, "active"));
}

/* @unit: its name; @state: what is wrong with it. While the service of an earlier connection runs
 * the socket can't be started. */
static void
add_way(VsFindings *findings, const char *way, const char *unit, const char *state)
{
    vs_findings_add(findings, VS_FINDING_WARNING, "way-to-libvirt", NULL,
                    g_strdup_printf(_("%s is %s: virtstopd reaches libvirt only where polkit lets "
                                      "it, which may be gone as the host goes down"),
                                    unit, state),
                    g_strdup(_("Have it started, now and with virtstopd")));
    vs_findings_paste(findings,
                      g_strdup_printf("systemctl unmask %s.socket %s.service && systemctl stop "
                                      "%s.service && systemctl start %s.socket",
                                      way, way, way, way));
}

/* Not where it isn't installed: an older virtstop has none. */
static void
check_way(VsFindings *findings, VsCtl *ctl, const char *way)
{
    static const char *const suffixes[] = {".socket", ".service"};

    for (unsigned i = 0; i < G_N_ELEMENTS(suffixes); i++) {
        g_autofree char *name = g_strconcat(way, suffixes[i], NULL);
        g_auto(VsUnit) unit = {0};
        const char *state = NULL;

        if (!vs_unit_read(ctl->client.bus, name, &unit, NULL))
            return;
        if (g_str_equal(unit.load_state, "masked"))
            state = unit.load_state;
        else if (i == 0 && g_str_equal(unit.load_state, "loaded") &&
                 !g_str_equal(unit.active_state, "active"))
            state = unit.active_state; /* the service comes with a connection */
        if (state) {
            add_way(findings, way, name, state);
            return; /* one line mends both */
        }
    }
}

void
vs_doctor_check_way(VsFindings *findings, VsCtl *ctl)
{
    g_auto(VsManagerObject) manager = {0};
    g_auto(VsUnitUser) user = {0};

    if (!vs_unit_read_user(ctl->client.bus, DAEMON, &user))
        return;
    if (user.has_private_network && vs_manager_object_get(&ctl->client, &manager, NULL)) {
        check_uris(findings, manager.away);
        if (!vs_findings_has(findings, "remote-uri"))
            check_uris(findings, manager.open);
    }
    for (unsigned i = 0; vs_unit_user_is_own(&user) && i < G_N_ELEMENTS(ways); i++)
        if (is_active(ctl, ways[i].daemon))
            check_way(findings, ctl, ways[i].way);
}
