/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bus/request-all.h"

#include <unistd.h>

#include "bus/access.h"
#include "bus/errors.h"
#include "bus/gate.h"
#include "bus/inquiry.h"
#include "bus/message.h"
#include "bus/options.h"
#include "bus/path.h"
#include "bus/requester.h"
#include "bus/signals.h"
#include "util/error.h"
#include "util/i18n.h"

/* The stops that are part of it: (domain's name, path). @part: only those of that; NULL: all. */
static int
reply_stops(VsBus *bus, sd_bus_message *message, const VsPart *part)
{
    g_autoptr(GPtrArray) guests = vs_engine_guests(bus->engine);
    g_autoptr(sd_bus_message) reply = NULL;
    int r;

    if ((r = sd_bus_message_new_method_return(message, &reply)) < 0 ||
        (r = sd_bus_message_open_container(reply, SD_BUS_TYPE_ARRAY, "(so)")) < 0)
        return r;
    for (unsigned i = 0; i < guests->len; i++) {
        const VsGuest *guest = guests->pdata[i];
        g_autofree char *name = NULL, *path = NULL;

        if (!guest->stop || !vs_engine_find_host_stop(bus->engine, guest) ||
            !vs_engine_is_of_part(bus->engine, guest, part))
            continue;
        name = vs_bus_text(guest->domain.name);
        path = vs_bus_guest_stop_path(guest);
        if ((r = sd_bus_message_append(reply, "(so)", name, path)) < 0)
            return r;
    }
    if ((r = sd_bus_message_close_container(reply)) < 0)
        return r;
    return sd_bus_send(bus->connection, reply, NULL);
}

static bool
read_stop_all(sd_bus_message *message, VsBusOptions *options, GError **error)
{
    unsigned allowed = VS_BUS_OPTION_LADDER | VS_BUS_OPTION_BUDGET | VS_BUS_OPTION_REASON |
                       VS_BUS_OPTION_SHUTDOWN | VS_BUS_OPTION_KIND | VS_BUS_OPTIONS_PART;

    return vs_bus_options_read(message, allowed, options, error);
}

static bool
read_kind(const VsBusOptions *options, VsHostKind *ret, GError **error)
{
    if (!options->kind)
        return true;
    if (options->shutdown)
        return vs_host_kind_parse(options->kind, ret, error);
    g_set_error(error, VS_ERROR, VS_ERROR_INVALID,
                _("The option “kind” says how the host goes down: it needs “shutdown”"));
    return false;
}

/* A host goes down as a whole. */
static bool
read_part(const VsBusOptions *options, VsPart **ret, GError **error)
{
    g_autoptr(VsPart) part = NULL;

    if (!vs_bus_options_part(options, &part, error))
        return false;
    if (part && options->shutdown) {
        g_set_error(error, VS_ERROR, VS_ERROR_INVALID,
                    _("The option “shutdown” is about all guests: no part of them is allowed with "
                      "it"));
        return false;
    }
    *ret = g_steal_pointer(&part);
    return true;
}

static int
begin_stop_all(VsBus *bus, sd_bus_message *message)
{
    VsEvent event = {.type = VS_EVENT_STOP_ALL};
    g_autoptr(GError) error = NULL;
    g_autoptr(VsPart) part = NULL;
    VsBusOptions options = {0};
    VsRequester by = {0};
    int r;

    if (!read_stop_all(message, &options, &error) ||
        !read_kind(&options, &event.stop_all.kind, &error) || !read_part(&options, &part, &error) ||
        !vs_bus_requester_read(bus, message, &by, &error))
        return vs_bus_error_reply(message, error);
    event.stop_all.ladder = options.ladder;
    event.stop_all.budget = (int64_t)options.budget;
    event.stop_all.reason = options.reason;
    event.stop_all.shutdown = options.shutdown;
    event.stop_all.part = part;
    event.stop_all.by = &by;
    vs_bus_hold(bus);
    if (bus->ops.request(&event, NULL, &error, bus->userdata))
        r = reply_stops(bus, message, part);
    else
        r = vs_bus_error_reply(message, error);
    vs_bus_release(bus);
    vs_requester_clear(&by);
    return r;
}

static void
free_message(void *data)
{
    sd_bus_message_unref(data);
}

static void
on_inquired(VsBus *bus, const char *why_not, void *data)
{
    g_autoptr(sd_bus_message) message = data;
    int r = sd_bus_message_rewind(message, true);

    if (r >= 0)
        r = begin_stop_all(bus, message);
    if (r < 0)
        sd_bus_reply_method_errno(message, r, NULL);
}

/* Of guests that were started just now, or whose libvirt came, their XML is only being read: so
 * that all who are of the part have their stops when this is answered. */
static int
stop_all(VsBus *bus, sd_bus_message *message, void *data)
{
    g_autoptr(VsPart) part = NULL;
    VsBusOptions options = {0};

    if (read_stop_all(message, &options, NULL) && read_part(&options, &part, NULL) && part &&
        vs_bus_inquire_part(bus, part, message, on_inquired, free_message, message)) {
        sd_bus_message_ref(message);
        return 1;
    }
    sd_bus_message_rewind(message, true);
    return begin_stop_all(bus, message);
}

/* What the host does is no matter of who may stop guests: the records say it, and virtstopd
 * believes it. */
static bool
may_tell_of_host(VsBus *bus, sd_bus_message *message, const VsBusOptions *options, GError **error)
{
    const char *option = options->shutdown ? "shutdown" : options->kind ? "kind" : NULL;

    if (!option || vs_bus_gate_is_trusted(bus, message))
        return true;
    /* TRANSLATORS: an option's name, and the daemon's uid. */
    g_set_error(error, VS_ERROR, VS_ERROR_ACCESS,
                _("Option “%s”: only root and the user that virtstopd runs as (uid %u) may say "
                  "that the host goes down"),
                option, (unsigned)geteuid());
    return false;
}

int
vs_bus_stop_all(sd_bus_message *message, void *userdata, sd_bus_error *ret_error)
{
    g_auto(VsBusDeed) deed = {0};
    g_autoptr(GError) error = NULL;
    VsBusOptions options = {0};

    if (!read_stop_all(message, &options, &error) ||
        !may_tell_of_host(userdata, message, &options, &error))
        return vs_bus_error_reply(message, error);
    vs_bus_deed_of_all(&options, &deed);
    return vs_bus_access_ask(userdata, message, &deed, stop_all, NULL, NULL);
}

/* Takes the event to the engine, and tells the caller what became of it. */
static int
request(VsBus *bus, sd_bus_message *message, const VsEvent *event)
{
    g_autoptr(GError) error = NULL;

    if (!bus->ops.request(event, NULL, &error, bus->userdata))
        return vs_bus_error_reply(message, error);
    return sd_bus_reply_method_return(message, NULL);
}

static int
cancel_all(VsBus *bus, sd_bus_message *message, void *data)
{
    VsEvent event = {.type = VS_EVENT_CANCEL_ALL};
    g_autoptr(GError) error = NULL;
    VsBusOptions options = {0};
    VsRequester by = {0};
    int r;

    if (!vs_bus_options_read(message, VS_BUS_OPTION_HOST_STOP, &options, &error) ||
        !vs_bus_requester_read(bus, message, &by, &error))
        return vs_bus_error_reply(message, error);
    event.host_stop = options.host_stop;
    event.by = &by;
    r = request(bus, message, &event);
    vs_requester_clear(&by);
    return r;
}

static int
extend_all(VsBus *bus, sd_bus_message *message, void *data)
{
    VsEvent event = {.type = VS_EVENT_EXTEND_ALL};
    g_autoptr(GError) error = NULL;
    VsBusOptions options = {0};
    VsRequester by = {0};
    uint64_t span;
    int r;

    if (!vs_bus_span_read(message, "usec", &span, &error) ||
        !vs_bus_options_read(message, VS_BUS_OPTION_HOST_STOP, &options, &error) ||
        !vs_bus_requester_read(bus, message, &by, &error))
        return vs_bus_error_reply(message, error);
    event.host_stop = options.host_stop;
    event.extend.span = (int64_t)span;
    event.extend.by = &by;
    r = request(bus, message, &event);
    vs_requester_clear(&by);
    return r;
}

static int
restore(VsBus *bus, sd_bus_message *message, void *data)
{
    g_autoptr(GError) error = NULL;
    VsBusOptions options = {0};

    if (!vs_bus_options_read(message, VS_BUS_OPTION_HOST_STOP, &options, &error) ||
        !bus->ops.restore(options.host_stop, &error, bus->userdata))
        return vs_bus_error_reply(message, error);
    return sd_bus_reply_method_return(message, NULL);
}

int
vs_bus_cancel_all(sd_bus_message *message, void *userdata, sd_bus_error *ret_error)
{
    return vs_bus_access_ask(userdata, message, &(VsBusDeed){0}, cancel_all, NULL, NULL);
}

int
vs_bus_extend_all(sd_bus_message *message, void *userdata, sd_bus_error *ret_error)
{
    return vs_bus_access_ask(userdata, message, &(VsBusDeed){0}, extend_all, NULL, NULL);
}

int
vs_bus_restore(sd_bus_message *message, void *userdata, sd_bus_error *ret_error)
{
    return vs_bus_access_ask(userdata, message, &(VsBusDeed){0}, restore, NULL, NULL);
}
