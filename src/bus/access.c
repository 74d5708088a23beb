/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bus/access.h"

#include "config.h"

#include <unistd.h>

#include "bus/errors.h"
#include "bus/gate.h"
#include "bus/polkit.h"
#include "util/error.h"
#include "util/i18n.h"
#include "util/text.h"

typedef enum VsRight {
    VS_RIGHT_STOP,
    VS_RIGHT_STOP_ALL,
    VS_RIGHT_FORCE,
    VS_RIGHT_CANCEL,
    VS_RIGHT_EXTEND,
    VS_RIGHT_RESTORE,
    VS_RIGHT_RELOAD,
    VS_RIGHT_MANAGE_POLICY,
    VS_RIGHT_HISTORY,
} VsRight;

/* An action of polkit's, as data/org.virtstop1.policy has it; with what a person is asked for a
 * password for, which polkit translates for whoever reads it. */
typedef struct VsRightInfo {
    const char *action;
    const char *what; /* N_(): for the refusal */
    const char *one;  /* N_(): where one guest is meant; NULL: none ever is */
    const char *all;  /* N_(): where none is; NULL: one always is */
} VsRightInfo;

/* TRANSLATORS: $(shown) is replaced by a guest's name, in quotes. */
static const VsRightInfo rights[] = {
    [VS_RIGHT_STOP] = {"org.virtstop1.stop", N_("stop a guest"),
                       N_("Authentication is required to stop the guest $(shown)."), NULL},
    [VS_RIGHT_STOP_ALL] = {"org.virtstop1.stop-all", N_("stop all guests"), NULL,
                           N_("Authentication is required to stop all guests of the host.")},
    [VS_RIGHT_FORCE] = {"org.virtstop1.force", N_("cut off a guest"),
                        N_("Authentication is required to cut off the guest $(shown)."),
                        N_("Authentication is required to cut off guests.")},
    [VS_RIGHT_CANCEL] = {"org.virtstop1.cancel", N_("call off a stop"),
                         N_("Authentication is required to call off the stop of $(shown)."),
                         N_("Authentication is required to call off the stop of guests.")},
    [VS_RIGHT_EXTEND] = {"org.virtstop1.extend", N_("give a stop more time"),
                         N_("Authentication is required to give the stop of $(shown) more time."),
                         N_("Authentication is required to give the stop of guests more time.")},
    [VS_RIGHT_RESTORE] = {"org.virtstop1.restore", N_("start guests again"), NULL,
                          N_("Authentication is required to start guests again.")},
    [VS_RIGHT_RELOAD] = {"org.virtstop1.reload", N_("reload the configuration"), NULL,
                         N_("Authentication is required to reload the configuration of "
                            "virtstopd.")},
    [VS_RIGHT_MANAGE_POLICY] = {"org.virtstop1.manage-policy", N_("change a guest's policy"),
                                N_("Authentication is required to change the policy of "
                                   "$(shown)."),
                                NULL},
    /* A password is kept for it, so it is about all guests. */
    [VS_RIGHT_HISTORY] = {"org.virtstop1.history", N_("see who asked for a stop, and why"),
                          N_("Authentication is required to see who stopped guests, and why."),
                          N_("Authentication is required to see who stopped guests, and why.")},
};

/* Which right a method needs, on whichever object; and which one where a guest may be cut off by
 * the call, otherwise than its policy says. */
static const struct {
    const char *member;
    VsRight right, forcing;
} methods[] = {
    {"Stop", VS_RIGHT_STOP, VS_RIGHT_FORCE},
    {"StopAll", VS_RIGHT_STOP_ALL, VS_RIGHT_FORCE},
    {"Escalate", VS_RIGHT_STOP, VS_RIGHT_FORCE},
    {"Cancel", VS_RIGHT_CANCEL, VS_RIGHT_CANCEL},
    {"CancelAll", VS_RIGHT_CANCEL, VS_RIGHT_CANCEL},
    {"Extend", VS_RIGHT_EXTEND, VS_RIGHT_EXTEND},
    {"ExtendAll", VS_RIGHT_EXTEND, VS_RIGHT_EXTEND},
    {"Restore", VS_RIGHT_RESTORE, VS_RIGHT_RESTORE},
    {"Reload", VS_RIGHT_RELOAD, VS_RIGHT_RELOAD},
    {"SetPolicy", VS_RIGHT_MANAGE_POLICY, VS_RIGHT_MANAGE_POLICY},
    {"GetRequest", VS_RIGHT_HISTORY, VS_RIGHT_HISTORY},
    {"GetHistory", VS_RIGHT_HISTORY, VS_RIGHT_HISTORY},
    {"ListRecords", VS_RIGHT_HISTORY, VS_RIGHT_HISTORY},
};

/* NULL: @member is a method that everybody may call. */
static const VsRightInfo *
right_for(const char *member, bool forces)
{
    for (unsigned i = 0; member && i < G_N_ELEMENTS(methods); i++)
        if (g_str_equal(methods[i].member, member))
            return &rights[forces ? methods[i].forcing : methods[i].right];
    return NULL;
}

const char *
vs_bus_access_action(const char *member, bool forces)
{
    const VsRightInfo *right = right_for(member, forces);

    return right ? right->action : NULL;
}

/* --- the refusal --- */

/* TRANSLATORS: of all of these: what isn't allowed, such as "stop a guest", and polkit's name for
 * it. */
static const char *const refusals[] = {
    [VS_BUS_VERDICT_NO] = N_("You may not %s: polkit says no (its action %s)"),
    [VS_BUS_VERDICT_CHALLENGE] = N_("You may not %s without a password that polkit wants for it "
                                    "(its action %s), and nobody is here who could be asked"),
    [VS_BUS_VERDICT_SILENT] = N_("You may not %s: polkit, which has to say yes (to its action %s), "
                                 "doesn't answer"),
    [VS_BUS_VERDICT_FAILED] = N_("You may not %s: polkit, which has to say yes (to its action %s), "
                                 "fails"),
};

static int
refuse(sd_bus_message *message, const VsRightInfo *right, VsBusVerdict verdict, const char *why)
{
    g_autoptr(GError) error = NULL;

    if (verdict == VS_BUS_VERDICT_ABSENT)
        /* TRANSLATORS: what isn't allowed, such as "stop a guest", and the daemon's uid. */
        g_set_error(&error, VS_ERROR, VS_ERROR_ACCESS,
                    _("You may not %s: without polkit, only root and the user that virtstopd runs "
                      "as (uid %u) may"),
                    _(right->what), (unsigned)geteuid());
    else
        g_set_error(&error, VS_ERROR, VS_ERROR_ACCESS, _(refusals[verdict]), _(right->what),
                    right->action);
    if (verdict == VS_BUS_VERDICT_FAILED && why) {
        g_autofree char *rest = g_strdup_printf("%s: %s", error->message, why);

        g_free(error->message);
        error->message = g_steal_pointer(&rest);
    }
    return vs_bus_error_reply(message, error);
}

/* --- the question --- */

/* What waits for polkit's answer. */
typedef struct Asked {
    const VsRightInfo *right;
    VsBusAllowed then;    /* NULL: */
    VsBusWeighed weighed; /* ... it is this that is wanted, */
    VsBusCaller *reader;  /* ... by him, whose next call waits for it; NULL: not any more */
    GDestroyNotify free_data;
    void *data;
} Asked;

/* As a question: the next call of a connection waits for the answer. */
static void
make_wait(Asked *asked, VsBusCaller *reader)
{
    asked->reader = reader;
    reader->n_asked++;
    reader->user->n_asked++;
}

static void
let_go(Asked *asked)
{
    VsBusCaller *reader = asked->reader;

    asked->reader = NULL;
    if (!reader)
        return;
    reader->n_asked--;
    reader->user->n_asked--;
}

static void
asked_free(void *userdata)
{
    Asked *asked = userdata;

    let_go(asked);
    if (asked->data)
        asked->free_data(asked->data);
    g_free(asked);
}

static int
go_on(VsBus *bus, sd_bus_message *message, VsBusAllowed then, void *data)
{
    sd_bus_message_rewind(message, true);
    return then(bus, message, data);
}

static const VsWithholding withholdings[] = {
    [VS_BUS_VERDICT_YES] = VS_WITHHOLDING_NONE,
    [VS_BUS_VERDICT_NO] = VS_WITHHOLDING_DENIED,
    [VS_BUS_VERDICT_CHALLENGE] = VS_WITHHOLDING_PASSWORD,
    [VS_BUS_VERDICT_ABSENT] = VS_WITHHOLDING_NO_POLKIT,
    [VS_BUS_VERDICT_SILENT] = VS_WITHHOLDING_NO_ANSWER,
    [VS_BUS_VERDICT_FAILED] = VS_WITHHOLDING_FAILED,
};

static int
go_on_weighed(VsBus *bus, sd_bus_message *message, VsBusWeighed then, VsWithholding withholding)
{
    sd_bus_message_rewind(message, true);
    return then(bus, message, withholding);
}

static void
on_answer(VsBus *bus, sd_bus_message *message, VsBusVerdict verdict, const char *why, void *data)
{
    Asked *asked = data;
    int r;

    let_go(asked);
    if (asked->weighed)
        r = go_on_weighed(bus, message, asked->weighed, withholdings[verdict]);
    else if (verdict == VS_BUS_VERDICT_YES)
        r = go_on(bus, message, asked->then, g_steal_pointer(&asked->data));
    else
        r = refuse(message, asked->right, verdict, why);
    if (r < 0)
        sd_bus_reply_method_errno(message, r, NULL);
    if (asked->weighed)
        vs_bus_gate_pump(bus);
    asked_free(asked);
}

static int
ask_polkit(VsBus *bus, sd_bus_message *message, const VsBusDeed *deed, Asked *asked)
{
    const char *prompt = deed->domain ? asked->right->one : asked->right->all;
    /* Whoever named the guest has no say in how the prompt looks. */
    g_autofree char *shown = deed->domain ? vs_text_quoted(deed->domain) : NULL;
    const VsBusDetail details[] = {
        {"domain", deed->domain},
        {"shown", shown},
        {"uuid", deed->uuid},
        {"uri", deed->uri},
        {"ladder", deed->ladder},
        {"polkit.message", prompt},
        {"polkit.gettext_domain", prompt ? PACKAGE : NULL},
        {NULL, NULL},
    };

    return vs_bus_polkit_ask(bus, message, asked->right->action, details, on_answer, asked_free,
                             asked);
}

/* A user's own bus has no polkit, and nobody else on it. */
static bool
has_polkit(const VsBus *bus)
{
    return bus->scope == VS_SCOPE_SYSTEM;
}

int
vs_bus_access_ask(VsBus *bus, sd_bus_message *message, const VsBusDeed *deed, VsBusAllowed then,
                  GDestroyNotify free_data, void *data)
{
    const VsBusCaller *caller = vs_bus_gate_caller(bus, message);
    Asked *asked;

    if (caller && caller->user->trusted)
        return go_on(bus, message, then, data);
    asked = g_new(Asked, 1);
    *asked = (Asked){.right = right_for(sd_bus_message_get_member(message), deed->forces),
                     .then = then,
                     .free_data = free_data,
                     .data = data};
    if (caller && asked->right && has_polkit(bus))
        return ask_polkit(bus, message, deed, asked);
    if (!asked->right) {
        asked_free(asked);
        return -EACCES; /* the table has all of them */
    }
    refuse(message, asked->right, VS_BUS_VERDICT_ABSENT, NULL);
    asked_free(asked);
    return 1;
}

int
vs_bus_access_weigh(VsBus *bus, sd_bus_message *message, const VsBusDeed *deed, VsBusWeighed then)
{
    VsBusCaller *caller = vs_bus_gate_caller(bus, message);
    Asked *asked;

    if (caller && caller->user->trusted)
        return go_on_weighed(bus, message, then, VS_WITHHOLDING_NONE);
    if (!caller || !has_polkit(bus))
        return go_on_weighed(bus, message, then, VS_WITHHOLDING_NO_POLKIT);
    asked = g_new(Asked, 1);
    *asked = (Asked){.right = &rights[VS_RIGHT_HISTORY], .weighed = then};
    make_wait(asked, caller);
    return ask_polkit(bus, message, deed, asked);
}
