/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bus/check.h"

#include <string.h>

#include "bus/errors.h"
#include "bus/options.h"
#include "bus/questions.h"
#include "core/finding.h"

static int
append_text(sd_bus_message *reply, const char *key, const char *text)
{
    g_autofree char *valid = text && *text ? vs_bus_text(text) : NULL;

    return valid ? sd_bus_message_append(reply, "{sv}", key, "s", valid) : 0;
}

static int
append_span(sd_bus_message *reply, const char *key, int64_t span)
{
    return span > 0 ? sd_bus_message_append(reply, "{sv}", key, "t", (uint64_t)span) : 0;
}

/* What there is to be said, and nothing else. */
static int
append(sd_bus_message *reply, const VsFinding *finding)
{
    const char *level = vs_finding_level_name(vs_finding_level(finding->kind));
    const VsDomainId *domain = &finding->domain;
    int r;

    if ((r = sd_bus_message_open_container(reply, 'a', "{sv}")) < 0 ||
        (r = append_text(reply, "level", level)) < 0 ||
        (r = append_text(reply, "kind", vs_finding_kind_name(finding->kind))) < 0 ||
        (r = append_text(reply, "uri", domain->uri)) < 0 ||
        (r = append_text(reply, "domain", domain->name)) < 0 ||
        (r = append_text(reply, "uuid", domain->uuid.text)) < 0 ||
        (r = append_span(reply, "took", finding->took)) < 0 ||
        (r = append_span(reply, "given", finding->given)) < 0 ||
        (r = append_text(reply, "on_poweroff", vs_on_poweroff_name(finding->on_poweroff))) < 0 ||
        (r = append_text(reply, "message", finding->message)) < 0)
        return r;
    return sd_bus_message_close_container(reply);
}

/* @uri: the one that is asked for; NULL: any. */
static bool
is_meant(const char *uri, const char *its)
{
    return !uri || !its || g_str_equal(uri, its);
}

static int
append_connections(VsBus *bus, sd_bus_message *reply, const char *wanted)
{
    int r = 0;

    for (char **uri = bus->uris; r >= 0 && *uri; uri++) {
        VsFinding finding = {.kind = VS_FINDING_NOT_CONNECTED, .domain.uri = *uri};
        if (is_meant(wanted, *uri) && !vs_engine_is_connected(bus->engine, *uri))
            r = append(reply, &finding);
    }
    return r;
}

static void
run(VsBusQuestion *question)
{
    question->found = question->ops.check(question->view, &question->dropped);
}

static int
reply_findings(VsBus *bus, sd_bus_message *message, const VsBusQuestion *question)
{
    const char *uri = question->query.uri;
    const GPtrArray *findings = question->found;
    g_autoptr(sd_bus_message) reply = NULL;
    int r;

    if ((r = sd_bus_message_new_method_return(message, &reply)) < 0 ||
        (r = sd_bus_message_open_container(reply, 'a', "a{sv}")) < 0 ||
        (r = append_connections(bus, reply, uri)) < 0)
        return r;
    for (unsigned i = 0; r >= 0 && i < findings->len; i++) {
        const VsFinding *finding = g_ptr_array_index(findings, i);
        if (is_meant(uri, finding->domain.uri))
            r = append(reply, finding);
    }
    if (r < 0 || (r = sd_bus_message_close_container(reply)) < 0)
        return r;
    return sd_bus_send(bus->connection, reply, NULL);
}

/* The keys and short words of one that is about a guest, a path's length among them. */
#define FINDING_SIZE ((size_t)256)

static size_t
size(const void *found)
{
    const VsFinding *finding = found;

    return FINDING_SIZE + (finding->domain.name ? strlen(finding->domain.name) : 0) +
           (finding->message ? strlen(finding->message) : 0);
}

static const VsBusQuestionKind kind = {
    .guests = true,
    .run = run,
    .reply = reply_findings,
    .size = size,
};

int
vs_bus_check(sd_bus_message *message, void *userdata, sd_bus_error *ret_error)
{
    VsBus *bus = userdata;
    g_autoptr(GError) error = NULL;
    VsBusOptions options = {0};
    VsBusQuestion *question;

    if (!vs_bus_options_read(message, VS_BUS_OPTION_URI, &options, &error))
        return vs_bus_error_reply(message, error);
    question = vs_bus_question_new(bus, &kind);
    question->query.uri = vs_bus_question_keep(question, options.uri);
    return vs_bus_ask(bus, message, question);
}
