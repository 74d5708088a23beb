/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "ctl/verb-table.h"

#include "ctl/verbs.h"
#include "util/i18n.h"

const VsVerb vs_verbs[] = {
    {"stop", N_("DOMAIN..."), N_("Stop guests, and wait until they are off"), 1, -1, true,
     vs_verb_stop, .guests = VS_GUESTS_ALL, .among = VS_AMONG_RUNNING},
    {"list", NULL, N_("List guests with state, agent and stop in flight"), 0, 0, true, vs_verb_list,
     vs_verb_list_check},
    {"status", N_("[DOMAIN...]"), N_("Show guests, their stops in flight and their last records"),
     0, -1, true, vs_verb_status, .guests = VS_GUESTS_ALL},
    {"history", N_("[DOMAIN...]"), N_("Show the stop records, the newest last"), 0, -1, true,
     vs_verb_history, vs_verb_history_check, .from_file = true},
    {"why", N_("DOMAIN"), N_("Tell why a guest stopped last, and on what evidence"), 1, 1, true,
     vs_verb_why, .guests = VS_GUESTS_FIRST, .among = VS_AMONG_RECORDED, .headed = true,
     .from_file = true},
    {"plan", N_("[DOMAIN...]"), N_("Show what stopping all guests would do, and take"), 0, -1, true,
     vs_verb_plan},
    {"blame", NULL, N_("Show the guests of the last host stop, the slowest first"), 0, 0, true,
     vs_verb_blame, .from_file = true},
    {"plot", NULL, N_("Draw the last host stop as an SVG timeline"), 0, 0, true, vs_verb_plot,
     .from_file = true},
    {"doctor", NULL, N_("Look for what will go wrong when the host goes down"), 0, 0, true,
     vs_verb_doctor},
    {"watch", NULL, N_("Show what happens, as it happens"), 0, 0, true, vs_verb_watch},
    {"cancel", N_("DOMAIN...|--all|--stop=ID"), N_("Call stops in flight off"), 0, -1, true,
     vs_verb_cancel, .guests = VS_GUESTS_ALL, .among = VS_AMONG_STOPPING},
    {"escalate", N_("DOMAIN..."), N_("Go to the next step of the ladder now"), 1, -1, true,
     vs_verb_escalate, .guests = VS_GUESTS_ALL, .among = VS_AMONG_STOPPING},
    {"extend", N_("DOMAIN|--all|--stop=ID [SPAN]"), N_("Allow the step in flight more time (60s)"),
     0, 2, true, vs_verb_extend, vs_verb_extend_check, .guests = VS_GUESTS_FIRST,
     .among = VS_AMONG_STOPPING},
    {"stop-all", N_("[DOMAIN...]"),
     N_("Stop all guests, or a part, in their order and inside one budget"), 0, -1, false,
     vs_verb_stop_all},
    {"restore", N_("[ID]"), N_("Start again what stops of all guests, or of a part, took"), 0, 1,
     true, vs_verb_restore},
    {"show-policy", N_("DOMAIN"), N_("Show what holds for a guest's stop"), 1, 1, true,
     vs_verb_show_policy, .guests = VS_GUESTS_FIRST, .headed = true},
    {"set-policy", N_("DOMAIN KEY=VALUE..."), N_("Change the policy in a guest's own metadata"), 2,
     -1, true, vs_verb_set_policy, vs_verb_set_policy_check, .guests = VS_GUESTS_FIRST},
    {"edit-policy", N_("DOMAIN"), N_("Edit the policy in a guest's own metadata"), 1, 1, true,
     vs_verb_edit_policy, .guests = VS_GUESTS_FIRST},
    {"check-config", N_("[FILE]"), N_("Check the configuration, and show what is in force"), 0, 1,
     false, vs_verb_check_config},
    {"replay", N_("FILE"), N_("Run a recorded trace through the engine (“-”: standard input)"), 1,
     1, false, vs_verb_replay},
    {"help", N_("[VERB]"), N_("Show this help, or that of a verb"), 0, 1, false, NULL},
    {NULL},
};

const VsVerb *
vs_verb_find(const char *name)
{
    for (const VsVerb *verb = vs_verbs; verb->name; verb++)
        if (g_str_equal(verb->name, name))
            return verb;
    return NULL;
}

bool
vs_verb_is_help(const VsVerb *verb)
{
    return verb->run == NULL;
}
