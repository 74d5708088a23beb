/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "client/records.h"
#include "client/signals.h"
#include "ctl/history-guests.h"
#include "ctl/output.h"
#include "ctl/record-row.h"
#include "ctl/table.h"
#include "ctl/verbs.h"
#include "util/error.h"
#include "util/i18n.h"
#include "util/wallclock.h"
#include "words/complain.h"
#include "words/withheld.h"

/* Rows by which those that follow find their columns. */
#define MAX_ROWS 100

/* The order of worth is that of somebody who asks what happened to whom, and why. */
static const VsColumn columns[] = {
    {N_("TIME"), false, 0, 6},  {N_("DOMAIN"), false, 24, 9},    {N_("CAUSE"), false, 0, 8},
    {N_("CLEAN"), false, 0, 4}, {N_("CONFIDENCE"), false, 0, 1}, {N_("OUTCOME"), false, 0, 7},
    {N_("BY"), false, 0, 5},    {N_("TOOK"), true, 0, 2},        {N_("REASON"), false, 12, 3},
};

static const VsColumn request_columns[] = {
    {N_("TIME"), false, 0, 6}, {N_("DOMAIN"), false, 24, 9},  {N_("WHAT"), false, 0, 8},
    {N_("BY"), false, 0, 5},   {N_("ASKED BY"), false, 0, 3}, {N_("REASON"), false, 12, 4},
};

typedef struct Show {
    VsCtl *ctl;
    VsTable *table;
    VsHistoryGuests *guests;
    VsRecordQuery query; /* what virtstopd is asked */
    unsigned limit;      /* that it isn't asked to keep to; 0: none */
    GPtrArray *kept; /* of json_object, the newest first: to be shown in the other order; or NULL */
    unsigned n;      /* so far */

    /* Of those that follow. */
    sd_event *event;
    GHashTable *seen; /* their ids */
    int64_t last;     /* when the last one was, realtime µs */
    VsWithholding withholding;
} Show;

bool
vs_verb_history_check(const VsCtl *ctl, int n_args, char **args, GError **error)
{
    const char *one = NULL, *other = NULL;

    if (ctl->requests && (ctl->cause || ctl->outcome || ctl->unclean || ctl->follow)) {
        one = "--requests";
        other = ctl->cause     ? "--cause"
                : ctl->outcome ? "--outcome"
                : ctl->unclean ? "--unclean"
                               : "--follow";
    } else if (ctl->follow && (ctl->reverse || ctl->until)) {
        one = "--follow";
        other = ctl->reverse ? "--reverse" : "--until";
    }
    if (one)
        g_set_error(error, VS_ERROR, VS_ERROR_INVALID, _("%s is not allowed with %s"), other, one);
    else if (ctl->since && ctl->until && ctl->since > ctl->until)
        g_set_error(error, VS_ERROR, VS_ERROR_INVALID, _("--since= is later than --until="));
    else
        return true;
    return false;
}

/* @record was shown, or is about to be: whether it is new. */
static bool
note(Show *show, json_object *record)
{
    const char *id = vs_json_string(record, "id", "");
    int64_t time;

    if (!show->seen)
        return true;
    if (vs_wallclock_parse(vs_json_string(record, "time", ""), &time, NULL))
        show->last = MAX(show->last, time);
    return g_hash_table_add(show->seen, g_strdup(id));
}

static void
show_one(Show *show, json_object *record)
{
    const VsCtl *ctl = show->ctl;

    if (show->n++ == 0 && !ctl->follow)
        vs_output_open_pager(ctl);
    if (ctl->json != VS_JSON_OFF)
        vs_output_json(ctl, record);
    else if (ctl->requests)
        vs_record_row_request(show->table, record, !ctl->client.host);
    else
        vs_record_row_history(show->table, record, !ctl->client.host);
}

static bool
on_record(json_object *record, void *userdata)
{
    Show *show = userdata;

    if (!vs_history_guests_want(show->guests, record) || !note(show, record))
        return true;
    vs_withheld_note(&show->withholding, record);
    if (show->kept)
        g_ptr_array_add(show->kept, json_object_get(record));
    else
        show_one(show, record);
    return show->limit == 0 || (show->kept ? show->kept->len : show->n) < show->limit;
}

static void
free_record(gpointer data)
{
    json_object_put(data);
}

/* The newest ones of a few guests are found from the newest on. */
static bool
read_records(Show *show, GError **error)
{
    VsClient *client = &show->ctl->client;
    bool ok;

    if (show->ctl->reverse || show->limit > 0) {
        if (!show->ctl->reverse)
            show->kept = g_ptr_array_new_with_free_func(free_record);
        ok = vs_records_newest_first(client, &show->query, on_record, show, error);
    } else {
        ok = vs_records_oldest_first(client, &show->query, on_record, show, error);
    }
    for (unsigned i = show->kept ? show->kept->len : 0; i > 0; i--)
        show_one(show, show->kept->pdata[i - 1]);
    g_clear_pointer(&show->kept, g_ptr_array_unref);
    return ok;
}

static const char *
say_none(const VsCtl *ctl)
{
    if (ctl->requests)
        return _("No such request is recorded.");
    if (ctl->cause || ctl->outcome || ctl->unclean || ctl->since || ctl->until)
        return _("No such stop is recorded.");
    return _("No stop is recorded.");
}

static void
print_table(const Show *show)
{
    g_autofree char *text = NULL;

    if (show->n == 0) {
        if (!show->ctl->no_legend && !show->ctl->follow)
            vs_output_printf("%s\n", say_none(show->ctl));
        return;
    }
    text = vs_table_format(show->table, vs_terminal_columns(), !show->ctl->no_legend);
    vs_output_text(text);
}

/* What was asked of virtstopd is asked of those that it tells of, too. */
static bool
is_asked_for(const Show *show, json_object *record)
{
    g_auto(VsRecordMatch) match = {0};
    const char *line = vs_json_line(record);

    vs_record_match_init(&match, &show->query);
    return vs_record_match_line(&match, line, strlen(line));
}

static bool
follow_one(json_object *record, void *userdata)
{
    Show *show = userdata;
    g_autofree char *row = NULL;

    if (!is_asked_for(show, record) || !vs_history_guests_want(show->guests, record) ||
        !note(show, record))
        return true;
    show_one(show, record);
    if (show->ctl->json == VS_JSON_OFF && show->n == 1) {
        print_table(show);
    } else if (show->ctl->json == VS_JSON_OFF) {
        row = vs_table_format_last(show->table, vs_terminal_columns());
        vs_output_text(row);
        vs_table_keep_last(show->table, MAX_ROWS);
    }
    fflush(stdout);
    return true;
}

static void
on_stop_recorded(json_object *open_record, void *userdata)
{
    Show *show = userdata;
    g_autoptr(json_object) record = NULL;

    if (!is_asked_for(show, open_record))
        return;
    record = vs_withheld_read(&show->ctl->client, open_record, &show->withholding);
    follow_one(record, show);
}

/* What was recorded while nobody told. */
static void
on_daemon(bool there, void *userdata)
{
    Show *show = userdata;
    VsRecordQuery query = show->query;

    query.limit = 0;
    query.since = MAX(show->last, query.since);
    if (there)
        vs_records_oldest_first(&show->ctl->client, &query, follow_one, show, NULL);
}

static void
on_bus_lost(void *userdata)
{
    Show *show = userdata;

    vs_complain("%s", _("The connection to the bus broke."));
    sd_event_exit(show->event, VS_EXIT_FAILED);
}

static const VsSignals signals = {
    .stop_recorded = on_stop_recorded,
    .daemon = on_daemon,
    .bus_lost = on_bus_lost,
};

/* Before the records are asked for, so that none is missed in between. */
static bool
listen(Show *show, GError **error)
{
    int r;

    if (!show->ctl->follow)
        return true;
    if (!show->ctl->client.bus) {
        g_propagate_error(error, g_error_copy(show->ctl->client.why_away));
        return false;
    }
    show->seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    show->last = g_get_real_time();
    r = sd_event_new(&show->event);
    if (r >= 0)
        r = sd_bus_attach_event(show->ctl->client.bus, show->event, SD_EVENT_PRIORITY_NORMAL);
    if (r < 0) {
        g_set_error(error, VS_ERROR, VS_ERROR_FAILED, _("Can't listen on the bus: %s"),
                    g_strerror(-r));
        return false;
    }
    return vs_signals_listen(&show->ctl->client, &signals, show, error);
}

static VsExit
follow(Show *show)
{
    int r;

    fflush(stdout);
    r = sd_event_loop(show->event);
    sd_bus_detach_event(show->ctl->client.bus);
    return r < 0 ? VS_EXIT_FAILED : r;
}

/* Who says from when on wants all since. */
static unsigned
limit_of(const VsCtl *ctl)
{
    return ctl->since && !ctl->limited ? 0 : ctl->limit;
}

static VsExit
show_all(Show *show)
{
    g_autoptr(GError) error = NULL;
    VsExit status;

    if (!listen(show, &error) || !read_records(show, &error))
        return vs_complain_of(NULL, error);
    status = vs_history_guests_complain(show->guests);
    if (show->ctl->json == VS_JSON_OFF && (show->n > 0 || status == VS_EXIT_OK))
        print_table(show);
    status = vs_exit_worse(status, vs_withheld_complain(show->withholding));
    return show->ctl->follow && (status == VS_EXIT_OK || status == VS_EXIT_NOT_AUTHORISED)
               ? follow(show)
               : status;
}

VsExit
vs_verb_history(VsCtl *ctl, int n_args, char **args)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(VsHistoryGuests) guests = vs_history_guests_new(ctl, n_args, args, &error);
    g_autoptr(VsTable) table = ctl->requests
                                   ? vs_table_new(request_columns, G_N_ELEMENTS(request_columns))
                                   : vs_table_new(columns, G_N_ELEMENTS(columns));
    Show show = {.ctl = ctl, .table = table, .guests = guests};
    VsExit status;

    if (!guests)
        return vs_complain_of(NULL, error);
    show.query = (VsRecordQuery){.requests = ctl->requests,
                                 .uri = ctl->client.uri,
                                 .domain = vs_history_guests_only(guests),
                                 .cause = ctl->cause,
                                 .outcome = ctl->outcome,
                                 .unclean = ctl->unclean,
                                 .since = ctl->since,
                                 .until = ctl->until};
    if (vs_history_guests_choose(guests))
        show.limit = limit_of(ctl);
    else
        show.query.limit = limit_of(ctl);
    status = show_all(&show);
    g_clear_pointer(&show.seen, g_hash_table_unref);
    sd_event_unref(show.event);
    return status;
}
