/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/host-failure.h"

#include <string.h>
#include <syslog.h>

#include "core/evidence.h"
#include "engine/hooks.h"
#include "util/i18n.h"
#include "util/span.h"

/* A journal takes milliseconds, but on a slow disk that was just found. */
#define ANSWER_SPAN (60 * VS_USEC_PER_SEC)

static void
witness(json_object *evidence, int64_t real, const char *source, const char *event)
{
    json_object *item;

    if (real == 0)
        return;
    item = vs_evidence_new(real, source);
    vs_json_set_string(item, "event", event);
    vs_evidence_add(evidence, item);
}

static const char *
last_words(const VsHostEnd *end)
{
    if (end->in_order)
        return "the host went down to its end";
    return end->going_down ? "it ends as the host was going down"
                           : "it breaks off, and the host was not going down";
}

static int
compare_times(const void *a, const void *b)
{
    json_object *const *one = a, *const *other = b;

    return strcmp(vs_json_string(*one, "time", ""), vs_json_string(*other, "time", ""));
}

/* What was seen in that boot in its order, and what came after it. */
static json_object *
evidence_of(const VsPastBoot *boot, const VsNotedStop *stop, const VsLastSeen *seen,
            const VsWindow *window)
{
    json_object *evidence = json_object_new_array();
    const VsHostEnd *end = &boot->end;

    witness(evidence, stop->asked_at, VS_EVIDENCE_NOTED, VS_EVIDENCE_NOTED_STOP);
    witness(evidence, seen->noted_at, VS_EVIDENCE_NOTED, "the guest runs");
    witness(evidence, seen->unwatched_at, "connection", "closed");
    witness(evidence, seen->ended_at, "daemon",
            seen->going_down ? "virtstopd ended, and the host was going down" : "virtstopd ended");
    witness(evidence, end->unattended_at, "journal", "virtstopd ended");
    if (end->traced)
        witness(evidence, end->last, "journal", last_words(end));
    json_object_array_sort(evidence, compare_times);
    witness(evidence, seen->copied_at, VS_EVIDENCE_NOTED, "this note was put back from a copy");
    witness(evidence, end->back, "boot", "the host was up again");
    witness(evidence, end->found, "daemon",
            window->until > 0
                ? "virtstopd was there again"
                : "virtstopd was there again, but the host's clock was set meanwhile");
    return evidence;
}

static VsRecord *
make_record(const VsPastBoot *boot, const VsNotedRun *run)
{
    VsRecord *record = g_new0(VsRecord, 1);
    VsLastSeen seen = boot->seen;

    seen.unwatched_at = run->unwatched_at;
    record->id = run->id;
    record->boot_id = g_strdup(boot->id);
    vs_domain_id_copy(&record->domain, &run->domain);
    vs_host_end_judge(&boot->end, &seen, &record->verdict, &record->host_shutdown);
    record->window = vs_host_end_window(&boot->end, &seen);
    record->time = record->window.from;
    if (run->stop.request)
        record->took = MAX(record->time - run->stop.asked_at, 0);
    record->request = json_object_get(run->stop.request);
    record->host_stop = run->stop.host_stop;
    record->host_kind = run->stop.host_kind;
    record->evidence = evidence_of(boot, &run->stop, &seen, &record->window);
    return record;
}

static void
recover(VsEngine *engine, const VsNotedRun *run)
{
    VsAction *action = vs_actions_add(engine->out, VS_ACTION_RECOVER, &run->domain);

    action->id = run->id;
    action->text = g_strdup(run->line);
}

static void
record_runs(VsEngine *engine, VsPastBoot *boot)
{
    for (unsigned i = 0; i < boot->runs->len; i++) {
        VsNotedRun *run = boot->runs->pdata[i];
        VsAction *action;

        if (run->recording)
            continue;
        run->recording = true;
        if (run->line) {
            recover(engine, run);
            continue;
        }
        action = vs_actions_add(engine->out, VS_ACTION_RECORD, &run->domain);
        action->record = make_record(boot, run);
    }
}

static char **
ids_of(const VsPastBoot *boot)
{
    char **ids = g_new0(char *, boot->runs->len + 1);

    for (unsigned i = 0; i < boot->runs->len; i++)
        ids[i] = g_strdup(((const VsNotedRun *)boot->runs->pdata[i])->id.text);
    return ids;
}

static void
ask(VsEngine *engine, VsPastBoot *boot)
{
    VsAction *action = vs_engine_do(engine, VS_ACTION_ASK_BOOT, NULL);

    boot->asked = true;
    boot->until = vs_later(engine->now.mono, ANSWER_SPAN);
    action->text = g_strdup(boot->id);
    action->ids = ids_of(boot);
    vs_engine_note(engine, NULL, LOG_WARNING,
                   ngettext("%u guest ran before the host's last boot, and has no record",
                            "%u guests ran before the host's last boot, and have no record",
                            boot->runs->len),
                   boot->runs->len);
}

static void
drop_empty(VsNotes *notes)
{
    for (unsigned i = notes->past->len; i > 0; i--) {
        const VsPastBoot *boot = notes->past->pdata[i - 1];

        if (boot->runs->len > 0)
            continue;
        g_ptr_array_remove_index(notes->past, i - 1);
    }
}

void
vs_host_failure_move(VsEngine *engine)
{
    drop_empty(&engine->notes);
    for (unsigned i = 0; i < engine->notes.past->len; i++) {
        VsPastBoot *boot = engine->notes.past->pdata[i];

        if (!boot->asked)
            ask(engine, boot);
        boot->known |= engine->now.mono >= boot->until;
        if (boot->known)
            record_runs(engine, boot);
    }
}

int64_t
vs_host_failure_next_timer(const VsEngine *engine)
{
    int64_t next = VS_USEC_INFINITY;

    for (unsigned i = 0; i < engine->notes.past->len; i++) {
        const VsPastBoot *boot = engine->notes.past->pdata[i];

        if (!boot->known)
            next = MIN(next, boot->until);
    }
    return next;
}

/* It ended before the host did, and its record got only as far as the journal. */
static void
take_records(VsPastBoot *boot, GHashTable *records)
{
    for (unsigned i = 0; i < boot->runs->len; i++) {
        VsNotedRun *run = boot->runs->pdata[i];

        if (records)
            run->line = g_strdup(g_hash_table_lookup(records, run->id.text));
    }
}

void
vs_host_failure_boot_ended(VsEngine *engine, const VsEvent *event)
{
    for (unsigned i = 0; i < engine->notes.past->len; i++) {
        VsPastBoot *boot = engine->notes.past->pdata[i];
        int64_t found = boot->end.found;

        if (boot->known || !g_str_equal(boot->id, event->boot_ended.id))
            continue;
        boot->end = event->boot_ended.end;
        boot->end.found = found;
        take_records(boot, event->boot_ended.records);
        boot->known = true;
    }
}

static const VsNotedRun *
find(const VsEngine *engine, const char *id)
{
    for (unsigned i = 0; i < engine->notes.past->len; i++) {
        const VsPastBoot *boot = engine->notes.past->pdata[i];

        for (unsigned k = 0; k < boot->runs->len; k++) {
            const VsNotedRun *run = boot->runs->pdata[k];

            if (g_str_equal(run->id.text, id))
                return run;
        }
    }
    return NULL;
}

/* Nobody waits for it: whatever the disk does, it is told of when it is there. */
void
vs_host_failure_recorded(VsEngine *engine, const VsEvent *event)
{
    const VsNotedRun *run = event->recorded.why ? NULL : find(engine, event->recorded.id.text);

    if (!run || run->line)
        return; /* that was told of before the boot */
    vs_actions_add(engine->out, VS_ACTION_RECORDED, &run->domain)->id = run->id;
    vs_hooks_past(engine, &run->domain, run->id);
}
