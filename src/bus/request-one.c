/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bus/request-one.h"

#include <string.h>

#include "bus/access.h"
#include "bus/errors.h"
#include "bus/inquiry.h"
#include "bus/path.h"
#include "bus/requester.h"
#include "bus/signals.h"
#include "util/error.h"
#include "util/i18n.h"
#include "util/text.h"

typedef struct VsRequest {
    sd_bus_message *message; /* its strings are the options' */
    VsEventType type;
    char *text; /* whom it is about: a name, UUID or id, */
    char *uri;  /* ... there; NULL: anywhere */
    VsRequester by;
    VsBusOptions options;
    uint64_t span;
} VsRequest;

static void
request_free(VsRequest *request)
{
    sd_bus_message_unref(request->message);
    g_free(request->text);
    g_free(request->uri);
    vs_requester_clear(&request->by);
    g_free(request);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VsRequest, request_free)

/* Longer than any domain's name; escaping what somebody sends beyond that is only work. */
#define MAX_NAME 4096

static char *
bound(const char *text)
{
    return g_utf8_make_valid(text, (gssize)strnlen(text, MAX_NAME));
}

/* As vs_engine_resolve(). @uri: NULL: any. */
static const VsGuest *
resolve(VsBus *bus, const char *text, const char *uri, GError **error)
{
    g_autoptr(GError) why = NULL;
    g_autofree char *bounded = bound(text);
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
read_arguments(VsRequest *request, bool by_name, GError **error)
{
    unsigned allowed = by_name ? VS_BUS_OPTION_URI : 0;
    const char *text = NULL;
    int r;

    if (request->type == VS_EVENT_STOP)
        allowed |= VS_BUS_OPTION_LADDER | VS_BUS_OPTION_BUDGET | VS_BUS_OPTION_REASON;
    if (by_name &&
        (r = sd_bus_message_read_basic(request->message, SD_BUS_TYPE_STRING, &text)) < 0) {
        g_set_error(error, VS_ERROR, VS_ERROR_INVALID, _("The domain can't be read: %s"),
                    g_strerror(-r));
        return false;
    }
    if (request->type == VS_EVENT_EXTEND &&
        !vs_bus_span_read(request->message, "usec", &request->span, error))
        return false;
    if (allowed != 0 && !vs_bus_options_read(request->message, allowed, &request->options, error))
        return false;
    if (by_name) {
        request->text = bound(text);
        request->uri = g_strdup(request->options.uri);
    }
    return true;
}

static VsRequest *
read_request(VsBus *bus, sd_bus_message *message, VsEventType type, const VsGuest *guest,
             GError **error)
{
    g_autoptr(VsRequest) request = g_new0(VsRequest, 1);

    request->message = sd_bus_message_ref(message);
    request->type = type;
    if (guest) {
        request->text = g_strdup(guest->domain.uuid.text);
        request->uri = g_strdup(guest->domain.uri);
    }
    if (!vs_bus_access_check(bus, message, access_of(type), error) ||
        !read_arguments(request, guest == NULL, error) ||
        !vs_bus_requester_read(bus, message, &request->by, error))
        return NULL;
    return g_steal_pointer(&request);
}

static void
fill_event(VsEvent *event, const VsRequest *request)
{
    event->type = request->type;
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
reply_to(const VsRequest *request, const VsUuid *stop)
{
    g_autofree char *path = NULL;

    if (request->type != VS_EVENT_STOP)
        return sd_bus_reply_method_return(request->message, NULL);
    path = vs_bus_stop_path(stop);
    return sd_bus_reply_method_return(request->message, "o", path);
}

/* The reply goes out before what the request set off, so that a caller knows the stop's path when
 * its first signal comes. */
static int
hand_over(VsBus *bus, const VsRequest *request, const VsGuest *guest)
{
    VsDomainId domain = {0};
    g_autoptr(GError) error = NULL;
    VsEvent event = {.domain = &domain};
    VsUuid stop;
    int r;

    /* A copy: the engine's own may go while it takes the event. */
    vs_domain_id_copy(&domain, &guest->domain);
    fill_event(&event, request);
    vs_bus_hold(bus);
    if (bus->ops.request(&event, &stop, &error, bus->userdata))
        r = reply_to(request, &stop);
    else
        r = vs_bus_error_reply(request->message, error);
    vs_bus_release(bus);
    vs_domain_id_clear(&domain);
    return r;
}

/* With what is known of the domain now. */
static int
carry_out(VsBus *bus, const VsRequest *request)
{
    g_autoptr(GError) error = NULL;
    const VsGuest *guest = resolve(bus, request->text, request->uri, &error);

    return guest ? hand_over(bus, request, guest) : vs_bus_error_reply(request->message, error);
}

/* Whether there is nothing to be stopped, as far as is known. */
static bool
is_in_vain(VsBus *bus, const VsRequest *request)
{
    g_autoptr(GError) why = NULL;
    const VsGuest *guest = vs_engine_resolve(bus->engine, request->text, request->uri, &why);

    return guest ? !vs_guest_can_be_stopped(guest)
                 : !g_error_matches(why, VS_ERROR, VS_ERROR_AMBIGUOUS);
}

static void
on_inquired(VsBus *bus, const char *why_not, void *data)
{
    const VsRequest *request = data;
    g_autoptr(GError) error = NULL;
    int r;

    if (why_not && is_in_vain(bus, request)) {
        g_set_error_literal(&error, VS_ERROR, VS_ERROR_FAILED, why_not);
        r = vs_bus_error_reply(request->message, error);
    } else {
        r = carry_out(bus, request);
    }
    if (r < 0)
        sd_bus_reply_method_errno(request->message, r, NULL);
}

static void
free_request(void *data)
{
    request_free(data);
}

int
vs_bus_request(VsBus *bus, sd_bus_message *message, VsEventType type, const VsGuest *guest)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(VsRequest) request = read_request(bus, message, type, guest, &error);

    if (!request)
        return vs_bus_error_reply(message, error);
    if (type == VS_EVENT_STOP && is_in_vain(bus, request) &&
        vs_bus_inquire(bus, request->text, request->uri, on_inquired, free_request, request)) {
        g_steal_pointer(&request);
        return 1;
    }
    return carry_out(bus, request);
}
