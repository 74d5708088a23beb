/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bus/gate.h"

#include "bus/allowance.h"
#include "bus/errors.h"
#include "bus/user-names.h"
#include "util/error.h"
#include "util/i18n.h"
#include "util/span.h"
#include "work/timer.h"

/* What may wait of one user, in all its connections; and of all of them. */
#define MAX_USER_CALLS 64
#define MAX_USER_SIZE  ((size_t)256 * 1024)
#define MAX_ALL_SIZE   ((size_t)16 * 1024 * 1024)

/* What may wait of a connection until it is known whose it is: its first call, however long, or so
 * much; of all of them; and of those who come when that is reached. */
#define MAX_UNKNOWN_SIZE     ((size_t)1024 * 1024)
#define MAX_UNKNOWN_ALL_SIZE ((size_t)32 * 1024 * 1024)
#define LEAST_UNKNOWN_SIZE   ((size_t)16 * 1024)

/* So long, µs, messages are read on each connection in one turn of the main loop: a flood is read
 * no slower than the bus can send it, and all else has its turn in between. */
#define AT_ONCE 2000

struct VsBusGate {
    VsBusCallers *callers;
    sd_bus_slot *filter;
    GQueue waiting;          /* callers with something parked; who was let in last stands last */
    sd_bus_message *letting; /* on its way in again; NULL: none */
    size_t parked_size;      /* of all users that aren't trusted */
    size_t unknown_size;     /* of those who aren't known yet */
    bool look;               /* whether somebody else may be let in now */
    VsBusUser *served;       /* whose call is carried out now; NULL: nobody's who isn't trusted */
    int64_t served_since;
    GSource *timer;
};

/* A call that waits. */
typedef struct Parked {
    sd_bus_message *message;
    size_t size;
} Parked;

static bool
is_method_call(sd_bus_message *message)
{
    return sd_bus_message_is_method_call(message, NULL, NULL) > 0;
}

int
vs_bus_gate_refuse(VsBus *bus, VsBusUser *user, sd_bus_message *message)
{
    g_autoptr(GError) error = NULL;

    if (user)
        vs_bus_allowance_hush(user);
    if (sd_bus_message_get_expect_reply(message) <= 0)
        return 1;
    if (!vs_bus_allowance_has_room(bus))
        return 1;
    g_set_error(&error, VS_ERROR, VS_ERROR_LIMITS,
                _("Too much of this user's is under way: wait for the answers, and send less"));
    return vs_bus_error_reply(message, error);
}

static int
refuse_unknown(sd_bus_message *message)
{
    g_autoptr(GError) error = NULL;

    if (sd_bus_message_get_expect_reply(message) <= 0)
        return 1;
    vs_bus_callers_fail(&error);
    return vs_bus_error_reply(message, error);
}

/* --- what waits --- */

static void
count(VsBusGate *gate, VsBusCaller *caller, size_t size)
{
    caller->parked_size += size;
    if (!caller->user) {
        gate->unknown_size += size;
        return;
    }
    caller->user->n_parked++;
    caller->user->parked_size += size;
    if (!caller->user->trusted)
        gate->parked_size += size;
}

static void
uncount(VsBusGate *gate, VsBusCaller *caller, size_t size)
{
    caller->parked_size -= size;
    if (!caller->user) {
        gate->unknown_size -= size;
        return;
    }
    caller->user->n_parked--;
    caller->user->parked_size -= size;
    if (!caller->user->trusted)
        gate->parked_size -= size;
}

static bool
has_room(const VsBusGate *gate, const VsBusCaller *caller, size_t size)
{
    const VsBusUser *user = caller->user;
    size_t most = MAX_UNKNOWN_SIZE;

    if (user)
        return user->trusted ||
               (user->n_parked < MAX_USER_CALLS && user->parked_size + size <= MAX_USER_SIZE &&
                gate->parked_size + size <= MAX_ALL_SIZE);
    if (gate->unknown_size + size > MAX_UNKNOWN_ALL_SIZE)
        most = LEAST_UNKNOWN_SIZE;
    else if (caller->parked.length == 0)
        most = MAX_UNKNOWN_ALL_SIZE;
    return caller->parked_size + size <= most;
}

/* sd-bus quotes the arguments of a call in some errors, and dbus-daemon cuts off whoever sends it a
 * message that is too long. */
static bool
is_too_long(const VsBusUser *user, sd_bus_message *message)
{
    return !user->trusted && vs_bus_message_size(message, MAX_USER_SIZE) > MAX_USER_SIZE;
}

static int
park(VsBus *bus, VsBusCaller *caller, sd_bus_message *message)
{
    VsBusGate *gate = bus->gate;
    size_t size = 0;
    Parked *parked;

    if (!caller->user || !caller->user->trusted) {
        if (has_room(gate, caller, 0))
            size = vs_bus_message_size(message, MAX_UNKNOWN_ALL_SIZE);
        if (size == 0 || size == SIZE_MAX || !has_room(gate, caller, size))
            return vs_bus_gate_refuse(bus, caller->user, message);
    }
    parked = g_new(Parked, 1);
    *parked = (Parked){.message = sd_bus_message_ref(message), .size = size};
    if (caller->parked.length == 0) {
        g_queue_push_tail_link(&gate->waiting, &caller->waiting);
        gate->look = true;
    }
    g_queue_push_tail(&caller->parked, parked);
    count(gate, caller, size);
    return 1;
}

/* The caller unrefs it. */
static sd_bus_message *
unpark(VsBusGate *gate, VsBusCaller *caller, Parked *parked)
{
    sd_bus_message *message = parked->message;

    uncount(gate, caller, parked->size);
    g_free(parked);
    g_queue_unlink(&gate->waiting, &caller->waiting);
    if (caller->parked.length > 0)
        g_queue_push_tail_link(&gate->waiting, &caller->waiting);
    return message;
}

void
vs_bus_gate_forget(VsBus *bus, VsBusCaller *caller)
{
    Parked *parked;

    while ((parked = g_queue_pop_head(&caller->parked)))
        sd_bus_message_unref(unpark(bus->gate, caller, parked));
}

static void
refuse_parked(VsBus *bus, VsBusCaller *caller)
{
    Parked *parked;

    while ((parked = g_queue_pop_head(&caller->parked))) {
        g_autoptr(sd_bus_message) message = unpark(bus->gate, caller, parked);

        refuse_unknown(message);
    }
}

/* What waited as an unknown's is counted as its user's, and is refused where that is too much. */
static void
on_known(VsBusCaller *caller, void *userdata)
{
    VsBus *bus = userdata;
    VsBusGate *gate = bus->gate;
    GQueue parked = caller->parked;
    Parked *each;

    if (!caller->user) {
        refuse_parked(bus, caller);
        return;
    }
    if (caller->user->trusted)
        vs_bus_user_names_learn(bus, caller->user->uid);
    gate->unknown_size -= caller->parked_size;
    caller->parked_size = 0;
    if (parked.length > 0)
        g_queue_unlink(&gate->waiting, &caller->waiting);
    g_queue_init(&caller->parked);
    while ((each = g_queue_pop_head(&parked))) {
        g_autoptr(sd_bus_message) message = each->message;

        g_free(each);
        park(bus, caller, message);
    }
}

/* --- whose turn it is --- */

static bool
may_go(VsBus *bus, const VsBusCaller *caller, int64_t now)
{
    if (!caller->user || caller->n_asked > 0)
        return false;
    return caller->user->trusted ||
           (vs_bus_allowance_turn(bus, caller->user) <= now && vs_bus_allowance_is_drained(bus));
}

/* The trusted first. @ret_next: when somebody may whose turn it isn't yet. */
static VsBusCaller *
who_may_go(VsBus *bus, int64_t *ret_next)
{
    const VsBusGate *gate = bus->gate;
    int64_t now = g_get_monotonic_time();
    bool drained = vs_bus_allowance_is_drained(bus);
    VsBusCaller *found = NULL;

    for (const GList *item = gate->waiting.head; item; item = item->next) {
        VsBusCaller *caller = item->data;

        if (!caller->user || caller->n_asked > 0)
            continue;
        if (caller->user->trusted)
            return caller;
        if (vs_bus_allowance_turn(bus, caller->user) > now)
            *ret_next = MIN(*ret_next, vs_bus_allowance_turn(bus, caller->user));
        else if (!drained)
            *ret_next = MIN(*ret_next, now + VS_BUS_ALLOWANCE_PAUSE);
        else if (!found)
            found = caller;
    }
    return found;
}

static void
let_in(VsBusGate *gate, VsBusCaller *caller)
{
    sd_bus_message *message = unpark(gate, caller, g_queue_pop_head(&caller->parked));

    if (sd_bus_enqueue_for_read(sd_bus_message_get_bus(message), message) < 0)
        sd_bus_message_unref(message); /* out of memory */
    else
        gate->letting = message;
}

void
vs_bus_gate_pump(VsBus *bus)
{
    VsBusGate *gate = bus->gate;
    int64_t next = VS_USEC_INFINITY;
    VsBusCaller *caller;

    gate->look = false;
    if (gate->letting || gate->waiting.length == 0)
        return;
    caller = who_may_go(bus, &next);
    if (caller)
        let_in(gate, caller);
    else if (next != VS_USEC_INFINITY)
        g_source_set_ready_time(gate->timer, next);
}

static void
serve(VsBusGate *gate, VsBusUser *user)
{
    if (user->trusted)
        return;
    gate->served = user;
    gate->served_since = g_get_monotonic_time();
}

static void
settle(VsBus *bus)
{
    VsBusGate *gate = bus->gate;

    if (gate->served)
        vs_bus_allowance_charge(bus, gate->served, gate->served_since, 0);
    gate->served = NULL;
    if (gate->look)
        vs_bus_gate_pump(bus);
}

/* Whatever has come on @connection, for a while. */
static void
read_on(VsBus *bus, sd_bus *connection)
{
    int64_t end = g_get_monotonic_time() + AT_ONCE;
    int r = connection ? 1 : 0;

    while (r > 0 && g_get_monotonic_time() < end) {
        r = sd_bus_process(connection, NULL);
        settle(bus);
    }
}

void
vs_bus_gate_settle(VsBus *bus)
{
    settle(bus);
    read_on(bus, bus->own);
    read_on(bus, bus->connection);
}

/* --- what comes in --- */

VsBusCaller *
vs_bus_gate_caller(VsBus *bus, sd_bus_message *message)
{
    return vs_bus_callers_of(bus->gate->callers, message);
}

VsBusCaller *
vs_bus_gate_addressee(VsBus *bus, sd_bus_message *reply)
{
    if (sd_bus_message_is_signal(reply, NULL, NULL) > 0)
        return NULL;
    return vs_bus_callers_named(bus->gate->callers, sd_bus_message_get_destination(reply));
}

/* Signals of others than the bus are asked for on another connection: see connect.c. */
static int
on_message(sd_bus_message *message, void *userdata, sd_bus_error *ret_error)
{
    const char *sender = sd_bus_message_get_sender(message);
    VsBus *bus = userdata;
    VsBusGate *gate = bus->gate;
    bool was_parked = message == gate->letting;
    VsBusCaller *caller;

    if (!sender || *sender != ':')
        return 0;
    if (was_parked) {
        gate->letting = sd_bus_message_unref(gate->letting);
        gate->look = true;
    }
    if (!is_method_call(message))
        return 1;
    caller = vs_bus_callers_get(gate->callers, sender);
    if (!caller)
        return refuse_unknown(message);
    if (!was_parked && (caller->parked.length > 0 || !may_go(bus, caller, g_get_monotonic_time())))
        return park(bus, caller, message);
    if (!caller->user) /* it was forgotten between two turns of the main loop */
        return park(bus, caller, message);
    if (is_too_long(caller->user, message))
        return vs_bus_gate_refuse(bus, caller->user, message);
    serve(gate, caller->user);
    return 0;
}

bool
vs_bus_gate_is_trusted(VsBus *bus, sd_bus_message *message)
{
    const VsBusCaller *caller = vs_bus_gate_caller(bus, message);

    return caller && caller->user->trusted;
}

static gboolean
on_timer(gpointer userdata)
{
    VsBus *bus = userdata;

    g_source_set_ready_time(bus->gate->timer, -1);
    vs_bus_gate_pump(bus);
    return G_SOURCE_CONTINUE;
}

void
vs_bus_gate_init(VsBus *bus)
{
    VsBusGate *gate = g_new0(VsBusGate, 1);

    bus->gate = gate;
    gate->callers = vs_bus_callers_new(on_known, bus);
    g_queue_init(&gate->waiting);
    gate->timer = vs_timer_new(on_timer, bus);
    g_source_attach(gate->timer, NULL);
}

void
vs_bus_gate_clear(VsBus *bus)
{
    g_source_destroy(bus->gate->timer);
    g_source_unref(bus->gate->timer);
    vs_bus_callers_free(bus->gate->callers);
    g_clear_pointer(&bus->gate, g_free);
}

int
vs_bus_gate_open(VsBus *bus)
{
    vs_bus_callers_attach(bus->gate->callers, bus->own);
    return sd_bus_add_filter(bus->connection, &bus->gate->filter, on_message, bus);
}

void
vs_bus_gate_close(VsBus *bus)
{
    VsBusGate *gate = bus->gate;

    while (gate->waiting.head)
        vs_bus_gate_forget(bus, gate->waiting.head->data);
    gate->letting = sd_bus_message_unref(gate->letting);
    gate->served = NULL;
    gate->filter = sd_bus_slot_unref(gate->filter);
    vs_bus_callers_attach(gate->callers, NULL);
}
