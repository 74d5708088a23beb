/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "core/engine.h"
#include "util/json.h"
#include "util/span.h"
#include "vs-test.h"

/* The stop of all guests, and their start afterwards, through the engine. */

#define URI "qemu:///system"
#define SEC VS_USEC_PER_SEC

typedef struct Call {
    char *name;
    VsMethod method;
    uint64_t number;
} Call;

typedef struct World {
    VsPolicy policy;
    VsEngine *engine;
    VsTime now;
    GPtrArray *names;
    GArray *infos;     /* of VsDomainInfo */
    GPtrArray *said;   /* "web1 power-button", "web1 off destroyed", "web1 outcome clean" */
    GHashTable *calls; /* name -> the number of its last call */
    char *kept;        /* the last KEEP_RUNNING */
    GHashTable *saved; /* name -> the last SAVE */
} World;

static const uint8_t seed[16] = {3};

static void
remember_call(World *world, const VsAction *action)
{
    uint64_t *call = g_new(uint64_t, 1);

    *call = action->call;
    g_hash_table_insert(world->calls, g_strdup(action->domain.name), call);
}

static void
take_action(World *world, const VsAction *action)
{
    const char *name = action->domain.name;

    switch (action->type) {
    case VS_ACTION_CALL:
        g_ptr_array_add(world->said,
                        g_strdup_printf("%s %s", name, vs_method_name(action->method)));
        remember_call(world, action);
        break;
    case VS_ACTION_RECORD:
        g_ptr_array_add(world->said,
                        g_strdup_printf("%s %s%s", name,
                                        vs_cause_name(action->record->verdict.cause),
                                        action->record->host_shutdown ? " (host)" : ""));
        break;
    case VS_ACTION_STOP_FINISHED:
        g_ptr_array_add(world->said,
                        g_strdup_printf("%s %s", name, vs_outcome_name(action->outcome)));
        break;
    case VS_ACTION_KEEP_RUNNING:
        g_free(world->kept);
        world->kept = g_strdup(action->text);
        break;
    case VS_ACTION_SAVE:
        g_hash_table_insert(world->saved, g_strdup(name), g_strdup(action->text));
        break;
    default:
        break;
    }
}

static void step(World *world, const VsEvent *event);

static void
answer_lists(World *world, const GPtrArray *actions)
{
    for (unsigned i = 0; i < actions->len; i++) {
        const VsAction *action = actions->pdata[i];
        VsEvent log = {.type = VS_EVENT_LOG, .domain = &action->domain};
        VsEvent listed = {
            .type = VS_EVENT_LISTED,
            .uri = URI,
            .listed = {(VsDomainInfo *)world->infos->data, world->infos->len, action->serial},
        };

        if (action->type == VS_ACTION_LIST)
            step(world, &listed);
        else if (action->type == VS_ACTION_READ_LOG)
            step(world, &log);
    }
}

static bool
try_step(World *world, const VsEvent *event, GError **error)
{
    g_autoptr(GPtrArray) actions = vs_actions_new();
    bool ok = vs_engine_step(world->engine, event, world->now, actions, error);

    for (unsigned i = 0; i < actions->len; i++)
        take_action(world, actions->pdata[i]);
    answer_lists(world, actions);
    return ok;
}

static void
step(World *world, const VsEvent *event)
{
    g_autoptr(GError) error = NULL;
    bool ok = try_step(world, event, &error);

    g_assert_no_error(error);
    g_assert_true(ok);
}

static void
pass(World *world, int64_t span)
{
    VsEvent event = {.type = VS_EVENT_TIMER};
    int64_t until = world->now.mono + span;

    for (;;) {
        int64_t next = vs_engine_next_timer(world->engine);
        int64_t at = CLAMP(next, world->now.mono, until);

        world->now.real += at - world->now.mono;
        world->now.mono = at;
        step(world, &event);
        if (next > until)
            break;
    }
}

static VsDomainInfo *
info(World *world, const char *name)
{
    for (unsigned i = 0; i < world->infos->len; i++) {
        VsDomainInfo *found = &g_array_index(world->infos, VsDomainInfo, i);

        if (g_str_equal(found->domain.name, name))
            return found;
    }
    g_assert_not_reached();
}

static void
add(World *world, const char *name)
{
    VsDomainInfo new = {.state = VS_STATE_RUNNING, .persistent = true, .agent = VS_AGENT_NONE};

    new.domain.uri = g_strdup(URI);
    new.domain.name = g_strdup(name);
    new.domain.id = (int)world->infos->len + 1;
    new.domain.uuid = vs_uuid_derive(seed, 1000 + world->infos->len);
    g_array_append_val(world->infos, new);
}

static VsSection *
section(World *world, const char *glob, const char *before)
{
    VsSection *new = vs_section_new(glob, "test:1");

    g_strfreev(new->before);
    new->before = g_strsplit(before, " ", -1);
    g_ptr_array_add(world->policy.sections, new);
    return new;
}

static void
set_up(World *world, const char *names)
{
    g_auto(GStrv) words = g_strsplit(names, " ", -1);

    *world = (World){.now = {1000 * SEC, INT64_C(1795000000) * SEC}};
    vs_policy_init(&world->policy);
    world->infos = g_array_new(FALSE, FALSE, sizeof(VsDomainInfo));
    world->said = g_ptr_array_new_with_free_func(g_free);
    world->calls = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    world->saved = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    for (char **word = words; *word; word++)
        add(world, *word);
}

static void
connect_libvirt(World *world)
{
    VsEvent event = {.type = VS_EVENT_CONNECTION, .uri = URI, .connection.open = true};

    step(world, &event);
    pass(world, 20 * SEC);
}

/* ... and has looked around for itself. */
static void
reconnect_libvirt(World *world)
{
    VsEvent event = {.type = VS_EVENT_CONNECTION, .uri = URI, .connection.open = true};

    step(world, &event);
    pass(world, 4 * SEC);
}

static void
begin(World *world)
{
    world->engine = vs_engine_new(seed, &world->policy);
    connect_libvirt(world);
}

static void
tear_down(World *world)
{
    vs_engine_free(world->engine);
    vs_policy_clear(&world->policy);
    for (unsigned i = 0; i < world->infos->len; i++)
        vs_domain_info_clear(&g_array_index(world->infos, VsDomainInfo, i));
    g_array_unref(world->infos);
    g_ptr_array_unref(world->said);
    g_hash_table_unref(world->calls);
    g_hash_table_unref(world->saved);
    g_free(world->kept);
}

static void
stop_all(World *world, int64_t budget, bool shutdown)
{
    VsEvent event = {.type = VS_EVENT_STOP_ALL,
                     .stop_all = {.budget = budget, .shutdown = shutdown}};

    step(world, &event);
}

static void
lifecycle(World *world, const char *name, int type, int detail)
{
    VsEvent event = {.type = VS_EVENT_LIFECYCLE,
                     .domain = &info(world, name)->domain,
                     .lifecycle = {type, detail}};

    step(world, &event);
}

static void
reply(World *world, const char *name, bool ok)
{
    VsEvent event = {.type = VS_EVENT_REPLY,
                     .domain = &info(world, name)->domain,
                     .reply = {.ok = ok, .message = "no"}};
    const uint64_t *call = g_hash_table_lookup(world->calls, name);

    g_assert_nonnull(call);
    event.reply.call = *call;
    step(world, &event);
}

/* As its last call wanted it. */
static void
go_off(World *world, const char *name, bool destroyed)
{
    reply(world, name, true);
    if (!destroyed)
        lifecycle(world, name, VS_LIFECYCLE_SHUTDOWN, VS_SHUTDOWN_GUEST);
    info(world, name)->state = VS_STATE_SHUTOFF;
    lifecycle(world, name, VS_LIFECYCLE_STOPPED,
              destroyed ? VS_STOPPED_DESTROYED : VS_STOPPED_SHUTDOWN);
}

/* What was said since it was last asked for, with commas. */
static void
expect(World *world, const char *wanted)
{
    g_autofree char *said = NULL;

    g_ptr_array_add(world->said, NULL);
    said = g_strjoinv(", ", (char **)world->said->pdata);
    g_assert_cmpstr(said, ==, wanted);
    g_ptr_array_set_size(world->said, 0);
}

static void
test_order(void)
{
    World world;

    set_up(&world, "db web1 web2");
    section(&world, "web*", "db");
    begin(&world);
    stop_all(&world, 0, true);
    expect(&world, "web1 power-button, web2 power-button");
    go_off(&world, "web1", false);
    expect(&world, "web1 power-button (host), web1 clean");
    go_off(&world, "web2", false);
    expect(&world, "web2 power-button (host), web2 clean, db power-button");
    g_assert_true(vs_engine_is_stopping_all(world.engine));
    go_off(&world, "db", false);
    expect(&world, "db power-button (host), db clean");
    g_assert_false(vs_engine_is_stopping_all(world.engine));
    tear_down(&world);
}

/* One that is stuck holds up only what must come after it, and that only until it is forced. */
static void
test_stuck(void)
{
    World world;

    set_up(&world, "db other web");
    section(&world, "web", "db");
    begin(&world);
    stop_all(&world, 0, false);
    expect(&world, "web power-button, other power-button");
    reply(&world, "web", true);
    go_off(&world, "other", false);
    expect(&world, "other power-button, other clean");
    pass(&world, 121 * SEC);
    expect(&world, "web destroy");
    go_off(&world, "web", true);
    expect(&world, "web destroyed, web forced, db power-button");
    tear_down(&world);
}

/* The steps are shortened so that both end inside the budget. */
static void
test_budget(void)
{
    World world;

    set_up(&world, "db web");
    section(&world, "web", "db");
    begin(&world);
    stop_all(&world, 70 * SEC, false);
    expect(&world, "web power-button");
    reply(&world, "web", true);
    pass(&world, 19 * SEC);
    expect(&world, "");
    pass(&world, 2 * SEC); /* (70 - 2 * 15) / 2 */
    expect(&world, "web destroy");
    go_off(&world, "web", true);
    expect(&world, "web destroyed, web forced, db power-button");
    reply(&world, "db", true);
    pass(&world, 70 * SEC);
    expect(&world, "db destroy");
    tear_down(&world);
}

/* When only a destroy's time is left, nobody waits for a turn. */
static void
test_last_call(void)
{
    World world;

    set_up(&world, "a b c");
    world.policy.max_parallel = 1;
    begin(&world);
    stop_all(&world, 20 * SEC, false);
    expect(&world, "a power-button");
    reply(&world, "a", true);
    pass(&world, 6 * SEC);
    expect(&world, "a destroy, b destroy, c destroy");
    go_off(&world, "c", true);
    go_off(&world, "a", true);
    go_off(&world, "b", true);
    expect(&world, "c destroyed, c forced, a destroyed, a forced, b destroyed, b forced");
    g_assert_false(vs_engine_is_stopping_all(world.engine));
    tear_down(&world);
}

/* Never force this one: it is left, said to be, and not asked a second time by the hook. */
static void
test_leave(void)
{
    VsSection *own;
    World world;

    set_up(&world, "kept other");
    own = section(&world, "kept", "other");
    own->says = VS_POLICY_LADDER;
    g_assert_true(vs_ladder_parse("power-button:10s leave", &own->policy.ladder, NULL));
    begin(&world);
    stop_all(&world, 0, true);
    expect(&world, "kept power-button");
    reply(&world, "kept", true);
    pass(&world, 11 * SEC);
    expect(&world, "kept timed-out, other power-button");
    stop_all(&world, 0, true);
    expect(&world, "");
    go_off(&world, "other", false);
    stop_all(&world, 0, true);
    expect(&world, "other power-button (host), other clean");
    tear_down(&world);
}

static void
test_cancel(void)
{
    VsEvent cancel = {.type = VS_EVENT_CANCEL_ALL};
    World world;

    set_up(&world, "db web");
    section(&world, "web", "db");
    begin(&world);
    stop_all(&world, 0, true);
    reply(&world, "web", true);
    step(&world, &cancel);
    expect(&world, "web power-button, db cancelled, web cancelled");
    g_assert_false(vs_engine_is_stopping_all(world.engine));
    pass(&world, 1000 * SEC);
    expect(&world, "");
    tear_down(&world);
}

/* As a new daemon, with what the old one kept. */
static void
restart(World *world)
{
    g_autoptr(GHashTable) saved = g_steal_pointer(&world->saved);
    GHashTableIter iter;
    const char *name, *text;

    world->saved = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    vs_engine_free(world->engine);
    world->engine = vs_engine_new(seed, &world->policy);
    g_hash_table_iter_init(&iter, saved);
    while (g_hash_table_iter_next(&iter, (void **)&name, (void **)&text)) {
        VsEvent event = {
            .type = VS_EVENT_RESTORE, .domain = &info(world, name)->domain, .restore.state = text};

        step(world, &event);
    }
    connect_libvirt(world);
}

/* A daemon that died goes on where it was, with the deadlines that it had. */
static void
test_restart(void)
{
    World world;

    set_up(&world, "db web");
    section(&world, "web", "db");
    begin(&world);
    stop_all(&world, 140 * SEC, true);
    reply(&world, "web", true);
    expect(&world, "web power-button");
    restart(&world); /* and 20 s pass */
    g_assert_true(vs_engine_is_stopping_all(world.engine));
    expect(&world, "");
    pass(&world, 34 * SEC);
    expect(&world, "");
    pass(&world, 2 * SEC); /* (140 - 2 * 15) / 2 */
    expect(&world, "web destroy");
    go_off(&world, "web", true);
    expect(&world, "web destroyed (host), web forced, db power-button");
    pass(&world, 70 * SEC);
    expect(&world, "db destroy");
    tear_down(&world);
}

/* A libvirt that doesn't come back keeps nobody for ever. */
static void
test_libvirt_away(void)
{
    VsEvent closed = {.type = VS_EVENT_CONNECTION, .uri = URI};
    World world;

    set_up(&world, "db web");
    section(&world, "web", "db");
    begin(&world);
    stop_all(&world, 60 * SEC, true);
    reply(&world, "web", true);
    expect(&world, "web power-button");
    step(&world, &closed);
    pass(&world, 100 * SEC);
    g_assert_true(vs_engine_is_stopping_all(world.engine));
    expect(&world, "");
    pass(&world, 6 * SEC);
    expect(&world, "db failed, web failed");
    g_assert_false(vs_engine_is_stopping_all(world.engine));
    g_assert_cmpint(vs_engine_next_timer(world.engine), ==, VS_USEC_INFINITY);
    tear_down(&world);
}

static void
set_ladder(VsSection *of, const char *text)
{
    g_assert_true(vs_ladder_parse(text, &of->policy.ladder, NULL));
    of->says |= VS_POLICY_LADDER;
}

/* Who was to be pressed twice, and is so when libvirt is back, has the time for it. */
static void
test_libvirt_away_between_presses(void)
{
    VsEvent closed = {.type = VS_EVENT_CONNECTION, .uri = URI};
    World world;

    set_up(&world, "once twice");
    set_ladder(section(&world, "once", ""), "power-button:15s destroy");
    set_ladder(section(&world, "twice", ""), "power-button:15s,press=2,gap=1s destroy");
    begin(&world);
    stop_all(&world, 90 * SEC, true);
    expect(&world, "once power-button, twice power-button");
    reply(&world, "once", true);
    reply(&world, "twice", true);
    step(&world, &closed);
    pass(&world, 40 * SEC); /* its own 15 s, and the 15 s for its destroy, are over */
    reconnect_libvirt(&world);
    expect(&world, "once destroy, twice power-button");
    reply(&world, "once", true);
    lifecycle(&world, "once", VS_LIFECYCLE_STOPPED, VS_STOPPED_DESTROYED);
    expect(&world, "once destroyed (host), once forced");
    go_off(&world, "twice", false);
    expect(&world, "twice power-button (host), twice clean");
    tear_down(&world);
}

/* What goes down while libvirt is away goes down for what it was asked, however late that shows. */
static void
test_libvirt_away_and_off(void)
{
    VsEvent closed = {.type = VS_EVENT_CONNECTION, .uri = URI};
    World world;

    set_up(&world, "web");
    set_ladder(section(&world, "web", ""), "power-button:10s destroy");
    begin(&world);
    stop_all(&world, 90 * SEC, true);
    reply(&world, "web", true);
    expect(&world, "web power-button");
    step(&world, &closed);
    info(&world, "web")->state = VS_STATE_SHUTOFF;
    info(&world, "web")->reason = VS_SHUTOFF_CRASHED;
    pass(&world, 30 * SEC);
    reconnect_libvirt(&world);
    expect(&world, "web power-button (host), web clean");
    tear_down(&world);
}

/* In the reverse order, one after the other, and not what runs already. */
static void
test_revive(void)
{
    VsEvent revive = {.type = VS_EVENT_REVIVE};
    g_autofree char *kept = NULL;
    World world;

    set_up(&world, "a b c");
    section(&world, "c", "b");
    section(&world, "b", "a");
    world.policy.start_delay = 5 * SEC;
    begin(&world);
    stop_all(&world, 0, true);
    go_off(&world, "c", false);
    go_off(&world, "b", false);
    go_off(&world, "a", false);
    g_assert_nonnull(world.kept);
    kept = g_strdup(world.kept);
    vs_engine_free(world.engine);
    info(&world, "b")->state = VS_STATE_RUNNING; /* autostart */
    begin(&world);
    g_ptr_array_set_size(world.said, 0);

    revive.revive.text = kept;
    step(&world, &revive);
    expect(&world, "a start");
    reply(&world, "a", true);
    pass(&world, 4 * SEC);
    expect(&world, "");
    pass(&world, 2 * SEC);
    expect(&world, "c start");
    g_assert_nonnull(world.kept);
    reply(&world, "c", false);
    g_assert_null(world.kept);
    tear_down(&world);
}

/* The clock of a guest that goes on is set when its agent is there. */
static void
test_revive_clock(void)
{
    VsEvent revive = {.type = VS_EVENT_REVIVE};
    VsEvent agent = {.type = VS_EVENT_AGENT, .agent.state = VS_AGENT_CONNECTED};
    g_autofree char *kept = NULL;
    World world;

    set_up(&world, "a");
    world.policy.sync_time = true;
    begin(&world);
    stop_all(&world, 0, true);
    go_off(&world, "a", false);
    kept = g_strdup(world.kept);
    g_ptr_array_set_size(world.said, 0);
    revive.revive.text = kept;
    step(&world, &revive);
    expect(&world, "a start");
    lifecycle(&world, "a", VS_LIFECYCLE_STARTED, 0);
    reply(&world, "a", true);
    expect(&world, "");
    agent.domain = &info(&world, "a")->domain;
    step(&world, &agent);
    expect(&world, "a set-clock");
    step(&world, &agent);
    expect(&world, "");
    tear_down(&world);
}

static void
test_revive_damaged(void)
{
    VsEvent revive = {.type = VS_EVENT_REVIVE, .revive.text = "{\"guests\":[{\"uri\":7}]}"};
    g_autoptr(GError) error = NULL;
    World world;

    set_up(&world, "a");
    begin(&world);
    g_assert_false(try_step(&world, &revive, &error));
    g_assert_nonnull(strstr(error->message, "entry 1"));
    expect(&world, "");
    tear_down(&world);
}

int
main(int argc, char **argv)
{
    vs_test_init(&argc, &argv);
    g_test_add_func("/engine/host-stop/order", test_order);
    g_test_add_func("/engine/host-stop/stuck", test_stuck);
    g_test_add_func("/engine/host-stop/budget", test_budget);
    g_test_add_func("/engine/host-stop/last-call", test_last_call);
    g_test_add_func("/engine/host-stop/leave", test_leave);
    g_test_add_func("/engine/host-stop/cancel", test_cancel);
    g_test_add_func("/engine/host-stop/restart", test_restart);
    g_test_add_func("/engine/host-stop/libvirt-away", test_libvirt_away);
    g_test_add_func("/engine/host-stop/libvirt-away-between-presses",
                    test_libvirt_away_between_presses);
    g_test_add_func("/engine/host-stop/libvirt-away-and-off", test_libvirt_away_and_off);
    g_test_add_func("/engine/host-stop/revive", test_revive);
    g_test_add_func("/engine/host-stop/revive-clock", test_revive_clock);
    g_test_add_func("/engine/host-stop/revive-damaged", test_revive_damaged);
    return g_test_run();
}
