/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bus/request-one.h"

#include <string.h>

#include "bus/access.h"
#include "bus/errors.h"
#include "bus/path.h"
#include "bus/requester.h"
#include "bus/signals.h"
#include "util/error.h"
#include "util/i18n.h"
#include "util/text.h"

typedef struct VsRequest {
    VsDomainId domain;
    VsRequester by;
    VsBusOptions options;
    uint64_t span;
} VsRequest;

static void
request_clear(VsRequest *request)
{
    vs_domain_id_clear(&request->domain);
    vs_requester_clear(&request->by);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(VsRequest, request_clear)

/* Longer than any domain's name; escaping what somebody sends beyond that is only work. */
#define MAX_NAME 4096

/* As vs_engine_resolve(). @uri: NULL: any. */
static const VsGuest *
resolve(VsBus *bus, const char *text, const char *uri, GError **error)
{
    g_autoptr(GError) why = NULL;
    g_autofree char *bounded = g_utf8_make_valid(text, (gssize)strnlen(text, MAX_NAME));
    const VsGuest *guest = vs_engine_resolve(bus->engine, bounded, uri, &why);
    g_autofree char *watched = NULL, *where = NULL, *name = NULL;

    if (guest)
        return guest;
    if (!uri || g_strv_contains((const char *const *)bus->uris, uri)) {
        g_propagate_error(error, g_steal_pointer(&why));
        return NULL;
    }
    watched = g_strjoinv(", ", bus->uris);
    where = vs_text_quoted(uri);
    name = vs_text_quoted(bounded);
    g_set_error(error, VS_ERROR, VS_ERROR_NO_SUCH_DOMAIN,
                _("There is no domain %s at %s, which isn't watched (allowed: %s)"), name, where,
                watched);
    return NULL;
}

const VsGuest *
vs_bus_read_domain(VsBus *bus, sd_bus_message *message, const char *text, unsigned allowed,
                   VsBusOptions *ret, GError **error)
{
    VsBusOptions options;
    const VsGuest *guest;

    if (!vs_bus_options_read(message, allowed | VS_BUS_OPTION_URI, &options, error))
        return NULL;
    guest = resolve(bus, text, options.uri, error);
    if (guest)
        *ret = options;
    return guest;
}

static VsBusAccess
access_of(VsEventType type)
{
    static const VsBusAccess access[] = {
        [VS_EVENT_STOP] = VS_BUS_ACCESS_STOP,
        [VS_EVENT_CANCEL] = VS_BUS_ACCESS_CANCEL,
        [VS_EVENT_ESCALATE] = VS_BUS_ACCESS_ESCALATE,
        [VS_EVENT_EXTEND] = VS_BUS_ACCESS_EXTEND,
    };

    return access[type];
}

/* By name, the arguments are DOMAIN, [SPAN], OPTIONS; an object's own methods leave out the domain,
 * and the options too where there are none left. */
static bool
read_arguments(sd_bus_message *message, VsEventType type, const VsGuest *guest,
               const char **ret_text, VsRequest *request, GError **error)
{
    unsigned allowed = guest ? 0 : VS_BUS_OPTION_URI;
    int r;

    if (type == VS_EVENT_STOP)
        allowed |= VS_BUS_OPTION_LADDER | VS_BUS_OPTION_BUDGET | VS_BUS_OPTION_REASON;
    if (!guest && (r = sd_bus_message_read_basic(message, SD_BUS_TYPE_STRING, ret_text)) < 0) {
        g_set_error(error, VS_ERROR, VS_ERROR_INVALID, _("The domain can't be read: %s"),
                    g_strerror(-r));
        return false;
    }
    if (type == VS_EVENT_EXTEND && !vs_bus_span_read(message, "usec", &request->span, error))
        return false;
    return allowed == 0 || vs_bus_options_read(message, allowed, &request->options, error);
}

static bool
read_request(VsBus *bus, sd_bus_message *message, VsEventType type, const VsGuest *guest,
             VsRequest *request, GError **error)
{
    const char *text = NULL;

    if (!vs_bus_access_check(bus, message, access_of(type), error))
        return false;
    if (!read_arguments(message, type, guest, &text, request, error))
        return false;
    if (!guest)
        guest = resolve(bus, text, request->options.uri, error);
    if (!guest)
        return false;

    /* A copy: the engine's own may go while it takes the event. */
    vs_domain_id_copy(&request->domain, &guest->domain);
    return vs_bus_requester_read(bus, message, &request->by, error);
}

static void
fill_event(VsEvent *event, const VsRequest *request)
{
    event->domain = &request->domain;
    switch (event->type) {
    case VS_EVENT_STOP:
        event->stop.ladder = request->options.ladder;
        event->stop.budget = (int64_t)request->options.budget;
        event->stop.reason = request->options.reason;
        event->stop.by = &request->by;
        break;
    case VS_EVENT_EXTEND:
        event->extend.span = (int64_t)request->span;
        event->extend.by = &request->by;
        break;
    default:
        event->by = &request->by;
    }
}

static int
reply_to(sd_bus_message *message, VsEventType type, const VsUuid *stop)
{
    g_autofree char *path = NULL;

    if (type != VS_EVENT_STOP)
        return sd_bus_reply_method_return(message, NULL);
    path = vs_bus_stop_path(stop);
    return sd_bus_reply_method_return(message, "o", path);
}

int
vs_bus_request(VsBus *bus, sd_bus_message *message, VsEventType type, const VsGuest *guest)
{
    g_autoptr(GError) error = NULL;
    g_auto(VsRequest) request = {0};
    VsEvent event = {.type = type};
    VsUuid stop;
    int r;

    if (!read_request(bus, message, type, guest, &request, &error))
        return vs_bus_error_reply(message, error);

    /* The reply goes out before what the request set off, so that a caller knows the stop's path
     * when its first signal comes. */
    fill_event(&event, &request);
    vs_bus_hold(bus);
    if (bus->ops.request(&event, &stop, &error, bus->userdata))
        r = reply_to(message, type, &stop);
    else
        r = vs_bus_error_reply(message, error);
    vs_bus_release(bus);
    return r;
}
