/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "engine/take-over.h"
#include "random-message.h"
#include "search.h"
#include "util/json.h"

/* A state as text. Of times only the order counts: each is its place among all of them, and now. */

#define LEAST_TIME (INT64_C(900) * SEC) /* the world's clock begins at 1000 s */
#define LEAST_REAL (INT64_C(1000000000) * SEC)

typedef struct State {
    const World *world;
    const SimGuest *guests[MAX_GUESTS]; /* in which order, */
    unsigned n_guests;
    GString *text;
    GArray *times; /* of int64_t */
} State;

static void
add_number(State *state, const char *name, int64_t number)
{
    int64_t real = state->world->now.real - state->world->now.mono;

    if (number >= LEAST_REAL && number < INT64_MAX)
        number -= real;
    if (number >= LEAST_TIME && number < INT64_MAX) {
        g_string_append_printf(state->text, "%s=@%u ", name, state->times->len);
        g_array_append_val(state->times, number);
    } else {
        g_string_append_printf(state->text, "%s=%" G_GINT64_FORMAT " ", name, number);
    }
}

static bool
is_left_out(const char *key)
{
    static const char *const keys[] = {"evidence", "id",     "calls",    "call",
                                       "serial",   "took",   "dropped",  "name",
                                       "uuid",     "schema", "alive_at", "saved_at"};

    for (size_t i = 0; i < G_N_ELEMENTS(keys); i++)
        if (g_str_equal(key, keys[i]) || g_str_has_prefix(key, "took"))
            return true;
    return false;
}

static void
add_json(State *state, const char *name, json_object *value)
{
    if (json_object_is_type(value, json_type_object)) {
        g_string_append_printf(state->text, "%s{", name);
        json_object_object_foreach(value, key, member)
        {
            if (!is_left_out(key))
                add_json(state, key, member);
        }
        g_string_append(state->text, "} ");
    } else if (json_object_is_type(value, json_type_array)) {
        for (size_t i = 0; i < json_object_array_length(value); i++)
            add_json(state, name, json_object_array_get_idx(value, i));
    } else if (json_object_is_type(value, json_type_int)) {
        add_number(state, name, json_object_get_int64(value));
    } else {
        g_string_append_printf(state->text, "%s=%s ", name, json_object_to_json_string(value));
    }
}

static void
add_engine(State *state, const SimGuest *sim)
{
    const VsGuest *guest =
        vs_engine_find(state->world->engine, sim->domain.uri, sim->domain.uuid.text);
    g_autofree char *text = NULL;
    g_autoptr(json_object) object = NULL;

    add_number(state, "next", vs_engine_next_timer(state->world->engine));
    if (!guest)
        return;
    text = vs_take_over_text(state->world->engine, guest);
    object = vs_json_parse_object(text, NULL);
    add_json(state, "engine", object);
    g_string_append_printf(
        state->text, "state %d %d reading %d %d flags %d%d%d%d%d%d%d%d%d ", guest->state,
        guest->state_reason, guest->reading.known, guest->reading.awaited, guest->defined,
        guest->gone, guest->starting != 0, guest->left, guest->again, guest->taken_over,
        guest->unsaved, guest->kept.asked == guest->kept.answered, guest->run && guest->run->sound);
    add_number(state, "owed", guest->owed_until);
    if (guest->run) {
        g_string_append_printf(state->text, "phase %d ", guest->run->phase);
        add_number(state, "until", guest->run->until);
    }
}

static void
add_host(State *state, const SimHost *host)
{
    g_string_append_printf(state->text, "up %d ", host->up);
    add_number(state, "since", host->up_since);
    add_number(state, "gap", host->gap_since);
}

static void
add_run(State *state, const SimRun *run)
{
    g_string_append_printf(state->text, "run %d%d truth %d %d %d%d%d%d records %u ", run->ended,
                           run->kept, run->truth, run->word, run->signalled, run->is_down,
                           run->was_down, run->told_reset, run->n_records);
    add_number(state, "down", run->told_down);
    add_number(state, "off", run->told_off);
    add_number(state, "agent", run->agent_until);
    add_number(state, "button", run->button_until);
}

static void
add_stop(State *state, const SimStop *stop)
{
    g_string_append_printf(state->text, "stop %d destroy %d presses %u excuses %d%d%d ",
                           stop->finished, stop->destroy_called, MIN(stop->n_presses, 3),
                           stop->no_agent, stop->no_button, stop->hurried);
    for (unsigned i = 0; i < stop->ladder.n_steps; i++)
        g_string_append_printf(state->text, "%d:%d%d ", stop->ladder.steps[i].method,
                               stop->first_call[stop->ladder.steps[i].method] > 0,
                               stop->waiting[stop->ladder.steps[i].method] > 0);
}

static void
add_guest(State *state, const SimGuest *guest)
{
    g_string_append_printf(state->text, "guest %d %d %d %d told %d%d%d%d log %u ", sim_is_on(guest),
                           guest->state, guest->agent, guest->going_down, guest->told_off,
                           guest->told_down, guest->told_paused, guest->told_no_agent,
                           MIN(guest->log->len, 1));
    for (unsigned i = 0; i < guest->runs->len; i++)
        if (!((SimRun *)guest->runs->pdata[i])->ended || i + 1 == guest->runs->len)
            add_run(state, guest->runs->pdata[i]);
    if (guest->stop)
        add_stop(state, guest->stop);
    add_engine(state, guest);
}

static int
compare_messages(const void *one, const void *other)
{
    const Message *a = *(Message *const *)one, *b = *(Message *const *)other;

    if (a->at != b->at)
        return a->at < b->at ? -1 : 1;
    return a->order < b->order ? -1 : 1;
}

static unsigned
place_of(const State *state, const SimGuest *guest)
{
    unsigned i = 0;

    while (i < state->n_guests && state->guests[i] != guest)
        i++;
    return i;
}

static void
add_messages(State *state)
{
    g_autoptr(GPtrArray) messages = g_ptr_array_new();

    for (unsigned i = 0; i < state->world->messages->len; i++)
        g_ptr_array_add(messages, state->world->messages->pdata[i]);
    g_ptr_array_sort(messages, compare_messages);
    for (unsigned i = 0; i < messages->len; i++) {
        const Message *message = messages->pdata[i];

        g_string_append_printf(
            state->text, "message %d of %u %d%d %d:%d %s %s %d %d:%d %d %d ", message->type,
            place_of(state, message->guest), message->generation == message->host->generation,
            message->epoch == state->world->epoch, message->lifecycle, message->detail,
            message->qmp ? message->qmp : "", message->data ? message->data : "", message->method,
            message->ok, message->code, message->truth, message->why);
        add_number(state, "at", message->at);
    }
}

/* What stands where in time, in the order in which the text names them. */
static void
add_order(State *state)
{
    for (unsigned i = 0; i < state->times->len; i++) {
        unsigned place = 0;

        for (unsigned j = 0; j < state->times->len; j++)
            place +=
                g_array_index(state->times, int64_t, j) < g_array_index(state->times, int64_t, i);
        g_string_append_printf(state->text, "%u ", place);
    }
}

static void
add_host_stops(State *state)
{
    g_autoptr(json_object) object =
        state->world->ran ? vs_json_parse_object(state->world->ran, NULL) : NULL;

    if (object)
        add_json(state, "host stops", object);
}

static char *
text_in_order(World *world, unsigned n_guests, unsigned first)
{
    State state = {.world = world,
                   .n_guests = n_guests,
                   .text = g_string_new(NULL),
                   .times = g_array_new(FALSE, FALSE, sizeof(int64_t))};

    for (unsigned i = 0; i < n_guests; i++)
        state.guests[i] = search_guest(world, (first + i) % n_guests);
    add_number(&state, "now", world->now.mono);
    g_string_append_printf(state.text, "crash %d ", world->crash_after);
    add_host(&state, state.guests[0]->host);
    for (unsigned i = 0; i < n_guests; i++)
        add_guest(&state, state.guests[i]);
    add_host_stops(&state);
    add_messages(&state);
    add_order(&state);
    g_array_unref(state.times);
    return g_string_free(state.text, FALSE);
}

/* Two guests that change places are the same. */
char *
state_text(World *world, unsigned n_guests)
{
    char *text = text_in_order(world, n_guests, 0);

    for (unsigned first = 1; first < n_guests; first++) {
        char *other = text_in_order(world, n_guests, first);

        if (strcmp(other, text) < 0) {
            g_free(text);
            text = other;
        } else {
            g_free(other);
        }
    }
    return text;
}
