/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "ctl/options.h"

#include "ctl/choice.h"
#include "ctl/host-stop.h"
#include "ctl/moment.h"
#include "util/error.h"
#include "util/i18n.h"
#include "util/text.h"

static bool
set_help(VsCtl *ctl, const char *value, GError **error)
{
    ctl->help = true;
    return true;
}

static bool
set_version(VsCtl *ctl, const char *value, GError **error)
{
    ctl->version = true;
    return true;
}

static bool
set_json(VsCtl *ctl, const char *value, GError **error)
{
    static const char *const modes[] = {
        [VS_JSON_OFF] = "off",
        [VS_JSON_SHORT] = "short",
        [VS_JSON_PRETTY] = "pretty",
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(modes); i++)
        if (g_str_equal(value, modes[i])) {
            ctl->json = i;
            return true;
        }
    g_autofree char *quoted = vs_text_quoted(value);
    g_set_error(error, VS_ERROR, VS_ERROR_INVALID,
                _("--json=: %s is not a mode: short, pretty and off are allowed"), quoted);
    return false;
}

static bool
set_no_pager(VsCtl *ctl, const char *value, GError **error)
{
    ctl->no_pager = true;
    return true;
}

static bool
set_no_legend(VsCtl *ctl, const char *value, GError **error)
{
    ctl->no_legend = true;
    return true;
}

static bool
set_host(VsCtl *ctl, const char *value, GError **error)
{
    if (!vs_request_check_text("host", value, error))
        return false;
    /* It becomes an argument of ssh. */
    if (*value == '-') {
        g_autofree char *quoted = vs_text_quoted(value);
        g_set_error(error, VS_ERROR, VS_ERROR_INVALID,
                    _("--host=: %s is not a host: [USER@]HOST[:PORT] is allowed"), quoted);
        return false;
    }
    ctl->client.host = value;
    return true;
}

static bool
set_user(VsCtl *ctl, const char *value, GError **error)
{
    ctl->client.scope = VS_SCOPE_USER;
    return vs_scope_check(VS_SCOPE_USER, error);
}

static bool
set_uri(VsCtl *ctl, const char *value, GError **error)
{
    if (!vs_request_check_text("uri", value, error))
        return false;
    g_autofree char *scheme = g_uri_parse_scheme(value);
    if (!scheme) {
        g_autofree char *quoted = vs_text_quoted(value);
        g_set_error(
            error, VS_ERROR, VS_ERROR_INVALID,
            _("--uri=: %s is not a URI: one of libvirt's is allowed, such as qemu:///system"),
            quoted);
        return false;
    }
    ctl->client.uri = value;
    return vs_request_add_part(&ctl->request, VS_PART_URI, "uri", value, error);
}

static bool
set_no_wait(VsCtl *ctl, const char *value, GError **error)
{
    ctl->no_wait = true;
    return true;
}

static bool
set_ladder(VsCtl *ctl, const char *value, GError **error)
{
    return vs_request_set_ladder(&ctl->request, value, error);
}

static bool
set_budget(VsCtl *ctl, const char *value, GError **error)
{
    return vs_request_set_budget(&ctl->request, value, error);
}

static bool
set_reason(VsCtl *ctl, const char *value, GError **error)
{
    return vs_request_set_reason(&ctl->request, value, error);
}

static bool
set_limit(VsCtl *ctl, const char *value, GError **error)
{
    guint64 limit;

    if (!g_ascii_string_to_unsigned(value, 10, 0, UINT32_MAX, &limit, NULL)) {
        g_autofree char *quoted = vs_text_quoted(value);
        g_set_error(error, VS_ERROR, VS_ERROR_INVALID,
                    _("--limit=: %s is not a number of records: 0 (all) to %u are allowed"), quoted,
                    UINT32_MAX);
        return false;
    }
    ctl->limit = limit;
    ctl->limited = true;
    return true;
}

static bool
set_group(VsCtl *ctl, const char *value, GError **error)
{
    return vs_request_add_part(&ctl->request, VS_PART_GROUP, "group", value, error);
}

static bool
set_priority(VsCtl *ctl, const char *value, GError **error)
{
    return vs_request_add_part(&ctl->request, VS_PART_PRIORITY, "priority", value, error);
}

static bool
set_all(VsCtl *ctl, const char *value, GError **error)
{
    ctl->all = true;
    return true;
}

static bool
set_plan(VsCtl *ctl, const char *value, GError **error)
{
    ctl->plan = true;
    return true;
}

static bool
set_explain(VsCtl *ctl, const char *value, GError **error)
{
    ctl->explain = true;
    return true;
}

static bool
set_host_shutdown(VsCtl *ctl, const char *value, GError **error)
{
    ctl->host_shutdown = true;
    return true;
}

static bool
set_libvirt_guests(VsCtl *ctl, const char *value, GError **error)
{
    ctl->libvirt_guests = true;
    return true;
}

static bool
set_stop(VsCtl *ctl, const char *value, GError **error)
{
    ctl->stop = value;
    return vs_host_stop_check_name(value, error);
}

static bool
set_stop_in_flight(VsCtl *ctl, const char *value, GError **error)
{
    g_autofree char *quoted = NULL;

    ctl->stop = value;
    if (*value != '-')
        return vs_host_stop_check_name(value, error);
    quoted = vs_text_quoted(value);
    g_set_error(error, VS_ERROR, VS_ERROR_INVALID,
                _("--stop=: %s names no stop in flight: its id, or how that begins, is allowed"),
                quoted);
    return false;
}

static bool
set_requests(VsCtl *ctl, const char *value, GError **error)
{
    ctl->requests = true;
    return true;
}

static bool
set_foreign(VsCtl *ctl, const char *value, GError **error)
{
    ctl->foreign = true;
    return true;
}

static bool
set_running(VsCtl *ctl, const char *value, GError **error)
{
    ctl->running = true;
    return true;
}

static bool
set_inactive(VsCtl *ctl, const char *value, GError **error)
{
    ctl->inactive = true;
    return true;
}

static bool
set_stopping(VsCtl *ctl, const char *value, GError **error)
{
    ctl->stopping = true;
    return true;
}

static bool
set_names(VsCtl *ctl, const char *value, GError **error)
{
    ctl->names = true;
    return true;
}

static bool
set_moment(const char *option, const char *value, int64_t *ret, GError **error)
{
    int64_t moment;

    if (!vs_moment_parse(value, g_get_real_time(), &moment, error)) {
        g_prefix_error(error, "--%s=: ", option);
        return false;
    }
    *ret = MAX(moment, 1); /* nothing was recorded before there was a clock */
    return true;
}

static bool
set_since(VsCtl *ctl, const char *value, GError **error)
{
    return set_moment("since", value, &ctl->since, error);
}

static bool
set_until(VsCtl *ctl, const char *value, GError **error)
{
    return set_moment("until", value, &ctl->until, error);
}

static bool
set_cause(VsCtl *ctl, const char *value, GError **error)
{
    ctl->cause = value;
    return vs_choice_check_causes("cause", value, error);
}

static bool
set_outcome(VsCtl *ctl, const char *value, GError **error)
{
    ctl->outcome = value;
    return vs_choice_check_outcomes("outcome", value, error);
}

static bool
set_unclean(VsCtl *ctl, const char *value, GError **error)
{
    ctl->unclean = true;
    return true;
}

static bool
set_reverse(VsCtl *ctl, const char *value, GError **error)
{
    ctl->reverse = true;
    return true;
}

static bool
set_follow(VsCtl *ctl, const char *value, GError **error)
{
    ctl->follow = true;
    return true;
}

/* What is printed of it is the same however one asks. */
#define PRINT_JSON                                                                                 \
    "stop, list, status, history, why, plan, blame, doctor, watch, stop-all, restore, "            \
    "show-policy, replay"
#define PRINT_TABLE "list, history, plan, blame, show-policy"

#define ARE_PAGED "list, status, history, why, plan, blame, doctor, show-policy"

/* What is about files here, and asks nobody. */
#define ARE_LOCAL "help, check-config, replay"

const VsOption vs_options[] = {
    {"help", 'h', NULL, N_("Show this help; behind a verb, the verb's"), NULL, set_help},
    {"version", 0, NULL, N_("Show the version"), NULL, set_version},
    {"host", 'H', N_("[USER@]HOST"), N_("Talk to that host, over ssh"), NULL, set_host, true,
     ARE_LOCAL},
    {"user", 0, NULL, N_("Talk to the virtstopd of this user's own session"), NULL, set_user, true,
     "help, replay"},
    {"uri", 'c', N_("URI"), N_("Only guests of this libvirt connection"),
     "stop, list, status, history, why, blame, plot, doctor, watch, cancel, escalate, extend, "
     "show-policy, set-policy, edit-policy, stop-all, plan",
     set_uri, true},
    {"json", 0, N_("MODE"), N_("Print JSON: short, pretty or off"), PRINT_JSON, set_json, true},
    {"no-pager", 0, NULL, N_("Don't pipe the output into a pager"), NULL, set_no_pager,
     .shown_by = ARE_PAGED},
    {"no-legend", 0, NULL, N_("Don't print a table's head and hints"), PRINT_TABLE, set_no_legend,
     true},
    {"no-wait", 0, NULL, N_("Don't wait until the guests are off"), "stop, stop-all", set_no_wait},
    {"ladder", 0, N_("LADDER"), N_("Stop by these steps: “agent:60s power-button:2min destroy”"),
     "stop, stop-all", set_ladder},
    {"budget", 0, N_("SPAN"), N_("Let all of it take at most this long"),
     "stop, stop-all, plan, plot", set_budget},
    {"reason", 0, N_("TEXT"), N_("Say why; it stands in the record"), "stop, stop-all", set_reason},
    {"group", 0, N_("GROUP"), N_("Only guests of this group; several: of any of them"),
     "stop-all, plan", set_group},
    {"priority", 0, N_("RANGE"), N_("Only guests of these priorities: “5”, “0-10”, “5-”, “..0”"),
     "stop-all, plan", set_priority},
    {"plan", 0, NULL, N_("Draw what would be instead of what was"), "plot", set_plan},
    {"explain", 0, NULL, N_("Say where each value comes from"), "show-policy", set_explain},
    {"all", 0, NULL, N_("All stops in flight"), "cancel, extend", set_all},
    {"all", 0, NULL, N_("All guests, as without it"), "list", set_all},
    {"running", 0, NULL, N_("Only guests that run"), "list", set_running},
    {"inactive", 0, NULL, N_("Only guests that are off"), "list", set_inactive},
    {"stopping", 0, NULL, N_("Only guests whose stop is in flight"), "list", set_stopping},
    {"name", 0, NULL, N_("Print the names alone, one a line"), "list", set_names},
    {"host-shutdown", 0, NULL, N_("Only where the host goes down: for virtstop-guests.service"),
     "stop-all", set_host_shutdown},
    {"limit", 'n', N_("N"), N_("Show the last N records (20; 0: all)"), "history", set_limit},
    {"libvirt-guests", 0, NULL,
     N_("Print what libvirt-guests is set to do as virtstop.conf has it"), "doctor",
     set_libvirt_guests},
    {"stop", 0, N_("ID"), N_("Of the host stop with that id, or -1: the one before the last"),
     "blame, plot", set_stop},
    {"stop", 0, N_("ID"), N_("The stop of all guests, or of a part, with that id"),
     "cancel, extend", set_stop_in_flight},
    {"since", 0, N_("TIME"), N_("Only what was at that time or later: yesterday, -2h, 10:00"),
     "history", set_since},
    {"until", 0, N_("TIME"), N_("Only what was at that time or earlier"), "history", set_until},
    {"cause", 0, N_("CAUSE[,...]"), N_("Only stops of that cause"), "history", set_cause},
    {"outcome", 0, N_("OUTCOME[,...]"), N_("Only requests that came out so"), "history",
     set_outcome},
    {"unclean", 0, NULL, N_("Only guests that were cut off"), "history", set_unclean},
    {"reverse", 'r', NULL, N_("Show the newest first"), "history", set_reverse},
    {"follow", 'f', NULL, N_("Then show what is recorded, as it is"), "history", set_follow},
    {"requests", 0, NULL, N_("Show the requests that stopped nobody, and who changed others"),
     "history", set_requests},
    {"foreign", 0, NULL, N_("The trace's requests were somebody else's"), "replay", set_foreign},
    {NULL},
};

static bool
is_in(const char *list, const char *verb)
{
    g_auto(GStrv) verbs = g_strsplit(list, ", ", -1);

    return g_strv_contains((const char *const *)verbs, verb);
}

bool
vs_option_is_taken_by(const VsOption *option, const char *verb)
{
    if (option->verbs)
        return is_in(option->verbs, verb);
    return !option->not_verbs || !is_in(option->not_verbs, verb);
}

bool
vs_option_is_shown_by(const VsOption *option, const char *verb)
{
    return vs_option_is_taken_by(option, verb) &&
           (!option->shown_by || is_in(option->shown_by, verb));
}

bool
vs_option_is_of(const VsOption *option, const char *verb)
{
    bool of_all = !option->verbs || option->common;

    return verb ? !of_all && vs_option_is_taken_by(option, verb) : of_all;
}
