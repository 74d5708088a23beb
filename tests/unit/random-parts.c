/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/description.h"
#include "random-world.h"

/* Stops of a part of the guests, one beside the other: by groups and priorities that the
 * configuration says, or only a guest's own XML, by libvirt, by name. */

/* So long a guest whose XML isn't read isn't judged. */
#define READ_SPAN (2 * SEC)

/* Within that time the engine begins a run that it was told of. */
#define BEGIN_SPAN (30 * SEC)

static void
add_section(World *world, const char *name, const char *group, int priority)
{
    VsSection *section = vs_section_new(name, "random");

    g_strfreev(section->groups);
    section->groups = g_strsplit(group, " ", -1);
    section->says = VS_POLICY_PRIORITY;
    section->policy.priority = priority;
    g_ptr_array_add(world->policy.sections, section);
}

static void
label(SimGuest *guest, const char *said, const char *title)
{
    const char *const assignments[] = {said, NULL};

    guest->labels = vs_labels_new(NULL, title, "", assignments);
}

/* Before the engine is made. */
void
parts_set_up(World *world)
{
    add_section(world, "guest0", "lab", 10);
    add_section(world, "guest1", "lab", 0);
    label(&world->guests[0], NULL, "");
    label(&world->guests[1], "Priority=50", "");
    label(&world->guests[2], "Group=lab", "");
    label(&world->guests[3], "Priority=-5", "Database");
    label(&world->guests[4], NULL, "");
}

static VsPart *
some_part(World *world)
{
    static const struct {
        VsPartKind kind;
        const char *word;
    } words[] = {
        {VS_PART_GROUP, "lab"},     {VS_PART_GROUP, "lab"},     {VS_PART_PRIORITY, "..0"},
        {VS_PART_PRIORITY, "1.."},  {VS_PART_PRIORITY, "50"},   {VS_PART_URI, "qemu:///host1"},
        {VS_PART_DOMAIN, "guest*"}, {VS_PART_DOMAIN, "guest2"}, {VS_PART_DOMAIN, "title:Data*"},
    };
    VsPart *part = vs_part_new();

    for (int n = world_chance(world, 25) ? 2 : 1; n > 0; n--) {
        int i = g_rand_int_range(world->chance, 0, G_N_ELEMENTS(words));

        g_assert_true(vs_part_add(part, words[i].kind, words[i].word, NULL));
    }
    return part;
}

/* What it says and the configuration, whatever is known of that. */
static bool
is_meant(const World *world, const VsPart *part, const SimGuest *guest)
{
    return vs_part_means(part, &world->policy, &guest->domain, guest->labels);
}

static const VsHostStop *
host_stop_of(const World *world, const SimGuest *guest)
{
    const VsGuest *seen = vs_engine_find(world->engine, guest->domain.uri, guest->domain.uuid.text);

    return seen ? vs_engine_find_host_stop(world->engine, seen) : NULL;
}

bool
parts_are_all_stopped(const World *world)
{
    const GPtrArray *host_stops = vs_engine_host_stops(world->engine);

    for (unsigned i = 0; i < host_stops->len; i++) {
        const VsHostStop *host_stop = host_stops->pdata[i];

        if (vs_host_stop_is_in_flight(host_stop) && !host_stop->part)
            return true;
    }
    return false;
}

/* Who joins has the ladder that was asked for. */
void
parts_ladder(const World *world, const SimGuest *guest, VsLadder *ret)
{
    const VsHostStop *host_stop = host_stop_of(world, guest);

    *ret = host_stop && host_stop->has_ladder ? host_stop->ladder : world->policy.all.ladder;
}

/* Nobody is stopped for a part that doesn't mean it, but for one whose XML nobody has read. */
void
parts_check_added(World *world, const SimGuest *guest)
{
    const VsGuest *seen = vs_engine_find(world->engine, guest->domain.uri, guest->domain.uuid.text);
    const VsHostStop *host_stop = host_stop_of(world, guest);

    if (world->event->type == VS_EVENT_STOP || !host_stop || !host_stop->part ||
        is_meant(world, host_stop->part, guest))
        return;
    if (seen->labels ||
        (vs_description_is_to_come(seen) && world->now.mono < seen->reading.asked_at + READ_SPAN))
        world_fail(world, "%s is stopped for a part that doesn't mean it", guest->domain.name);
    mark("part: a guest was judged without its XML");
}

static bool
is_in_flight(const SimGuest *guest)
{
    return guest->stop && !guest->stop->finished;
}

/* Of whom it is known for long that he runs, and what his XML says. */
static bool
is_known_to_run(const World *world, const SimGuest *guest)
{
    const VsGuest *seen = vs_engine_find(world->engine, guest->domain.uri, guest->domain.uuid.text);

    return guest->told_on > 0 && world->now.mono - guest->told_on > BEGIN_SPAN && guest->host->up &&
           !(seen && seen->again) && seen && seen->labels &&
           (!guest->stop || guest->stop->finished_at < world->now.mono);
}

static void
check_begun(World *world, const VsPart *part)
{
    for (int i = 0; i < N_GUESTS; i++) {
        SimGuest *guest = &world->guests[i];

        if (!is_meant(world, part, guest))
            continue;
        if (!is_in_flight(guest) && is_known_to_run(world, guest))
            world_fail(world, "a part is stopped but %s, which is of it and runs",
                       guest->domain.name);
    }
    mark("part: it was stopped");
}

/* What one by hand took may be somebody else's by now. */
void
parts_forget_ran(World *world)
{
    for (int i = 0; i < N_GUESTS; i++) {
        const VsHostStop *host_stop = host_stop_of(world, &world->guests[i]);

        if (is_meant(world, world->event->stop_all.part, &world->guests[i]) ||
            vs_part_means(world->event->stop_all.part, &world->policy, &world->guests[i].domain,
                          NULL) || /* where nobody has read its XML */
            (host_stop && host_stop->part))
            world->guests[i].must_run = false;
    }
}

static void
join(World *world, const VsPart *part)
{
    for (int i = 0; i < N_GUESTS; i++) {
        SimGuest *guest = &world->guests[i];

        if (!is_meant(world, part, guest) || !guest->stop)
            continue;
        guest->stop->of_all = true;
        for (unsigned j = 0; j < guest->runs->len; j++)
            ((SimRun *)guest->runs->pdata[j])->of_all = true;
    }
}

static void
ask_stop_part(World *world)
{
    g_autoptr(VsPart) part = some_part(world);
    g_autofree char *text = vs_part_format(part);
    VsEvent event = {.type = VS_EVENT_STOP_ALL, .stop_all = {.part = part}};
    bool within_all = parts_are_all_stopped(world);
    unsigned epoch = world->epoch;

    event.stop_all.ladder = world_chance(world, 30) ? "power-button:20s destroy" : NULL;
    event.stop_all.budget = world_chance(world, 60) ? world_span(world) : 0;
    world_tell(world, "stop %s, %s, %" G_GINT64_FORMAT " µs", text,
               event.stop_all.ladder ? event.stop_all.ladder : "as configured",
               event.stop_all.budget);
    if (within_all)
        mark("part: it was one of all");
    join(world, part);
    if (world_step(world, &event) && !within_all && epoch == world->epoch)
        check_begun(world, part);
}

static const VsHostStop *
some_host_stop(World *world)
{
    const GPtrArray *host_stops = vs_engine_host_stops(world->engine);

    return host_stops->len == 0
               ? NULL
               : host_stops->pdata[g_rand_int_range(world->chance, 0, (int)host_stops->len)];
}

static void
ask_about_one(World *world)
{
    static const VsEventType types[] = {VS_EVENT_CANCEL_ALL, VS_EVENT_EXTEND_ALL, VS_EVENT_RESTORE};
    VsEvent event = {.type = types[g_rand_int_range(world->chance, 0, G_N_ELEMENTS(types))]};
    const VsHostStop *host_stop = some_host_stop(world);
    g_autofree char *id = host_stop ? g_strndup(host_stop->id.text, 8) : NULL;

    if (!host_stop)
        return;
    event.host_stop = id;
    if (event.type == VS_EVENT_EXTEND_ALL)
        event.extend.span = world_span(world) + 1;
    world_tell(world, "request %d about the host stop %s", event.type, id);
    if (event.type == VS_EVENT_RESTORE)
        ran_restore(world, id);
    else if (world_step(world, &event))
        mark("part: request %d", event.type);
}

void
ask_about_part(World *world)
{
    if (world_chance(world, 60))
        ask_stop_part(world);
    else
        ask_about_one(world);
}

/* Whether @guest is to be off just now. */
bool
parts_are_stopping(const World *world, const SimGuest *guest)
{
    const GPtrArray *host_stops = vs_engine_host_stops(world->engine);

    for (unsigned i = 0; i < host_stops->len; i++) {
        const VsHostStop *host_stop = host_stops->pdata[i];

        if (vs_host_stop_is_in_flight(host_stop) &&
            (!host_stop->part || is_meant(world, host_stop->part, guest)))
            return true;
    }
    return false;
}

static unsigned
count(const GPtrArray *ran, const SimGuest *guest)
{
    return vs_ran_find(ran, &guest->domain) >= 0;
}

/* Nobody is brought back by two; but who was being started as the second took him is of both until
 * that is answered. */
void
parts_check_once(World *world)
{
    const GPtrArray *host_stops = vs_engine_host_stops(world->engine);

    for (int i = 0; world->starting == 0 && i < N_GUESTS; i++) {
        unsigned n = 0;

        for (unsigned j = 0; j < host_stops->len; j++) {
            const VsHostStop *host_stop = host_stops->pdata[j];

            n += count(host_stop->ran, &world->guests[i]) +
                 count(host_stop->failed, &world->guests[i]);
        }
        if (n > 1)
            world_fail(world, "%s is to be started again by two", world->guests[i].domain.name);
    }
}
