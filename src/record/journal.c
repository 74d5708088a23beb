/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "record/journal.h"

#include <string.h>
#include <syslog.h>

/* The entry is about a guest: the line of our source that sent it helps nobody. */
#define SD_JOURNAL_SUPPRESS_LOCATION
#include <systemd/sd-journal.h>

#include "util/i18n.h"
#include "util/text.h"

/* What a signal did has a sentence of its own, and what destroy did may have one. */
static const char *const sentences[VS_N_CAUSES] = {
    [VS_CAUSE_UNKNOWN] = N_("Domain %s stopped, and why is not known"),
    [VS_CAUSE_GUEST_INITIATED] = N_("Domain %s powered itself off"),
    [VS_CAUSE_GUEST_AGENT] = N_("Domain %s powered off, asked through its guest agent"),
    [VS_CAUSE_POWER_BUTTON] = N_("Domain %s powered off after an ACPI power button press"),
    [VS_CAUSE_GUEST_REBOOT] = N_("Domain %s rebooted, and its on_reboot action ended it"),
    [VS_CAUSE_MONITOR_QUIT] = N_("Domain %s was ended by the monitor command quit"),
    [VS_CAUSE_DESTROYED] = N_("Domain %s was destroyed through libvirt"),
    [VS_CAUSE_GUEST_PANIC] = N_("Domain %s was ended after a panic of its kernel"),
    [VS_CAUSE_WATCHDOG] = N_("Domain %s was ended by its watchdog's action"),
    [VS_CAUSE_CRASHED] = N_("The hypervisor process of domain %s died of itself"),
    [VS_CAUSE_SAVED] = N_("Domain %s was saved, and stopped with that"),
    [VS_CAUSE_MIGRATED] = N_("Domain %s was migrated away"),
    [VS_CAUSE_START_FAILED] = N_("Domain %s failed to start"),
    [VS_CAUSE_SNAPSHOT_REVERTED] = N_("Domain %s was stopped by a snapshot that was reverted to"),
    [VS_CAUSE_HOST_FAILURE] = N_("Domain %s went down with its host, which failed"),
};

static VsOutcome
get_outcome(const VsRecord *record)
{
    const char *name = record->request ? vs_json_string(record->request, "outcome", NULL) : NULL;
    VsOutcome outcome = VS_OUTCOME_NONE;

    if (name)
        vs_outcome_parse(name, &outcome);
    return outcome;
}

static char *
signal_sentence(const VsVerdict *verdict, const char *domain, const char *signal)
{
    g_autofree char *killer = vs_text_quoted(verdict->killer_comm);

    if (!signal)
        signal = _("a signal");
    if (verdict->killer_pid <= 0)
        return g_strdup_printf(_("Domain %s was ended by %s from the host"), domain, signal);
    if (!verdict->killer_comm)
        return g_strdup_printf(_("Domain %s was ended by %s from process %d"), domain, signal,
                               verdict->killer_pid);
    return g_strdup_printf(_("Domain %s was ended by %s from process %d, %s"), domain, signal,
                           verdict->killer_pid, killer);
}

static char *
destroy_sentence(const VsRecord *record, const char *domain)
{
    switch (get_outcome(record)) {
    case VS_OUTCOME_FORCED:
        return g_strdup_printf(_("Domain %s was destroyed by virtstopd"), domain);
    case VS_OUTCOME_HALTED:
        return g_strdup_printf(
            _("Domain %s halted without powering off, and was destroyed by virtstopd"), domain);
    default:
        return g_strdup_printf(_(sentences[VS_CAUSE_DESTROYED]), domain);
    }
}

static char *
cause_sentence(const VsRecord *record, const char *signal)
{
    g_autofree char *domain = vs_text_quoted(record->domain.name);

    switch (record->verdict.cause) {
    case VS_CAUSE_HOST_SIGNAL:
        return signal_sentence(&record->verdict, domain, signal);
    case VS_CAUSE_DESTROYED:
        return destroy_sentence(record, domain);
    default:
        return g_strdup_printf(_(sentences[record->verdict.cause]), domain);
    }
}

/* What the on-call person can repeat; no surer than the record is. */
static char *
make_message(const VsRecord *record, const char *signal)
{
    g_autofree char *sentence = cause_sentence(record, signal);
    bool unsure = record->verdict.cause != VS_CAUSE_UNKNOWN &&
                  record->verdict.confidence != VS_CONFIDENCE_CERTAIN;

    if (unsure && record->host_shutdown)
        return g_strdup_printf(_("Probably: %s, as the host was going down"), sentence);
    if (unsure)
        return g_strdup_printf(_("Probably: %s"), sentence);
    if (record->host_shutdown)
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
    const char *signal = json ? vs_json_string(json, "signal", NULL) : NULL;
    g_autofree char *message = make_message(record, signal);
    VsClean clean = vs_cause_clean(record->verdict.cause);

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
    add(fields, "VIRTSTOP_SIGNAL", signal);
    add_killer(fields, &record->verdict);
    if (get_outcome(record) != VS_OUTCOME_NONE)
        add(fields, "VIRTSTOP_OUTCOME", vs_outcome_name(get_outcome(record)));
    if (*record->host_stop.text)
        add(fields, "VIRTSTOP_HOST_STOP", record->host_stop.text);
    add(fields, "VIRTSTOP_RECORD", line);
    return fields;
}

void
vs_journal_send_record(const VsRecord *record, const char *line)
{
    g_autoptr(GPtrArray) fields = vs_journal_fields(record, line);
    g_autofree struct iovec *iov = g_new(struct iovec, fields->len);

    for (unsigned i = 0; i < fields->len; i++) {
        iov[i].iov_base = fields->pdata[i];
        iov[i].iov_len = strlen(fields->pdata[i]);
    }
    /* The record is on disk; journald is told where there is one. */
    (void)sd_journal_sendv(iov, (int)fields->len);
}
