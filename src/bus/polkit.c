/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bus/polkit.h"

#include "bus/allowance.h"
#include "bus/errors.h"
#include "bus/gate.h"
#include "bus/user-names.h"
#include "util/span.h"

#define NAME      "org.freedesktop.PolicyKit1"
#define PATH      "/org/freedesktop/PolicyKit1/Authority"
#define INTERFACE "org.freedesktop.PolicyKit1.Authority"

/* CheckAuthorization's flag. */
#define ALLOW_USER_INTERACTION 1

/* So many questions of a user are under way, and of all who aren't trusted. */
#define MAX_OF_USER 8
#define MAX_OF_ALL  128

/* The longest call that one is about, bytes: it is kept until the answer is there. */
#define MAX_SIZE ((size_t)16 * 1024)

/* For an answer; and for one that a person has to type. */
#define SPAN        (10 * VS_USEC_PER_SEC)
#define PERSON_SPAN (120 * VS_USEC_PER_SEC)

typedef struct Pending {
    VsBus *bus;
    VsBusCaller *caller;
    sd_bus_message *message;
    sd_bus_slot *asking;
    sd_bus_slot *watch; /* tells when the caller goes */
    VsBusNameWait
        *naming;  /* what is waited for after a yes: records name users; NULL: nothing is */
    char *cancel; /* the question's name, by which it is called off; "": nobody is asked for a
                     password */
    VsBusAnswered answer;
    GDestroyNotify free_data;
    void *data;
} Pending;

struct VsBusPolkit {
    GPtrArray *pending;
    int64_t span; /* 0: as usual */
    uint64_t n;   /* so many were asked */
};

void
vs_bus_polkit_init(VsBus *bus, int64_t span)
{
    bus->polkit = g_new0(VsBusPolkit, 1);
    bus->polkit->pending = g_ptr_array_new();
    bus->polkit->span = span;
}

/* Without an answer: who asked for it is told nothing any more. */
static void
pending_free(Pending *pending)
{
    g_ptr_array_remove_fast(pending->bus->polkit->pending, pending);
    pending->caller->n_authorising--;
    pending->caller->user->n_authorising--;
    if (pending->data)
        pending->free_data(pending->data);
    if (pending->naming)
        vs_bus_name_wait_free(pending->naming);
    sd_bus_slot_unref(pending->asking);
    sd_bus_slot_unref(pending->watch);
    sd_bus_message_unref(pending->message);
    g_free(pending->cancel);
    g_free(pending);
}

void
vs_bus_polkit_drop(VsBus *bus)
{
    while (bus->polkit->pending->len > 0)
        pending_free(bus->polkit->pending->pdata[0]);
}

void
vs_bus_polkit_clear(VsBus *bus)
{
    vs_bus_polkit_drop(bus);
    g_ptr_array_unref(bus->polkit->pending);
    g_clear_pointer(&bus->polkit, g_free);
}

/* --- the answer --- */

/* Whoever is being asked for a password needn't type it any more. */
static void
call_off(const Pending *pending)
{
    g_autoptr(sd_bus_message) message = NULL;

    if (!*pending->cancel)
        return;
    if (sd_bus_message_new_method_call(pending->bus->own, &message, NAME, PATH, INTERFACE,
                                       "CancelCheckAuthorization") >= 0 &&
        sd_bus_message_append(message, "s", pending->cancel) >= 0 &&
        sd_bus_message_set_auto_start(message, false) >= 0)
        sd_bus_send(pending->bus->own, message, NULL);
}

static VsBusVerdict
verdict_of_error(const char *name)
{
    if (g_str_equal(name, SD_BUS_ERROR_SERVICE_UNKNOWN) ||
        g_str_equal(name, SD_BUS_ERROR_NAME_HAS_NO_OWNER) ||
        g_str_has_prefix(name, "org.freedesktop.DBus.Error.Spawn."))
        return VS_BUS_VERDICT_ABSENT;
    if (g_str_equal(name, SD_BUS_ERROR_NO_REPLY) || g_str_equal(name, SD_BUS_ERROR_TIMEOUT) ||
        g_str_equal(name, "org.freedesktop.DBus.Error.TimedOut"))
        return VS_BUS_VERDICT_SILENT;
    return VS_BUS_VERDICT_FAILED;
}

/* @ret_why: NULL where there is nothing more to be said. */
static VsBusVerdict
verdict_of(sd_bus_message *reply, const char **ret_why)
{
    const sd_bus_error *error = sd_bus_message_get_error(reply);
    int yes, challenge;
    int r;

    *ret_why = NULL;
    if (error) {
        *ret_why = error->message;
        return verdict_of_error(error->name);
    }
    if ((r = sd_bus_message_enter_container(reply, 'r', "bba{ss}")) < 0 ||
        (r = sd_bus_message_read(reply, "bb", &yes, &challenge)) < 0) {
        *ret_why = g_strerror(-r);
        return VS_BUS_VERDICT_FAILED;
    }
    if (yes)
        return VS_BUS_VERDICT_YES;
    return challenge ? VS_BUS_VERDICT_CHALLENGE : VS_BUS_VERDICT_NO;
}

/* What follows a yes is done for the caller, so its time counts for his user. */
static void
finish(Pending *pending, VsBusVerdict verdict, const char *why)
{
    int64_t since = g_get_monotonic_time();

    pending->answer(pending->bus, pending->message, verdict, why, g_steal_pointer(&pending->data));
    vs_bus_allowance_charge(pending->bus, pending->caller->user, since, 0);
    pending_free(pending);
}

static void
on_named(void *data)
{
    finish(data, VS_BUS_VERDICT_YES, NULL);
}

/* Records name who asked: his name is wanted from now on. */
static VsBusNameWait *
await_name(Pending *pending)
{
    uid_t uid = pending->caller->user->uid;

    vs_bus_user_names_learn(pending->bus, uid);
    return vs_bus_user_names_await(pending->bus, uid, on_named, pending);
}

static int
on_answer(sd_bus_message *reply, void *userdata, sd_bus_error *ret_error)
{
    Pending *pending = userdata;
    const char *why;
    VsBusVerdict verdict = verdict_of(reply, &why);

    if (verdict == VS_BUS_VERDICT_SILENT)
        call_off(pending);
    if (verdict == VS_BUS_VERDICT_YES)
        pending->naming = await_name(pending);
    if (!pending->naming)
        finish(pending, verdict, why);
    return 0;
}

/* --- the question --- */

static int
on_owner_changed(sd_bus_message *message, void *userdata, sd_bus_error *ret_error)
{
    Pending *pending = userdata;
    const char *owner;

    if (!vs_bus_is_from_bus(message) ||
        sd_bus_message_read(message, "sss", NULL, NULL, &owner) < 0 || *owner != '\0')
        return 0;
    call_off(pending);
    vs_bus_gate_forget(pending->bus, pending->caller);
    pending_free(pending);
    return 0;
}

/* Where the bus takes no more matches, a caller's going isn't noticed: his question is answered. */
static int
on_watched(sd_bus_message *reply, void *userdata, sd_bus_error *ret_error)
{
    return 0;
}

static int
watch(Pending *pending)
{
    g_autofree char *match = g_strdup_printf("type='signal',sender='org.freedesktop.DBus',"
                                             "interface='org.freedesktop.DBus',"
                                             "member='NameOwnerChanged',arg0='%s'",
                                             pending->caller->name);

    return sd_bus_add_match_async(pending->bus->own, &pending->watch, match, on_owner_changed,
                                  on_watched, pending);
}

static int
append_details(sd_bus_message *question, const VsBusDetail *details)
{
    int r = sd_bus_message_open_container(question, 'a', "{ss}");

    for (; r >= 0 && details->key; details++) {
        g_autofree char *value = details->value ? vs_bus_text(details->value) : NULL;

        if (value)
            r = sd_bus_message_append(question, "{ss}", details->key, value);
    }
    return r < 0 ? r : sd_bus_message_close_container(question);
}

/* The caller is named by his connection, which is nobody else's, ever: a pid may be. */
static int
append_question(sd_bus_message *question, const Pending *pending, const char *action,
                const VsBusDetail *details)
{
    int r;

    if ((r = sd_bus_message_append(question, "(sa{sv})", "system-bus-name", 1, "name", "s",
                                   pending->caller->name)) < 0 ||
        (r = sd_bus_message_append(question, "s", action)) < 0 ||
        (r = append_details(question, details)) < 0)
        return r;
    return sd_bus_message_append(
        question, "us", (uint32_t)(*pending->cancel ? ALLOW_USER_INTERACTION : 0), pending->cancel);
}

static int64_t
span_of(const Pending *pending)
{
    if (pending->bus->polkit->span > 0)
        return pending->bus->polkit->span;
    return *pending->cancel ? PERSON_SPAN : SPAN;
}

static int
ask(Pending *pending, const char *action, const VsBusDetail *details)
{
    sd_bus *own = pending->bus->own;
    g_autoptr(sd_bus_message) question = NULL;
    int r;

    if ((r = watch(pending)) < 0 ||
        (r = sd_bus_message_new_method_call(own, &question, NAME, PATH, INTERFACE,
                                            "CheckAuthorization")) < 0 ||
        (r = append_question(question, pending, action, details)) < 0)
        return r;
    return sd_bus_call_async(own, &pending->asking, question, on_answer, pending,
                             (uint64_t)span_of(pending));
}

static Pending *
add(VsBus *bus, VsBusCaller *caller, sd_bus_message *message)
{
    bool may_ask = sd_bus_message_get_allow_interactive_authorization(message) > 0;
    Pending *pending = g_new0(Pending, 1);

    pending->bus = bus;
    pending->caller = caller;
    pending->message = sd_bus_message_ref(message);
    pending->cancel =
        may_ask ? g_strdup_printf("virtstop-%" G_GUINT64_FORMAT, ++bus->polkit->n) : g_strdup("");
    caller->n_authorising++;
    caller->user->n_authorising++;
    g_ptr_array_add(bus->polkit->pending, pending);
    return pending;
}

static bool
has_room(const VsBus *bus, const VsBusUser *user, sd_bus_message *message)
{
    return user->n_authorising < MAX_OF_USER && bus->polkit->pending->len < MAX_OF_ALL &&
           vs_bus_message_size(message, MAX_SIZE) <= MAX_SIZE;
}

int
vs_bus_polkit_ask(VsBus *bus, sd_bus_message *message, const char *action,
                  const VsBusDetail *details, VsBusAnswered answer, GDestroyNotify free_data,
                  void *data)
{
    VsBusCaller *caller = vs_bus_gate_caller(bus, message);
    Pending *pending;
    int r;

    if (!caller || !has_room(bus, caller->user, message)) {
        free_data(data);
        return vs_bus_gate_refuse(bus, caller ? caller->user : NULL, message);
    }
    pending = add(bus, caller, message);
    pending->answer = answer;
    pending->free_data = free_data;
    pending->data = data;
    r = ask(pending, action, details);
    if (r < 0)
        pending_free(pending);
    return r < 0 ? r : 1;
}
