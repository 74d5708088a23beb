/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "played-systemd.h"

#include <string.h>

static const PlayedUnit usual[] = {
    [PLAYED_HOOK] = {"virtstop-guests.service", "active", "enabled", "all", true,
                     PLAYED_SECONDS(90), PLAYED_NEVER},
    [PLAYED_LIBVIRT_GUESTS] = {"libvirt-guests.service", "inactive", "disabled", "none", true,
                               PLAYED_NEVER, PLAYED_NEVER},
    [PLAYED_POWEROFF] = {"poweroff.target", .job_timeout = PLAYED_SECONDS(1800)},
    [PLAYED_REBOOT] = {"reboot.target", .job_timeout = PLAYED_SECONDS(1800)},
    [PLAYED_HALT] = {"halt.target", .job_timeout = PLAYED_NEVER},
    [PLAYED_KEXEC] = {"kexec.target", .job_timeout = PLAYED_NEVER},
    [PLAYED_VIRTSTOPD] = {"virtstopd.service", "active", "enabled", "main", .user = "virtstop",
                          .has_private_network = true},
    [PLAYED_LIBVIRTD] = {"libvirtd.service", "active", "enabled"},
    [PLAYED_WAY] = {"virtstop-libvirt@libvirt-sock.socket", "active", "static"},
    [N_PLAYED_UNITS] = {.name = NULL},
};
PlayedUnit played_units[N_PLAYED_UNITS + 1];

static PlayedUnit *list = played_units;

void
played_systemd_reset(void)
{
    memcpy(played_units, usual, sizeof usual);
}

static const sd_bus_vtable manager[] = {
    SD_BUS_VTABLE_START(0),
    SD_BUS_METHOD("LoadUnit", "s", "o", played_units_load, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_VTABLE_END,
};

void
played_systemd_start(BusFixture *fixture)
{
    sd_bus_add_object_vtable(fixture->client, NULL, PLAYED_SYSTEMD_PATH,
                             "org.freedesktop.systemd1.Manager", manager, &list);
    played_units_publish(fixture->client, &list);
    g_assert_cmpint(sd_bus_request_name(fixture->client, "org.freedesktop.systemd1", 0), >=, 0);
}
