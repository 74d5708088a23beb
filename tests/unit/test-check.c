/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rehearsal/check.h"
#include "util/span.h"
#include "vs-test.h"

#define SEC VS_USEC_PER_SEC

/* What will go wrong with one guest, by what is known of it. Its ladder is the built-in one, if
 * nothing is said: an agent for 60 s, the button for 120 s, then a destroy. */

typedef struct Case {
    const char *name;
    const char *ladder; /* NULL: the built-in one */
    VsAgentState agent;
    bool no_acpi;
    VsOnPoweroff on_poweroff;
    int64_t longest; /* s */
    int64_t budget;  /* s */
    bool transient;  /* and those are left alone */
    bool undescribed;
    VsOwner owner;
    const char *found;
    const char *uri; /* NULL: qemu:///system */
} Case;

#define SAVES "save:infinity leave"

static const Case cases[] = {
    {"all is well", .agent = VS_AGENT_CONNECTED, .found = ""},
    {"nothing is known", .agent = VS_AGENT_UNKNOWN, .found = ""},
    {"not described", .undescribed = true, .found = "not-described not-checked"},
    {"agent away", .agent = VS_AGENT_DISCONNECTED, .found = "agent-not-connected warning"},
    {"no channel", .agent = VS_AGENT_NONE, .found = "no-agent-channel hint"},
    {"nobody asks the agent", "power-button:5s", VS_AGENT_NONE, .found = ""},
    {"no ACPI, the agent comes first", NULL, VS_AGENT_CONNECTED, true, .found = ""},
    {"no ACPI, no agent", NULL, VS_AGENT_NONE, true,
     .found = "no-agent-channel hint, no-acpi error"},
    {"no ACPI, the button comes first", "power-button:5s destroy", VS_AGENT_CONNECTED, true,
     .found = "no-acpi error"},
    {"restarts", NULL, VS_AGENT_CONNECTED, false, VS_ON_POWEROFF_RESTART,
     .found = "on-poweroff-restart error restart"},
    {"restarts under another name", NULL, VS_AGENT_CONNECTED, false, VS_ON_POWEROFF_RENAME_RESTART,
     .found = "on-poweroff-restart error rename-restart"},
    {"restarts, but is destroyed", "destroy", VS_AGENT_CONNECTED, false, VS_ON_POWEROFF_RESTART,
     .found = ""},
    {"saved", SAVES, VS_AGENT_NONE, true, VS_ON_POWEROFF_RESTART, .found = ""},
    {"as slow as allowed", .agent = VS_AGENT_CONNECTED, .longest = 180, .found = ""},
    {"slower", .agent = VS_AGENT_CONNECTED, .longest = 181,
     .found = "deadline-too-short warning 181 180"},
    {"nobody means to ask it", "destroy", .longest = 181, .found = ""},
    {"within the budget", .agent = VS_AGENT_CONNECTED, .longest = 25, .budget = 40, .found = ""},
    {"not with a destroy's time", .agent = VS_AGENT_CONNECTED, .longest = 26, .budget = 40,
     .found = "budget-too-short warning 26 40"},
    {"that nobody needs", "power-button:180s leave", .longest = 26, .budget = 40, .found = ""},
    {"a budget that is no limit", "power-button:20s destroy", .longest = 20, .budget = 40,
     .found = ""},
    {"a cluster's", .agent = VS_AGENT_CONNECTED, .owner = VS_OWNER_PACEMAKER,
     .found = "owned hint pacemaker"},
    {"a container by its default ladder", .agent = VS_AGENT_NONE, .found = "",
     .uri = "lxc:///system"},
    {"a container with a button", "agent power-button:5s destroy", VS_AGENT_NONE,
     .found = "step-not-there error agent", .uri = "lxc:///system"},
    {"takes no part", .agent = VS_AGENT_CONNECTED, .longest = 26, .budget = 40, .transient = true,
     .found = ""},
};

static void
describe(const VsFinding *finding, GString *text)
{
    g_assert_cmpstr(finding->domain.name, ==, "web1");
    g_string_append_printf(text, "%s%s %s", text->len ? ", " : "",
                           vs_finding_kind_name(finding->kind),
                           vs_finding_level_name(vs_finding_level(finding->kind)));
    if (finding->took > 0)
        g_string_append_printf(text, " %d %d", (int)(finding->took / SEC),
                               (int)(finding->given / SEC));
    if (finding->on_poweroff)
        g_string_append_printf(text, " %s", vs_on_poweroff_name(finding->on_poweroff));
    if (finding->message)
        g_string_append_printf(text, " %s", finding->message);
}

static void
free_finding(gpointer data)
{
    vs_finding_free(data);
}

static void
check(const Case *one)
{
    g_autoptr(GPtrArray) findings = g_ptr_array_new_with_free_func(free_finding);
    g_autoptr(GString) text = g_string_new(NULL);
    VsPlanGuest guest = {.past.longest = one->longest * SEC, .past.median = one->longest * SEC};
    VsPolicy policy;

    vs_policy_init(&policy);
    policy.budget = one->budget * SEC;
    policy.persistent_only = one->transient;
    if (one->ladder)
        g_assert_true(vs_ladder_parse(one->ladder, &policy.all.ladder, NULL));
    guest.info = (VsDomainInfo){
        .domain = {.uri = (char *)(one->uri ? one->uri : "qemu:///system"),
                   .name = (char *)"web1",
                   .id = 1},
        .state = VS_STATE_RUNNING,
        .persistent = !one->transient,
        .described = !one->undescribed,
        .description = {one->agent, one->no_acpi, one->on_poweroff, one->owner},
    };
    vs_check_guests(&policy, &guest, 1, findings);
    vs_policy_clear(&policy);
    for (unsigned i = 0; i < findings->len; i++)
        describe(g_ptr_array_index(findings, i), text);
    g_assert_cmpstr(text->str, ==, one->found);
}

static void
test_guests(void)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        vs_test_note(cases[i].name);
        check(&cases[i]);
    }
}

static void
test_names(void)
{
    VsFindingKind kind;

    for (VsFindingKind i = 0; i < VS_N_FINDING_KINDS; i++) {
        g_assert_true(vs_finding_kind_parse(vs_finding_kind_name(i), &kind));
        g_assert_cmpint(kind, ==, i);
    }
    g_assert_false(vs_finding_kind_parse("haunted", &kind));
}

/* Two that both stop guests are a finding of the host's. */
static void
test_owners(void)
{
    g_autoptr(GPtrArray) findings = g_ptr_array_new_with_free_func(free_finding);
    VsPlanGuest guests[3] = {0};
    static const VsOwner owners[] = {VS_OWNER_NOVA, VS_OWNER_PACEMAKER, VS_OWNER_NOVA};
    const VsFinding *last;
    VsPolicy policy;

    vs_policy_init(&policy);
    for (size_t i = 0; i < G_N_ELEMENTS(guests); i++)
        guests[i].info = (VsDomainInfo){
            .domain = {.uri = (char *)"qemu:///system", .name = (char *)"web1", .id = 1},
            .state = VS_STATE_RUNNING,
            .persistent = true,
            .described = true,
            .description = {.agent = VS_AGENT_CONNECTED, .owner = owners[i]},
        };
    vs_check_guests(&policy, guests, 1, findings);
    g_assert_cmpuint(findings->len, ==, 1);
    g_ptr_array_set_size(findings, 0);
    vs_check_guests(&policy, guests, G_N_ELEMENTS(guests), findings);
    g_assert_cmpuint(findings->len, ==, 4);
    last = findings->pdata[3];
    g_assert_cmpint(last->kind, ==, VS_FINDING_OWNERS);
    g_assert_cmpstr(last->message, ==, "pacemaker, nova");
    vs_policy_clear(&policy);
}

/* One after the other they need more than they have, though each alone would do. */
static void
test_together(void)
{
    g_autoptr(GPtrArray) findings = g_ptr_array_new_with_free_func(free_finding);
    static const char *const names[] = {"web1", "db1"};
    VsPlanGuest guests[2] = {0};
    const VsFinding *last;
    VsPolicy policy;

    vs_policy_init(&policy);
    policy.max_parallel = 1;
    policy.budget = 60 * SEC;
    g_assert_true(vs_ladder_parse("power-button:40s destroy", &policy.all.ladder, NULL));
    for (size_t i = 0; i < G_N_ELEMENTS(guests); i++) {
        VsAnswerTime took = {30 * SEC, 30 * SEC, 30 * SEC};

        guests[i].info = (VsDomainInfo){
            .domain = {.uri = (char *)"qemu:///system", .name = (char *)names[i], .id = (int)i + 1},
            .state = VS_STATE_RUNNING,
            .persistent = true,
            .described = true,
        };
        guests[i].info.domain.uuid = vs_uuid_derive((const uint8_t[16]){7}, i);
        guests[i].past.longest = guests[i].past.median = 30 * SEC;
        guests[i].past.answers[VS_METHOD_POWER_BUTTON] =
            (VsAnswer){.n = 3, .usual = took, .slowest = took};
    }
    vs_check_guests(&policy, guests, 1, findings);
    g_assert_cmpuint(findings->len, ==, 0);
    vs_check_guests(&policy, guests, 2, findings);
    g_assert_cmpuint(findings->len, ==, 1); /* so there is time for web1 */
    last = findings->pdata[0];
    g_assert_cmpstr(vs_finding_kind_name(last->kind), ==, "cut-short");
    g_assert_cmpstr(last->domain.name, ==, "db1");
    g_assert_cmpint(last->took, ==, 30 * SEC);
    g_assert_cmpint(last->given, ==, 60 * SEC);
    policy.budget = 200 * SEC;
    g_ptr_array_set_size(findings, 0);
    vs_check_guests(&policy, guests, 2, findings);
    g_assert_cmpuint(findings->len, ==, 0);
    vs_policy_clear(&policy);
}

int
main(int argc, char **argv)
{
    vs_test_init(&argc, &argv);
    g_test_add_func("/check/guests", test_guests);
    g_test_add_func("/check/together", test_together);
    g_test_add_func("/check/owners", test_owners);
    g_test_add_func("/check/names", test_names);
    return g_test_run();
}
