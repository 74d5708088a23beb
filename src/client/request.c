/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "client/request.h"

#include "core/ladder.h"
#include "util/error.h"
#include "util/i18n.h"
#include "util/span.h"
#include "util/text.h"

bool
vs_request_check_text(const char *option, const char *value, GError **error)
{
    g_autofree char *quoted = NULL;

    if (*value && g_utf8_validate(value, -1, NULL))
        return true;
    quoted = vs_text_quoted(value);
    g_set_error(error, VS_ERROR, VS_ERROR_INVALID,
                _("--%s=: %s is not allowed: it must be UTF-8 and not empty"), option, quoted);
    return false;
}

bool
vs_request_set_ladder(VsRequest *request, const char *value, GError **error)
{
    VsLadder ladder;

    if (!vs_request_check_text("ladder", value, error))
        return false;
    if (!vs_ladder_parse(value, &ladder, error)) {
        g_prefix_error(error, "--ladder=: ");
        return false;
    }
    request->ladder = value;
    return true;
}

bool
vs_request_set_budget(VsRequest *request, const char *value, GError **error)
{
    g_autofree char *quoted = NULL;
    int64_t budget;

    if (!vs_span_parse(value, &budget, error)) {
        g_prefix_error(error, "--budget=: ");
        return false;
    }
    if (budget > 0 && budget != VS_USEC_INFINITY) {
        request->budget = budget;
        return true;
    }
    quoted = vs_text_quoted(value);
    g_set_error(error, VS_ERROR, VS_ERROR_INVALID,
                _("--budget=: %s is not allowed: it must be a finite span above 0, such as 5min"),
                quoted);
    return false;
}

bool
vs_request_set_reason(VsRequest *request, const char *value, GError **error)
{
    if (!vs_request_check_text("reason", value, error))
        return false;
    request->reason = value;
    return true;
}

bool
vs_request_add_part(VsRequest *request, VsPartKind kind, const char *option, const char *value,
                    GError **error)
{
    if (!request->part)
        request->part = vs_part_new();
    if (vs_part_add(request->part, kind, value, error))
        return true;
    if (option)
        g_prefix_error(error, "--%s=: ", option);
    return false;
}

static int
append_words(const VsPart *part, VsPartKind kind, sd_bus_message *call)
{
    const GPtrArray *words = vs_part_words(part, kind);
    int r;

    if (words->len == 0)
        return 0;
    if ((r = sd_bus_message_open_container(call, 'e', "sv")) < 0 ||
        (r = sd_bus_message_append(call, "s", vs_part_kind_name(kind))) < 0 ||
        (r = sd_bus_message_open_container(call, 'v', "as")) < 0 ||
        (r = sd_bus_message_open_container(call, 'a', "s")) < 0)
        return r;
    for (unsigned i = 0; i < words->len && r >= 0; i++)
        r = sd_bus_message_append(call, "s", words->pdata[i]);
    if (r < 0 || (r = sd_bus_message_close_container(call)) < 0 ||
        (r = sd_bus_message_close_container(call)) < 0)
        return r;
    return sd_bus_message_close_container(call);
}

int
vs_request_append_part(const VsRequest *request, sd_bus_message *call)
{
    int r = 0;

    for (VsPartKind kind = 0; request->part && r >= 0 && kind < VS_N_PART_KINDS; kind++)
        r = append_words(request->part, kind, call);
    return r;
}

/* As a{sv}; @uri: NULL, any. */
static int
append_options(const VsRequest *request, const char *uri, bool of_part, sd_bus_message *call)
{
    int r = sd_bus_message_open_container(call, 'a', "{sv}");

    if (r >= 0 && uri)
        r = sd_bus_message_append(call, "{sv}", "uri", "s", uri);
    if (r >= 0 && request->ladder)
        r = sd_bus_message_append(call, "{sv}", "ladder", "s", request->ladder);
    if (r >= 0 && request->budget > 0)
        r = sd_bus_message_append(call, "{sv}", "budget", "t", (uint64_t)request->budget);
    if (r >= 0 && request->reason)
        r = sd_bus_message_append(call, "{sv}", "reason", "s", request->reason);
    if (r >= 0 && request->shutdown)
        r = sd_bus_message_append(call, "{sv}", "shutdown", "b", 1);
    if (r >= 0 && request->kind)
        r = sd_bus_message_append(call, "{sv}", "kind", "s", request->kind);
    if (r >= 0 && of_part)
        r = vs_request_append_part(request, call);
    return r < 0 ? r : sd_bus_message_close_container(call);
}

sd_bus_message *
vs_request_new_stop(VsClient *client, const VsRequest *request, const char *domain)
{
    g_autoptr(sd_bus_message) call = vs_client_new_call(client, "Stop");

    if (!call || sd_bus_message_append(call, "s", domain) < 0 ||
        append_options(request, client->uri, false, call) < 0)
        return NULL;
    return g_steal_pointer(&call);
}

sd_bus_message *
vs_request_new_stop_all(VsClient *client, const VsRequest *request)
{
    g_autoptr(sd_bus_message) call = vs_client_new_call(client, "StopAll");

    if (!call || append_options(request, NULL, true, call) < 0)
        return NULL;
    return g_steal_pointer(&call);
}
