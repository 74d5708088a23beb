/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bus/policy.h"

#include <string.h>

#include "bus/access.h"
#include "bus/errors.h"
#include "bus/gate.h"
#include "bus/options.h"
#include "bus/request-one.h"
#include "core/origin.h"
#include "util/error.h"
#include "util/i18n.h"
#include "util/text.h"

/* So many questions of a user wait at once for what libvirt has to be asked for; and of all who
 * aren't trusted. */
#define MAX_OF_USER 8
#define MAX_OF_ALL  128

/* The longest of those, bytes: each is kept until libvirt answers, which it may never do. */
#define MAX_SIZE ((size_t)16 * 1024)

/* Who waits for libvirt's answer. */
typedef struct Waiting {
    VsBus *bus;
    sd_bus_message *message;
    VsDomainId domain;
    uid_t uid; /* whose question it is */
    bool trusted, writes;
} Waiting;

void
vs_bus_policy_init(VsBus *bus)
{
    bus->policy_waiting = g_ptr_array_new();
}

static void
waiting_free(Waiting *waiting)
{
    g_ptr_array_remove_fast(waiting->bus->policy_waiting, waiting);
    sd_bus_message_unref(waiting->message);
    vs_domain_id_clear(&waiting->domain);
    g_free(waiting);
}

void
vs_bus_policy_clear(VsBus *bus)
{
    while (bus->policy_waiting->len > 0)
        waiting_free(bus->policy_waiting->pdata[0]);
    g_ptr_array_unref(bus->policy_waiting);
}

/* @user may be forgotten before the answer is there. */
static Waiting *
wait_for(VsBus *bus, const VsBusUser *user, sd_bus_message *message, const VsDomainId *domain)
{
    Waiting *waiting = g_new0(Waiting, 1);

    waiting->bus = bus;
    waiting->message = sd_bus_message_ref(message);
    waiting->uid = user->uid;
    waiting->trusted = user->trusted;
    vs_domain_id_copy(&waiting->domain, domain);
    g_ptr_array_add(bus->policy_waiting, waiting);
    return waiting;
}

static bool
has_room(VsBus *bus, const VsBusUser *user, sd_bus_message *message)
{
    unsigned of_user = 0, of_all = 0;

    for (unsigned i = 0; i < bus->policy_waiting->len; i++) {
        const Waiting *waiting = bus->policy_waiting->pdata[i];

        of_user += waiting->uid == user->uid;
        of_all += !waiting->trusted;
    }
    return user->trusted || (of_user < MAX_OF_USER && of_all < MAX_OF_ALL &&
                             vs_bus_message_size(message, MAX_SIZE) <= MAX_SIZE);
}

static int
append_lines(sd_bus_message *reply, const GPtrArray *lines)
{
    int r = sd_bus_message_open_container(reply, 'a', "(ssss)");

    for (unsigned i = 0; r >= 0 && i < lines->len; i++) {
        const VsPolicyLine *line = lines->pdata[i];
        g_autofree char *value = vs_bus_text(line->value), *where = vs_bus_text(line->where);

        r = sd_bus_message_append(reply, "(ssss)", line->key, value, vs_origin_name(line->origin),
                                  where);
    }
    return r < 0 ? r : sd_bus_message_close_container(reply);
}

static int
append_words(sd_bus_message *reply, const char *key, char *const *words)
{
    int r;

    if ((r = sd_bus_message_open_container(reply, 'e', "sv")) < 0 ||
        (r = sd_bus_message_append(reply, "s", key)) < 0 ||
        (r = sd_bus_message_open_container(reply, 'v', "as")) < 0 ||
        (r = sd_bus_message_open_container(reply, 'a', "s")) < 0)
        return r;
    for (; r >= 0 && *words; words++)
        r = vs_bus_append_text(reply, *words);
    if (r < 0 || (r = sd_bus_message_close_container(reply)) < 0 ||
        (r = sd_bus_message_close_container(reply)) < 0)
        return r;
    return sd_bus_message_close_container(reply);
}

static int
append_text(sd_bus_message *reply, const char *key, const char *text)
{
    g_autofree char *valid = text && *text ? vs_bus_text(text) : NULL;

    return valid ? sd_bus_message_append(reply, "{sv}", key, "s", valid) : 0;
}

/* What its XML says, and @why that isn't known. */
static int
append_labels(sd_bus_message *reply, const VsLabels *labels, const char *why)
{
    int r = sd_bus_message_open_container(reply, 'a', "{sv}");

    if (r >= 0)
        r = append_text(reply, "unknown", why);
    if (r >= 0 && labels && (r = append_text(reply, "title", labels->title)) >= 0 &&
        (r = append_words(reply, "tags", labels->tags)) >= 0 &&
        (r = append_words(reply, "metadata", labels->written)) >= 0 &&
        (r = append_text(reply, "error", labels->complaint)) >= 0)
        r = sd_bus_message_append(reply, "{sv}", "refused", "b", (int)labels->refused);
    return r < 0 ? r : sd_bus_message_close_container(reply);
}

static int
reply_policy(VsBus *bus, sd_bus_message *message, const VsDomainId *domain, const VsLabels *labels,
             const char *why)
{
    g_autoptr(GPtrArray) lines = bus->ops.explain(domain, labels, bus->userdata);
    g_autoptr(sd_bus_message) reply = NULL;
    int r;

    if ((r = sd_bus_message_new_method_return(message, &reply)) < 0 ||
        (r = append_lines(reply, lines)) < 0 || (r = append_labels(reply, labels, why)) < 0)
        return r;
    return sd_bus_send(NULL, reply, NULL);
}

static int
answer(const Waiting *waiting, const VsLabels *labels, const GError *error)
{
    if (waiting->writes && error)
        return vs_bus_error_reply(waiting->message, error);
    if (waiting->writes)
        return sd_bus_reply_method_return(waiting->message, NULL);
    return reply_policy(waiting->bus, waiting->message, &waiting->domain, labels,
                        error ? error->message : NULL);
}

static void
on_labelled(const VsLabels *labels, const GError *error, void *data)
{
    Waiting *waiting = data;
    int r = answer(waiting, labels, error);

    if (r < 0)
        sd_bus_reply_method_errno(waiting->message, r, NULL);
    waiting_free(waiting);
}

/* libvirt is asked. */
static int
ask(VsBus *bus, sd_bus_message *message, const VsDomainId *domain)
{
    VsBusCaller *caller = vs_bus_gate_caller(bus, message);

    if (!caller || !has_room(bus, caller->user, message))
        return vs_bus_gate_refuse(bus, caller ? caller->user : NULL, message);
    bus->ops.read_labels(domain, caller->user->trusted, on_labelled,
                         wait_for(bus, caller->user, message, domain), bus->userdata);
    return 1;
}

/* What isn't known of one that is off is asked for: nobody needs it before. */
int
vs_bus_get_policy(sd_bus_message *message, void *userdata, sd_bus_error *ret_error)
{
    g_autoptr(GError) error = NULL;
    VsBus *bus = userdata;
    VsBusOptions options;
    const VsGuest *guest;
    const char *text;
    int r = sd_bus_message_read_basic(message, SD_BUS_TYPE_STRING, &text);

    if (r < 0)
        return r;
    guest = vs_bus_read_domain(bus, message, text, 0, &options, &error);
    if (!guest)
        return vs_bus_error_set(ret_error, error);
    if (guest->labels)
        return reply_policy(bus, message, &guest->domain, guest->labels, NULL);
    return ask(bus, message, &guest->domain);
}

static bool
check_key(const char *key, GError **error)
{
    g_autofree char *quoted = NULL;

    if (*key && !strchr(key, '='))
        return true;
    quoted = vs_text_quoted(key);
    g_set_error(error, VS_ERROR, VS_ERROR_INVALID,
                _("%s is no key (allowed: one of virtstop.conf(5), such as Priority)"), quoted);
    return false;
}

/* a{ss} as "KEY=VALUE" each. */
static char **
read_changes(sd_bus_message *message, GError **error)
{
    g_autoptr(GPtrArray) changes = g_ptr_array_new_with_free_func(g_free);
    const char *key, *value;
    int r = sd_bus_message_enter_container(message, 'a', "{ss}");

    while (r >= 0 && (r = sd_bus_message_read(message, "{ss}", &key, &value)) > 0) {
        if (!check_key(key, error))
            return NULL;
        g_ptr_array_add(changes, g_strconcat(key, "=", value, NULL));
    }
    if (r >= 0)
        r = sd_bus_message_exit_container(message);
    if (r < 0) {
        g_set_error(error, VS_ERROR, VS_ERROR_INVALID, _("The arguments can't be read: %s"),
                    g_strerror(-r));
        return NULL;
    }
    g_ptr_array_add(changes, NULL);
    g_ptr_array_set_free_func(changes, NULL);
    return (char **)g_ptr_array_free(g_steal_pointer(&changes), FALSE);
}

/* The guest that is meant, and what is changed. */
static const VsGuest *
read_set_policy(VsBus *bus, sd_bus_message *message, char ***ret_changes, VsBusOptions *options,
                GError **error)
{
    const VsGuest *guest;
    const char *text;
    int r = sd_bus_message_read_basic(message, SD_BUS_TYPE_STRING, &text);

    if (r < 0) {
        g_set_error(error, VS_ERROR, VS_ERROR_INVALID, _("The arguments can't be read: %s"),
                    g_strerror(-r));
        return NULL;
    }
    *ret_changes = read_changes(message, error);
    if (!*ret_changes)
        return NULL;
    guest = vs_bus_read_domain(bus, message, text, VS_BUS_OPTION_REPLACE, options, error);
    if (!guest || !vs_labels_check(guest->domain.uri, (const char *const *)*ret_changes, error))
        return NULL;
    return guest;
}

/* @data: the UUID and the URI of the one whose policy may be changed. */
static int
set_policy(VsBus *bus, sd_bus_message *message, void *data)
{
    VsBusCaller *caller = vs_bus_gate_caller(bus, message);
    g_auto(GStrv) allowed = data, changes = NULL;
    g_autoptr(GError) error = NULL;
    VsBusOptions options;
    const VsGuest *guest = read_set_policy(bus, message, &changes, &options, &error);
    Waiting *waiting;

    if (!guest)
        return vs_bus_error_reply(message, error);
    if (!g_str_equal(guest->domain.uuid.text, allowed[0]) ||
        !g_str_equal(guest->domain.uri, allowed[1])) {
        g_set_error(&error, VS_ERROR, VS_ERROR_ACCESS,
                    _("The name is another guest's by now: that one wasn't allowed"));
        return vs_bus_error_reply(message, error);
    }
    if (!caller || !has_room(bus, caller->user, message))
        return vs_bus_gate_refuse(bus, caller ? caller->user : NULL, message);
    waiting = wait_for(bus, caller->user, message, &guest->domain);
    waiting->writes = true;
    bus->ops.set_policy(&guest->domain, changes, options.replace, on_labelled, waiting,
                        bus->userdata);
    return 1;
}

static void
free_texts(void *texts)
{
    g_strfreev(texts);
}

int
vs_bus_set_policy(sd_bus_message *message, void *userdata, sd_bus_error *ret_error)
{
    g_autoptr(GError) error = NULL;
    g_auto(GStrv) changes = NULL;
    VsBus *bus = userdata;
    VsBusOptions options;
    const VsGuest *guest = read_set_policy(bus, message, &changes, &options, &error);
    VsBusDeed deed;
    char **meant;

    if (!guest)
        return vs_bus_error_reply(message, error);
    deed = vs_bus_deed_to(guest);
    meant = g_new0(char *, 3);
    meant[0] = g_strdup(deed.uuid);
    meant[1] = g_strdup(deed.uri);
    return vs_bus_access_ask(bus, message, &deed, set_policy, free_texts, meant);
}
