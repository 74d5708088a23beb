/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/driver.h"

#include <string.h>

#define CAN(method) (1U << VS_METHOD_##method)

/* What all can. */
#define ANY (CAN(DESTROY) | CAN(LEAVE) | CAN(RESUME) | CAN(START) | CAN(ABORT_SAVE))

static const VsDriver drivers[] = {
    {
        .name = "qemu",
        .scheme = "qemu",
        .methods = ANY | CAN(AGENT) | CAN(POWER_BUTTON) | CAN(SAVE) | CAN(TERMINATE) | CAN(WAKE) |
                   CAN(ABORT_JOB) | CAN(SET_CLOCK),
        .tells = VS_TELLS_QMP | VS_TELLS_SHUTDOWN | VS_TELLS_REBOOT | VS_TELLS_ORDER,
        .down = VS_CONFIDENCE_CERTAIN,
        .ids_grow = true,
        .ladder = VS_LADDER_DEFAULT,
    },
    {
        /* The only word of an end is that of libvirt_lxc, whose child init is: it doesn't say how
         * init ended, but for a reboot. */
        .name = "lxc",
        .scheme = "lxc",
        .methods = ANY | CAN(INITCTL) | CAN(SIGNAL),
        .tells = VS_TELLS_REBOOT,
        .down = VS_CONFIDENCE_LIKELY,
        .new_id = true,
        .fails_first = true,
        .ladder = "initctl:15s signal:60s destroy",
    },
    {
        /* A power-off and a reboot are both STOPPED/SHUTDOWN; after a reboot STARTED follows. */
        .name = "libxl",
        .scheme = "xen",
        .methods = ANY | CAN(POWER_BUTTON) | CAN(PARAVIRT) | CAN(SAVE) | CAN(WAKE),
        .tells = VS_TELLS_PANIC | VS_TELLS_ORDER,
        .down = VS_CONFIDENCE_LIKELY,
        .ids_grow = true,
        .ladder = "power-button:60s paravirt:120s destroy",
    },
    {
        .name = "ch",
        .scheme = "ch",
        .methods = ANY | CAN(POWER_BUTTON) | CAN(SAVE),
        .tells = VS_TELLS_PANIC | VS_TELLS_ORDER,
        .down = VS_CONFIDENCE_LIKELY,
        .ladder = "power-button:120s destroy",
    },
    {
        .name = "bhyve",
        .scheme = "bhyve",
        .methods = ANY | CAN(POWER_BUTTON),
        .tells = VS_TELLS_PANIC | VS_TELLS_ORDER,
        .down = VS_CONFIDENCE_LIKELY,
        .plain_shutdown = true,
        .ladder = "power-button:120s destroy",
    },
    {
        .name = "test",
        .scheme = "test",
        .methods = ANY | CAN(POWER_BUTTON) | CAN(SAVE),
        .tells = VS_TELLS_PANIC | VS_TELLS_ORDER,
        .down = VS_CONFIDENCE_LIKELY,
        .ids_grow = true,
        .plain_shutdown = true,
        .ladder = "power-button:120s destroy",
    },
    {
        /* One that nobody here knows: libvirt will say what it can't. */
        .name = "other",
        .methods = ANY | CAN(POWER_BUTTON) | CAN(INITCTL) | CAN(SIGNAL) | CAN(PARAVIRT) | CAN(SAVE),
        .tells = VS_TELLS_SHUTDOWN | VS_TELLS_REBOOT | VS_TELLS_PANIC | VS_TELLS_ORDER,
        .down = VS_CONFIDENCE_LIKELY,
        .ladder = "power-button:120s destroy",
    },
};

const VsDriver *
vs_driver_of(const char *uri)
{
    const VsDriver *driver = drivers;
    size_t length = strcspn(uri, "+:"); /* qemu+ssh://HOST/system */

    for (; driver->scheme; driver++)
        if (strlen(driver->scheme) == length &&
            g_ascii_strncasecmp(driver->scheme, uri, length) == 0)
            break;
    return driver;
}

const VsDriver *
vs_driver_at(unsigned i)
{
    return i < G_N_ELEMENTS(drivers) ? &drivers[i] : NULL;
}

bool
vs_driver_has(const VsDriver *driver, VsMethod method)
{
    return driver->methods & 1U << method;
}

bool
vs_driver_tells(const VsDriver *driver, VsDriverTells what)
{
    return driver->tells & what;
}

void
vs_driver_ladder(const VsDriver *driver, VsLadder *ret)
{
    bool ok = vs_ladder_parse(driver->ladder, ret, NULL);

    g_assert(ok);
}

const VsStep *
vs_driver_refuses(const VsDriver *driver, const VsLadder *ladder)
{
    for (unsigned i = 0; i < ladder->n_steps; i++)
        if (!vs_driver_has(driver, ladder->steps[i].method))
            return &ladder->steps[i];
    return NULL;
}

char *
vs_driver_steps(const VsDriver *driver)
{
    GString *text = g_string_new(NULL);

    for (VsMethod i = 0; i < VS_N_METHODS; i++)
        if (vs_method_info(i)->place != VS_PLACE_NONE && vs_driver_has(driver, i))
            g_string_append_printf(text, "%s%s", text->len > 0 ? ", " : "", vs_method_name(i));
    return g_string_free(text, FALSE);
}
