/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bus/signals.h"

#include "bus/path.h"

static void
telling_free(gpointer data)
{
    VsBusTelling *telling = data;

    vs_domain_id_clear(&telling->domain);
    g_free(telling->text);
    g_free(telling);
}

static VsBusTelling *
telling_copy(const VsBusTelling *telling)
{
    VsBusTelling *copy = g_new(VsBusTelling, 1);

    *copy = *telling;
    vs_domain_id_copy(&copy->domain, &telling->domain);
    copy->text = g_strdup(telling->text);
    return copy;
}

void
vs_bus_tell_when_free(VsBus *bus, const VsBusTelling *telling)
{
    if (bus->held)
        g_ptr_array_add(bus->held, telling_copy(telling));
    else
        telling->tell(bus, telling);
}

void
vs_bus_hold(VsBus *bus)
{
    g_assert(!bus->held);
    bus->held = g_ptr_array_new_with_free_func(telling_free);
}

void
vs_bus_release(VsBus *bus)
{
    g_autoptr(GPtrArray) held = g_steal_pointer(&bus->held);

    for (unsigned i = 0; i < held->len; i++) {
        const VsBusTelling *telling = held->pdata[i];
        telling->tell(bus, telling);
    }
}

void
vs_bus_tell_property(VsBus *bus, const char *property)
{
    if (vs_bus_is_heard(bus))
        sd_bus_emit_properties_changed(bus->connection, VS_BUS_ROOT, VS_BUS_MANAGER_INTERFACE,
                                       property, NULL);
}

void
vs_bus_tell_removed(VsBus *bus, const char *path, const char *interface)
{
    if (vs_bus_is_heard(bus))
        sd_bus_emit_interfaces_removed(bus->connection, path, "org.freedesktop.DBus.Peer",
                                       "org.freedesktop.DBus.Introspectable",
                                       "org.freedesktop.DBus.Properties", interface, NULL);
}
