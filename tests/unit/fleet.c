/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fleet.h"
#include "core/record.h"

#include "util/json.h"
#include "vs-test.h"

static const uint8_t seed[16] = {3};

static void
remember_call(Fleet *fleet, const VsAction *action)
{
    uint64_t *call = g_new(uint64_t, 1);

    *call = action->call;
    g_hash_table_insert(fleet->calls, g_strdup(action->domain.name), call);
}

static void
keep_record(Fleet *fleet, const VsRecord *record)
{
    g_autoptr(json_object) object = vs_record_to_json(record, "now");

    g_free(fleet->record);
    fleet->record = g_strdup(vs_json_line(object));
}

static void
take_action(Fleet *fleet, const VsAction *action)
{
    const char *name = action->domain.name;

    switch (action->type) {
    case VS_ACTION_CALL:
        g_ptr_array_add(fleet->said,
                        g_strdup_printf("%s %s", name, vs_method_name(action->method)));
        remember_call(fleet, action);
        break;
    case VS_ACTION_WITHDRAW:
        g_ptr_array_add(fleet->said, g_strdup_printf("%s withdrawn", name));
        break;
    case VS_ACTION_RECORD:
        keep_record(fleet, action->record);
        g_ptr_array_add(fleet->said,
                        g_strdup_printf("%s %s%s", name,
                                        vs_cause_name(action->record->verdict.cause),
                                        action->record->host_shutdown ? " (host)" : ""));
        break;
    case VS_ACTION_STOP_FINISHED:
        g_ptr_array_add(fleet->said,
                        g_strdup_printf("%s %s", name, vs_outcome_name(action->outcome)));
        break;
    case VS_ACTION_KEEP_HOST_STOPS:
        g_free(fleet->kept);
        fleet->kept = g_strdup(action->text);
        break;
    case VS_ACTION_FORGET:
        g_hash_table_remove(fleet->saved, name);
        break;
    case VS_ACTION_SAVE:
        g_hash_table_insert(fleet->saved, g_strdup(name), g_strdup(action->text));
        break;
    default:
        break;
    }
}

/* What is kept is on disk at once. */
static void
answer_written(Fleet *fleet, const VsAction *action)
{
    VsEvent written = {.type = VS_EVENT_WRITTEN, .written.serial = action->serial};

    written.domain = action->type == VS_ACTION_SAVE ? &action->domain : NULL;
    fleet_step(fleet, &written);
}

static void
answer_recorded(Fleet *fleet, const VsAction *action)
{
    VsEvent recorded = {
        .type = VS_EVENT_RECORDED, .domain = &action->domain, .recorded.id = action->record->id};

    fleet_step(fleet, &recorded);
}

static void
answer_lists(Fleet *fleet, const GPtrArray *actions)
{
    for (unsigned i = 0; i < actions->len; i++) {
        const VsAction *action = actions->pdata[i];
        VsEvent log = {.type = VS_EVENT_LOG, .domain = &action->domain, .log.lines = fleet->log};
        VsEvent looked_up = {.type = VS_EVENT_LOOKED_UP, .domain = &action->domain};
        VsEvent listed = {
            .type = VS_EVENT_LISTED,
            .uri = URI,
            .listed = {(VsDomainInfo *)fleet->infos->data, fleet->infos->len, action->serial},
        };

        if (action->type == VS_ACTION_RECORD && !fleet->disk_hangs)
            answer_recorded(fleet, action);
        if (action->type == VS_ACTION_SAVE || action->type == VS_ACTION_KEEP_HOST_STOPS)
            answer_written(fleet, action);
        if (fleet->mute && action->type != VS_ACTION_READ_LOG)
            continue; /* libvirt */
        looked_up.looked_up.serial = action->serial;
        if (action->type == VS_ACTION_LOOK_UP)
            looked_up.looked_up.info = fleet_info(fleet, action->domain.name);
        if (action->type == VS_ACTION_LIST)
            fleet_step(fleet, &listed);
        else if (action->type == VS_ACTION_LOOK_UP)
            fleet_step(fleet, &looked_up);
        else if (action->type == VS_ACTION_READ_LOG)
            fleet_step(fleet, &log);
    }
}

bool
fleet_try_step(Fleet *fleet, const VsEvent *event, GError **error)
{
    g_autoptr(GPtrArray) actions = vs_actions_new();
    bool ok = vs_engine_step(fleet->engine, event, fleet->now, actions, error);

    for (unsigned i = 0; i < actions->len; i++)
        take_action(fleet, actions->pdata[i]);
    answer_lists(fleet, actions);
    return ok;
}

void
fleet_step(Fleet *fleet, const VsEvent *event)
{
    g_autoptr(GError) error = NULL;
    bool ok = fleet_try_step(fleet, event, &error);

    g_assert_no_error(error);
    g_assert_true(ok);
}

void
fleet_pass(Fleet *fleet, int64_t span)
{
    VsEvent event = {.type = VS_EVENT_TIMER};
    int64_t until = fleet->now.mono + span;

    for (;;) {
        int64_t next = vs_engine_next_timer(fleet->engine);
        int64_t at = CLAMP(next, fleet->now.mono, until);

        fleet->now.real += at - fleet->now.mono;
        fleet->now.mono = at;
        fleet_step(fleet, &event);
        if (next > until)
            break;
    }
}

VsDomainInfo *
fleet_info(Fleet *fleet, const char *name)
{
    for (unsigned i = 0; i < fleet->infos->len; i++) {
        VsDomainInfo *found = &g_array_index(fleet->infos, VsDomainInfo, i);

        if (g_str_equal(found->domain.name, name))
            return found;
    }
    g_assert_not_reached();
}

VsDomainInfo *
fleet_add(Fleet *fleet, const char *name, VsDomainState state)
{
    VsDomainInfo new = {.state = state, .persistent = true, .described = true};

    new.description.agent = VS_AGENT_NONE;
    new.domain.uri = g_strdup(URI);
    new.domain.name = g_strdup(name);
    new.domain.id = (int)fleet->infos->len + 1;
    new.domain.uuid = vs_uuid_derive(seed, 1000 + fleet->infos->len);
    g_array_append_val(fleet->infos, new);
    return fleet_info(fleet, name);
}

VsSection *
fleet_section(Fleet *fleet, const char *glob, const char *before)
{
    VsSection *new = vs_section_new(glob, "test:1");

    g_strfreev(new->before);
    new->before = g_strsplit(before, " ", -1);
    g_ptr_array_add(fleet->policy.sections, new);
    return new;
}

void
fleet_set_up(Fleet *fleet, const char *names)
{
    g_auto(GStrv) words = g_strsplit(names, " ", -1);

    *fleet = (Fleet){.now = {1000 * SEC, INT64_C(1795000000) * SEC}};
    vs_policy_init(&fleet->policy);
    fleet->infos = g_array_new(FALSE, FALSE, sizeof(VsDomainInfo));
    fleet->said = g_ptr_array_new_with_free_func(g_free);
    fleet->calls = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    fleet->saved = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    for (char **word = words; *word; word++)
        fleet_add(fleet, *word, VS_STATE_RUNNING);
}

void
fleet_connect_libvirt(Fleet *fleet)
{
    VsEvent event = {.type = VS_EVENT_CONNECTION, .uri = URI, .connection.open = true};

    fleet_step(fleet, &event);
    fleet_pass(fleet, 20 * SEC);
}

/* ... and has looked around for itself. */
void
fleet_reconnect_libvirt(Fleet *fleet)
{
    VsEvent event = {.type = VS_EVENT_CONNECTION, .uri = URI, .connection.open = true};

    fleet_step(fleet, &event);
    fleet_pass(fleet, 4 * SEC);
}

void
fleet_begin(Fleet *fleet)
{
    fleet->engine = vs_engine_new(seed, &fleet->policy);
    fleet_connect_libvirt(fleet);
}

void
fleet_tear_down(Fleet *fleet)
{
    vs_engine_free(fleet->engine);
    vs_policy_clear(&fleet->policy);
    for (unsigned i = 0; i < fleet->infos->len; i++)
        vs_domain_info_clear(&g_array_index(fleet->infos, VsDomainInfo, i));
    g_array_unref(fleet->infos);
    g_ptr_array_unref(fleet->said);
    g_hash_table_unref(fleet->calls);
    g_hash_table_unref(fleet->saved);
    g_free(fleet->kept);
    g_free(fleet->record);
}

void
fleet_stop_all(Fleet *fleet, int64_t budget, bool shutdown)
{
    VsEvent event = {.type = VS_EVENT_STOP_ALL,
                     .stop_all = {.budget = budget, .shutdown = shutdown}};

    fleet_step(fleet, &event);
}

void
fleet_restore(Fleet *fleet)
{
    VsEvent event = {.type = VS_EVENT_RESTORE};

    fleet_step(fleet, &event);
}

void
fleet_lifecycle(Fleet *fleet, const char *name, int type, int detail)
{
    VsEvent event = {.type = VS_EVENT_LIFECYCLE,
                     .domain = &fleet_info(fleet, name)->domain,
                     .lifecycle = {type, detail}};

    fleet_step(fleet, &event);
}

static void
answer(Fleet *fleet, const char *name, bool ok, int code, bool lost)
{
    VsEvent event = {.type = VS_EVENT_REPLY,
                     .domain = &fleet_info(fleet, name)->domain,
                     .reply = {.ok = ok, .code = code, .message = "no", .lost = lost}};
    const uint64_t *call = g_hash_table_lookup(fleet->calls, name);

    g_assert_nonnull(call);
    event.reply.call = *call;
    fleet_step(fleet, &event);
}

void
fleet_reply(Fleet *fleet, const char *name, bool ok)
{
    answer(fleet, name, ok, 0, false);
}

void
fleet_reply_refused(Fleet *fleet, const char *name, int code)
{
    answer(fleet, name, false, code, false);
}

void
fleet_reply_lost(Fleet *fleet, const char *name)
{
    answer(fleet, name, false, 0, true);
}

void
fleet_hold(Fleet *fleet, const char *name, bool held)
{
    VsEvent event = {.type = VS_EVENT_CALL_HELD,
                     .domain = &fleet_info(fleet, name)->domain,
                     .held = {.held = held}};
    const uint64_t *call = g_hash_table_lookup(fleet->calls, name);

    g_assert_nonnull(call);
    event.held.call = *call;
    fleet_step(fleet, &event);
}

void
fleet_start(Fleet *fleet, const char *name)
{
    VsDomainInfo *info = fleet_info(fleet, name);

    info->state = VS_STATE_RUNNING;
    info->domain.id += 100;
    fleet_lifecycle(fleet, name, VS_LIFECYCLE_STARTED, 0);
}

void
fleet_close_libvirt(Fleet *fleet)
{
    VsEvent event = {.type = VS_EVENT_CONNECTION, .uri = URI};

    fleet_step(fleet, &event);
}

VsPart *
fleet_part(VsPartKind kind, const char *one, const char *other)
{
    VsPart *part = vs_part_new();

    g_assert_true(vs_part_add(part, kind, one, NULL));
    g_assert_true(!other || vs_part_add(part, kind, other, NULL));
    return part;
}

void
fleet_stop_part(Fleet *fleet, VsPartKind kind, const char *word, int64_t budget)
{
    g_autoptr(VsPart) part = fleet_part(kind, word, NULL);
    VsEvent event = {.type = VS_EVENT_STOP_ALL, .stop_all = {.budget = budget, .part = part}};

    fleet_step(fleet, &event);
}

void
fleet_cancel_all(Fleet *fleet)
{
    VsEvent event = {.type = VS_EVENT_CANCEL_ALL};

    fleet_step(fleet, &event);
}

/* As its last call wanted it. */
void
fleet_go_off(Fleet *fleet, const char *name, bool destroyed)
{
    fleet_reply(fleet, name, true);
    if (!destroyed)
        fleet_lifecycle(fleet, name, VS_LIFECYCLE_SHUTDOWN, VS_SHUTDOWN_GUEST);
    fleet_info(fleet, name)->state = VS_STATE_SHUTOFF;
    fleet_lifecycle(fleet, name, VS_LIFECYCLE_STOPPED,
                    destroyed ? VS_STOPPED_DESTROYED : VS_STOPPED_SHUTDOWN);
}

/* What was said since it was last asked for, with commas. */
void
fleet_expect(Fleet *fleet, const char *wanted)
{
    g_autofree char *said = NULL;

    g_ptr_array_add(fleet->said, NULL);
    said = g_strjoinv(", ", (char **)fleet->said->pdata);
    g_assert_cmpstr(said, ==, wanted);
    g_ptr_array_set_size(fleet->said, 0);
}

void
fleet_take_over_host_stops(Fleet *fleet, const char *text, bool same_boot)
{
    VsEvent event = {.type = VS_EVENT_TAKE_OVER_HOST_STOPS};

    event.host_stops.text = text;
    event.host_stops.same_boot = same_boot;
    fleet_step(fleet, &event);
}

/* As a new daemon, with what the old one kept. */
void
fleet_restart_alone(Fleet *fleet)
{
    g_autoptr(GHashTable) saved = g_steal_pointer(&fleet->saved);
    g_autofree char *kept = g_strdup(fleet->kept);
    GHashTableIter iter;
    const char *name, *text;

    fleet->saved = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    vs_engine_free(fleet->engine);
    fleet->engine = vs_engine_new(seed, &fleet->policy);
    g_hash_table_iter_init(&iter, saved);
    while (g_hash_table_iter_next(&iter, (void **)&name, (void **)&text)) {
        VsEvent event = {.type = VS_EVENT_TAKE_OVER,
                         .domain = &fleet_info(fleet, name)->domain,
                         .take_over.state = text};

        fleet_step(fleet, &event);
    }
    fleet_take_over_host_stops(fleet, kept, true);
}

void
fleet_restart(Fleet *fleet)
{
    fleet_restart_alone(fleet);
    fleet_connect_libvirt(fleet);
}

void
fleet_set_ladder(VsSection *of, const char *text)
{
    g_assert_true(vs_ladder_parse(text, &of->policy.ladder, NULL));
    of->says |= VS_POLICY_LADDER;
}
