/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bus/asker.h"

#include "bus/errors.h"
#include "bus/gate.h"
#include "bus/message.h"
#include "util/error.h"
#include "util/i18n.h"

static const char *const properties[] = {"Reason", "Uid",  "User", "LoginUid",
                                         "Pid",    "Comm", "Unit"};

static bool
is_told(const VsBusCaller *caller, const VsBusAsker *asker)
{
    return caller && (caller->user->trusted || (asker->by && asker->by->uid == caller->user->uid));
}

VsBusAsker
vs_bus_asker_for(VsBus *bus, sd_bus_message *message, const VsBusAsker *asker)
{
    return is_told(vs_bus_gate_addressee(bus, message), asker) ? *asker : (VsBusAsker){0};
}

int
vs_bus_asker_append(sd_bus_message *message, const char *property, const VsBusAsker *asker)
{
    static const VsRequester nobody = {.uid = UINT32_MAX};
    const VsRequester *by = asker->by ? asker->by : &nobody;

    if (g_str_equal(property, "Reason"))
        return vs_bus_append_text(message, asker->reason);
    if (g_str_equal(property, "Uid"))
        return sd_bus_message_append(message, "u", by->uid);
    if (g_str_equal(property, "User"))
        return vs_bus_append_text(message, by->user);
    if (g_str_equal(property, "LoginUid"))
        return sd_bus_message_append(message, "u", by->logged_in ? by->login_uid : UINT32_MAX);
    if (g_str_equal(property, "Pid"))
        return sd_bus_message_append(message, "u", (uint32_t)by->pid);
    return vs_bus_append_text(message, g_str_equal(property, "Comm") ? by->comm : by->unit);
}

static bool
is_number(const char *property)
{
    return g_str_equal(property, "Uid") || g_str_equal(property, "LoginUid") ||
           g_str_equal(property, "Pid");
}

static int
append_entry(sd_bus_message *message, const char *property, const VsBusAsker *asker)
{
    int r;

    if ((r = sd_bus_message_open_container(message, 'e', "sv")) < 0 ||
        (r = sd_bus_message_append(message, "s", property)) < 0 ||
        (r = sd_bus_message_open_container(message, 'v', is_number(property) ? "u" : "s")) < 0 ||
        (r = vs_bus_asker_append(message, property, asker)) < 0 ||
        (r = sd_bus_message_close_container(message)) < 0)
        return r;
    return sd_bus_message_close_container(message);
}

int
vs_bus_asker_reply(sd_bus_message *message, const VsBusAsker *asker)
{
    g_autoptr(sd_bus_message) reply = NULL;
    g_autoptr(GError) error = NULL;
    int r;

    if (!asker) {
        g_set_error(&error, VS_ERROR, VS_ERROR_NO_STOP, _("This stop is over"));
        return vs_bus_error_reply(message, error);
    }
    if ((r = sd_bus_message_new_method_return(message, &reply)) < 0 ||
        (r = sd_bus_message_open_container(reply, 'a', "{sv}")) < 0)
        return r;
    for (unsigned i = 0; r >= 0 && i < G_N_ELEMENTS(properties); i++)
        r = append_entry(reply, properties[i], asker);
    if (r < 0 || (r = sd_bus_message_close_container(reply)) < 0)
        return r;
    return sd_bus_send(NULL, reply, NULL);
}

int
vs_bus_asker_ask(VsBus *bus, sd_bus_message *message, const VsBusAsker *asker,
                 const VsBusDeed *deed, VsBusAllowed then)
{
    if (is_told(vs_bus_gate_caller(bus, message), asker))
        return then(bus, message, NULL);
    return vs_bus_access_ask(bus, message, deed, then, NULL, NULL);
}
