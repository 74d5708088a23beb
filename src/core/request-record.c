/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/request-record.h"

#include "util/i18n.h"
#include "util/text.h"

static const char *const words[] = {
    [VS_REQUEST_OVER] = NULL, /* its outcome */
    [VS_REQUEST_JOINED] = "joined",
    [VS_REQUEST_ESCALATED] = "escalated",
    [VS_REQUEST_EXTENDED] = "extended",
};

/* Of a guest, and of who did it where @by is set. */
static const struct {
    const char *what, *sentence;
    bool by;
} sentences[] = {
    {"joined", N_("The stop of %s was asked for once more, by %s"), true},
    {"escalated", N_("The stop of %s was sent on to its next step, by %s"), true},
    {"extended", N_("The stop of %s was given more time, by %s"), true},
    {"cancelled", N_("The stop of %s was called off, by %s"), true},
    {"timed-out", N_("%s did not stop in time, and was not to be forced"), false},
    {"refused", N_("The stop of %s was refused"), false},
    {"failed", N_("The stop of %s failed"), false},
    {"already-off", N_("%s was off already as its stop was asked for"), false},
};

void
vs_request_record_free(VsRequestRecord *record)
{
    vs_domain_id_clear(&record->domain);
    g_clear_pointer(&record->by, json_object_put);
    g_clear_pointer(&record->request, json_object_put);
    g_free(record);
}

json_object *
vs_request_record_to_json(const VsRequestRecord *record, const char *boot_id)
{
    const char *what =
        record->word == VS_REQUEST_OVER ? vs_outcome_name(record->outcome) : words[record->word];
    json_object *object = vs_record_begin(&record->id, record->time, &record->domain, boot_id);

    vs_json_set_string(object, "what", what);
    vs_json_set(object, "by", json_object_get(record->by));
    if (record->word == VS_REQUEST_EXTENDED)
        vs_json_set_int(object, "span_ms", record->span / 1000);
    vs_json_set(object, "request", json_object_get(record->request));
    if (*record->host_stop.text) {
        json_object *host_stop = json_object_new_object();

        vs_json_set_string(host_stop, "id", record->host_stop.text);
        vs_json_set(object, "host_stop", host_stop);
    }
    return object;
}

/* "root (virtstopctl, ups.service)" */
static char *
tell_by(json_object *by)
{
    g_autofree char *user = vs_text_printable(vs_json_string(by, "user", NULL));
    g_autofree char *comm = vs_text_printable(vs_json_string(by, "comm", NULL));
    g_autofree char *unit = vs_text_printable(vs_json_string(by, "unit", NULL));
    GString *text = g_string_new(user);
    int64_t uid;

    if (!*user && vs_json_int(by, "uid", &uid) && uid >= 0 && uid <= UINT32_MAX)
        g_string_append_printf(text, _("uid %u"), (unsigned)uid);
    else if (!*user)
        g_string_append(text, _("somebody"));
    if (*comm || *unit)
        g_string_append_printf(text, " (%s%s%s)", comm, *comm && *unit ? ", " : "", unit);
    return g_string_free(text, FALSE);
}

char *
vs_request_record_tell(json_object *line)
{
    const char *what = vs_json_string(line, "what", "");
    g_autofree char *by = tell_by(vs_json_object(line, "by"));
    g_autofree char *name =
        vs_text_quoted(vs_json_string(vs_json_object(line, "domain"), "name", "?"));
    g_autofree char *unknown = NULL;

    for (size_t i = 0; i < G_N_ELEMENTS(sentences); i++) {
        if (!g_str_equal(sentences[i].what, what))
            continue;
        return sentences[i].by ? g_strdup_printf(_(sentences[i].sentence), name, by)
                               : g_strdup_printf(_(sentences[i].sentence), name);
    }
    unknown = vs_text_quoted(what);
    return g_strdup_printf(_("The stop of %s came out as %s"), name, unknown);
}
