/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "record/journal.h"

#include <string.h>
#include <syslog.h>

/* The entry is about a guest: the line of our source that sent it helps nobody. */
#define SD_JOURNAL_SUPPRESS_LOCATION
#include <systemd/sd-journal.h>

#include "core/sentence.h"
#include "util/i18n.h"

static VsOutcome
get_outcome(const VsRecord *record)
{
    const char *name = record->request ? vs_json_string(record->request, "outcome", NULL) : NULL;
    VsOutcome outcome = VS_OUTCOME_NONE;

    if (name)
        vs_outcome_parse(name, &outcome);
    return outcome;
}

/* What the on-call person can repeat; no surer than the record is. */
static char *
make_message(json_object *record)
{
    g_autofree char *sentence = vs_sentence_tell(record);

    if (vs_json_bool(record, "host_shutdown", false))
        return g_strdup_printf(_("%s, as the host was going down"), sentence);
    return g_steal_pointer(&sentence);
}

static int
get_priority(VsClean clean)
{
    switch (clean) {
    case VS_CLEAN_YES:
        return LOG_INFO;
    case VS_CLEAN_NO:
        return LOG_WARNING;
    default:
        return LOG_NOTICE;
    }
}

/* In the words of the record's JSON. */
static const char *
clean_name(VsClean clean)
{
    switch (clean) {
    case VS_CLEAN_YES:
        return "true";
    case VS_CLEAN_NO:
        return "false";
    default:
        return "null";
    }
}

static void
add(GPtrArray *fields, const char *key, const char *value)
{
    if (value)
        g_ptr_array_add(fields, g_strconcat(key, "=", value, NULL));
}

static void
add_int(GPtrArray *fields, const char *key, int value)
{
    g_ptr_array_add(fields, g_strdup_printf("%s=%d", key, value));
}

static void
add_killer(GPtrArray *fields, const VsVerdict *verdict)
{
    if (verdict->killer_pid <= 0)
        return;
    add_int(fields, "VIRTSTOP_KILLER_PID", verdict->killer_pid);
    add(fields, "VIRTSTOP_KILLER_COMM", verdict->killer_comm);
}

GPtrArray *
vs_journal_fields(const VsRecord *record, const char *line)
{
    GPtrArray *fields = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(json_object) json = vs_json_parse_object(line, NULL);
    g_autofree char *message = make_message(json);
    VsClean clean = record->verdict.clean;

    add(fields, "MESSAGE", message);
    add(fields, "MESSAGE_ID", VS_MESSAGE_STOP_RECORDED);
    add_int(fields, "PRIORITY", get_priority(clean));
    add(fields, "VIRTSTOP_CAUSE", vs_cause_name(record->verdict.cause));
    add(fields, "VIRTSTOP_CLEAN", clean_name(clean));
    add(fields, "VIRTSTOP_CONFIDENCE", vs_confidence_name(record->verdict.confidence));
    add(fields, "VIRTSTOP_DOMAIN", record->domain.name);
    add(fields, "VIRTSTOP_DOMAIN_UUID", record->domain.uuid.text);
    add(fields, "VIRTSTOP_URI", record->domain.uri);
    add(fields, "VIRTSTOP_RECORD_ID", record->id.text);
    add(fields, "VIRTSTOP_SIGNAL", vs_json_string(json, "signal", NULL));
    add_killer(fields, &record->verdict);
    if (get_outcome(record) != VS_OUTCOME_NONE)
        add(fields, "VIRTSTOP_OUTCOME", vs_outcome_name(get_outcome(record)));
    if (*record->host_stop.text)
        add(fields, "VIRTSTOP_HOST_STOP", record->host_stop.text);
    add(fields, "VIRTSTOP_RECORD", line);
    return fields;
}

GPtrArray *
vs_journal_request_fields(json_object *request, const char *line)
{
    GPtrArray *fields = g_ptr_array_new_with_free_func(g_free);
    json_object *domain = vs_json_object(request, "domain");
    g_autofree char *message = vs_request_record_tell(request);

    add(fields, "MESSAGE", message);
    add(fields, "MESSAGE_ID", VS_MESSAGE_REQUEST);
    add_int(fields, "PRIORITY", LOG_NOTICE);
    add(fields, "VIRTSTOP_REQUEST", vs_json_string(request, "what", NULL));
    add(fields, "VIRTSTOP_DOMAIN", vs_json_string(domain, "name", NULL));
    add(fields, "VIRTSTOP_DOMAIN_UUID", vs_json_string(domain, "uuid", NULL));
    add(fields, "VIRTSTOP_URI", vs_json_string(request, "uri", NULL));
    add(fields, "VIRTSTOP_STOP", vs_json_string(vs_json_object(request, "request"), "stop", NULL));
    add(fields, "VIRTSTOP_RECORD", line);
    return fields;
}

void
vs_journal_send(const GPtrArray *fields)
{
    g_autofree struct iovec *iov = g_new(struct iovec, fields->len);

    for (unsigned i = 0; i < fields->len; i++) {
        iov[i].iov_base = fields->pdata[i];
        iov[i].iov_len = strlen(fields->pdata[i]);
    }
    /* The history has the record, or will; journald is told where there is one. */
    (void)sd_journal_sendv(iov, (int)fields->len);
}
