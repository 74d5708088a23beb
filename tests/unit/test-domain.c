/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/domain.h"

#include <glib.h>

#include "vs-test.h"

/* Who a domain is, and the words for what libvirt says of it. */

#define ONE   "11111111-2222-4333-8444-555555555501"
#define OTHER "11111111-2222-4333-8444-555555555502"

static VsDomainId
domain(const char *uri, const char *uuid, const char *name)
{
    VsDomainId id = {.uri = (char *)uri, .name = (char *)name, .id = 3};

    g_strlcpy(id.uuid.text, uuid, sizeof id.uuid.text);
    return id;
}

/* Two libvirts may have a domain of one UUID, and one libvirt has many. */
static void
test_equal(void)
{
    VsDomainId web = domain("qemu:///system", ONE, "web1");
    VsDomainId renamed = domain("qemu:///system", ONE, "web2");
    VsDomainId elsewhere = domain("lxc:///system", ONE, "web1");
    VsDomainId another = domain("qemu:///system", OTHER, "web1");

    g_assert_true(vs_domain_id_equal(&web, &renamed));
    g_assert_false(vs_domain_id_equal(&web, &elsewhere));
    g_assert_false(vs_domain_id_equal(&web, &another));
}

static void
test_copy(void)
{
    VsDomainId web = domain("qemu:///system", ONE, "web1"), copy;
    g_autofree char *key = vs_domain_key(web.uri, web.uuid.text);

    vs_domain_id_copy(&copy, &web);
    g_assert_true(vs_domain_id_equal(&copy, &web));
    g_assert_cmpstr(copy.name, ==, "web1");
    g_assert_cmpint(copy.id, ==, 3);
    vs_domain_id_clear(&copy);
    g_assert_null(copy.uri);
    g_assert_null(copy.name);
    g_assert_cmpstr(key, ==, ONE " qemu:///system");
}

static void
test_states(void)
{
    static const struct {
        VsDomainState state;
        const char *name;
        bool active;
    } states[] = {
        {VS_STATE_NOSTATE, "no state", true},     {VS_STATE_RUNNING, "running", true},
        {VS_STATE_BLOCKED, "blocked", true},      {VS_STATE_PAUSED, "paused", true},
        {VS_STATE_SHUTDOWN, "in shutdown", true}, {VS_STATE_SHUTOFF, "shut off", false},
        {VS_STATE_CRASHED, "crashed", true},      {VS_STATE_PMSUSPENDED, "pmsuspended", true},
        {VS_STATE_GONE, "gone", false},           {VS_STATE_GONE + 1, "unknown", true},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(states); i++) {
        g_assert_cmpstr(vs_domain_state_name(states[i].state), ==, states[i].name);
        g_assert_cmpint(vs_domain_state_is_active(states[i].state), ==, states[i].active);
    }
}

static void
test_agents(void)
{
    static const char *const names[] = {"unknown", "none", "disconnected", "connected"};

    for (VsAgentState state = 0; state < (VsAgentState)G_N_ELEMENTS(names); state++) {
        g_assert_cmpstr(vs_agent_state_name(state), ==, names[state]);
        g_assert_cmpint(vs_agent_state_parse(names[state]), ==, state);
    }
    g_assert_cmpstr(vs_agent_state_name(VS_AGENT_CONNECTED + 1), ==, "unknown");
    g_assert_cmpint(vs_agent_state_parse("asleep"), ==, VS_AGENT_UNKNOWN);
}

static void
test_on_poweroff(void)
{
    static const char *const names[] = {"", "destroy", "restart", "preserve", "rename-restart"};

    for (VsOnPoweroff action = 0; action < (VsOnPoweroff)G_N_ELEMENTS(names); action++) {
        g_assert_cmpstr(vs_on_poweroff_name(action), ==, names[action]);
        g_assert_cmpint(vs_on_poweroff_parse(names[action]), ==, action);
    }
    g_assert_cmpstr(vs_on_poweroff_name(VS_ON_POWEROFF_RENAME_RESTART + 1), ==, "");
    g_assert_cmpint(vs_on_poweroff_parse("explode"), ==, VS_ON_POWEROFF_UNKNOWN);
}

static void
test_uris(void)
{
    static const char *const right[] = {
        "qemu:///system",  "qemu+ssh://root@host/system?keyfile=a", "lxc:///", "a.b-c+1://x",
        "test:///default",
    };
    static const char *const wrong[] = {
        "",          "qemu",         "://x",           "qemu://",          "1qemu:///system",
        "+qemu://x", "qe mu:///",    "qe_mu:///x",     "qemu:///a b",      "qemu:///a\nb",
        "qemu:/x",   "qemu:///a\\b", "qemu:///\x1b[m", "qemu//:///system",
    };

    for (size_t i = 0; i < G_N_ELEMENTS(right); i++)
        g_assert_true(vs_domain_uri_looks_right(right[i]));
    for (size_t i = 0; i < G_N_ELEMENTS(wrong); i++) {
        vs_test_note(wrong[i]);
        g_assert_false(vs_domain_uri_looks_right(wrong[i]));
    }
}

static void
test_local(void)
{
    static const char *const local[] = {"qemu:///system", "qemu+unix:///system", "test:///default"};
    static const char *const remote[] = {"qemu://host/system", "qemu+ssh:///system",
                                         "qemu+unix://host/system", "qemu+ssh://host/system",
                                         "an alias"};

    for (size_t i = 0; i < G_N_ELEMENTS(local); i++)
        g_assert_true(vs_domain_uri_is_local(local[i]));
    for (size_t i = 0; i < G_N_ELEMENTS(remote); i++)
        g_assert_false(vs_domain_uri_is_local(remote[i]));
}

int
main(int argc, char **argv)
{
    vs_test_init(&argc, &argv);
    g_test_add_func("/domain/equal", test_equal);
    g_test_add_func("/domain/copy", test_copy);
    g_test_add_func("/domain/states", test_states);
    g_test_add_func("/domain/agents", test_agents);
    g_test_add_func("/domain/on-poweroff", test_on_poweroff);
    g_test_add_func("/domain/uris", test_uris);
    g_test_add_func("/domain/local", test_local);
    return g_test_run();
}
