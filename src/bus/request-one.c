/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bus/request-one.h"

#include <string.h>

#include "bus/access.h"
#include "bus/errors.h"
#include "bus/gate.h"
#include "bus/inquiry.h"
#include "bus/path.h"
#include "bus/requester.h"
#include "bus/signals.h"
#include "bus/user-names.h"
#include "util/error.h"
#include "util/i18n.h"
#include "util/text.h"

typedef struct VsRequest {
    sd_bus_message *message; /* its strings are the options' */
    VsEventType type;
    char *text;  /* whom it is about: a name, UUID or id, */
    char *uri;   /* ... there; NULL: anywhere */
    VsUuid stop; /* ... and which stop of his; "": whichever is in flight */
    VsRequester by;
    VsBusOptions options;
    uint64_t span;
    bool inquired;     /* libvirt was asked whether there is such a domain; */
    char *why_not;     /* ... NULL: it answered */
    VsBusDeed allowed; /* what he may do */
    unsigned n_asked;  /* how often he was asked for */
} VsRequest;

static void
request_free(VsRequest *request)
{
    sd_bus_message_unref(request->message);
    g_free(request->text);
    g_free(request->uri);
    g_free(request->why_not);
    vs_bus_deed_clear(&request->allowed);
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
    if (guest && type != VS_EVENT_STOP)
        request->stop = guest->stop->id;
    if (!read_arguments(request, guest == NULL, error) ||
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

/* The one that a stop's object was asked to steer may be over, and another one in flight. */
static bool
is_meant(const VsRequest *request, const VsGuest *guest, GError **error)
{
    g_autofree char *name = NULL;

    if (!*request->stop.text ||
        (guest->stop && g_str_equal(guest->stop->id.text, request->stop.text)))
        return true;
    name = vs_text_quoted(guest->domain.name);
    g_set_error(error, VS_ERROR, VS_ERROR_NO_STOP, _("This stop of %s is over"), name);
    return false;
}

/* With what is known of the domain now. */
static int
carry_out(VsBus *bus, const VsRequest *request)
{
    g_autoptr(GError) error = NULL;
    const VsGuest *guest = resolve(bus, request->text, request->uri, &error);

    if (!guest || !is_meant(request, guest, &error))
        return vs_bus_error_reply(request->message, error);
    return hand_over(bus, request, guest);
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

static int go_on(VsBus *bus, VsRequest *request);

static void
free_request(void *data)
{
    request_free(data);
}

static void
on_inquired(VsBus *bus, const char *why_not, void *data)
{
    VsRequest *request = data;
    g_autoptr(sd_bus_message) message = sd_bus_message_ref(request->message);
    int r;

    request->inquired = true;
    request->why_not = g_strdup(why_not);
    r = go_on(bus, request);
    if (r < 0)
        sd_bus_reply_method_errno(message, r, NULL);
}

static int
on_allowed(VsBus *bus, sd_bus_message *message, void *data)
{
    VsRequest *request = data;

    if (!request->by.user) /* it was looked up meanwhile */
        request->by.user = g_strdup(vs_bus_user_names_get(bus, request->by.uid));
    return go_on(bus, request);
}

/* While somebody thinks about it, a name may become another guest's, and the next step of a stop
 * the last one. So this is looked at again, but not for ever. */
#define MAX_ASKED 4

static bool
is_allowed(VsBus *bus, VsRequest *request)
{
    const VsGuest *guest = vs_engine_resolve(bus->engine, request->text, request->uri, NULL);
    g_auto(VsBusDeed) deed = {0};

    if (vs_bus_gate_is_trusted(bus, request->message))
        return true;
    vs_bus_deed_of_one(bus, request->type, guest, request->text, request->uri, &request->options,
                       &deed);
    if (request->n_asked > 0 && vs_bus_deed_is_same(&deed, &request->allowed))
        return true;
    vs_bus_deed_clear(&request->allowed);
    request->allowed = deed;
    deed = (VsBusDeed){0};
    return false;
}

/* Takes @request over. */
static int
ask(VsBus *bus, VsRequest *taken)
{
    g_autoptr(VsRequest) request = taken;
    g_autoptr(GError) error = NULL;
    g_autofree char *name = NULL;

    if (request->n_asked++ < MAX_ASKED) {
        g_steal_pointer(&request);
        return vs_bus_access_ask(bus, taken->message, &taken->allowed, on_allowed, free_request,
                                 taken);
    }
    name = vs_text_quoted(request->text);
    g_set_error(&error, VS_ERROR, VS_ERROR_ACCESS,
                _("What is to be done to %s changes faster than it can be allowed"), name);
    return vs_bus_error_reply(request->message, error);
}

/* Takes @request over: whoever waits for something has it. */
static int
go_on(VsBus *bus, VsRequest *taken)
{
    g_autoptr(VsRequest) request = taken;
    g_autoptr(GError) error = NULL;

    if (!is_allowed(bus, request))
        return ask(bus, g_steal_pointer(&request));
    if (request->type != VS_EVENT_STOP || !is_in_vain(bus, request))
        return carry_out(bus, request);
    if (!request->inquired && vs_bus_inquire(bus, request->text, request->uri, request->message,
                                             on_inquired, free_request, request)) {
        g_steal_pointer(&request);
        return 1;
    }
    if (!request->why_not)
        return carry_out(bus, request);
    g_set_error_literal(&error, VS_ERROR, VS_ERROR_FAILED, request->why_not);
    return vs_bus_error_reply(request->message, error);
}

int
vs_bus_request(VsBus *bus, sd_bus_message *message, VsEventType type, const VsGuest *guest)
{
    g_autoptr(GError) error = NULL;
    VsRequest *request = read_request(bus, message, type, guest, &error);

    return request ? go_on(bus, request) : vs_bus_error_reply(message, error);
}
