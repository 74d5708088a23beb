/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/domain.h"

#include <glib.h>
#include <string.h>

#include "util/text.h"

static const char *const state_names[] = {
    [VS_STATE_NOSTATE] = "no state",
    [VS_STATE_RUNNING] = "running",
    [VS_STATE_BLOCKED] = "blocked",
    [VS_STATE_PAUSED] = "paused",
    [VS_STATE_SHUTDOWN] = "in shutdown",
    [VS_STATE_SHUTOFF] = "shut off",
    [VS_STATE_CRASHED] = "crashed",
    [VS_STATE_PMSUSPENDED] = "pmsuspended",
    [VS_STATE_GONE] = "gone",
};

static const char *const agent_names[] = {
    [VS_AGENT_UNKNOWN] = "unknown",
    [VS_AGENT_NONE] = "none",
    [VS_AGENT_DISCONNECTED] = "disconnected",
    [VS_AGENT_CONNECTED] = "connected",
};

static const char *const on_poweroff_names[] = {
    [VS_ON_POWEROFF_UNKNOWN] = "",
    [VS_ON_POWEROFF_DESTROY] = "destroy",
    [VS_ON_POWEROFF_RESTART] = "restart",
    [VS_ON_POWEROFF_PRESERVE] = "preserve",
    [VS_ON_POWEROFF_RENAME_RESTART] = "rename-restart",
};

const char *
vs_domain_state_name(VsDomainState state)
{
    return state < G_N_ELEMENTS(state_names) ? state_names[state] : "unknown";
}

const char *
vs_agent_state_name(VsAgentState state)
{
    return state < G_N_ELEMENTS(agent_names) ? agent_names[state] : "unknown";
}

VsAgentState
vs_agent_state_parse(const char *name)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(agent_names); i++)
        if (g_str_equal(name, agent_names[i]))
            return i;
    return VS_AGENT_UNKNOWN;
}

const char *
vs_on_poweroff_name(VsOnPoweroff action)
{
    return action < G_N_ELEMENTS(on_poweroff_names) ? on_poweroff_names[action] : "";
}

VsOnPoweroff
vs_on_poweroff_parse(const char *name)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(on_poweroff_names); i++)
        if (g_str_equal(name, on_poweroff_names[i]))
            return i;
    return VS_ON_POWEROFF_UNKNOWN;
}

bool
vs_domain_state_is_active(VsDomainState state)
{
    return state != VS_STATE_SHUTOFF && state != VS_STATE_GONE;
}

void
vs_domain_id_copy(VsDomainId *to, const VsDomainId *from)
{
    to->uri = g_strdup(from->uri);
    to->uuid = from->uuid;
    to->name = g_strdup(from->name);
    to->id = from->id;
}

void
vs_domain_id_clear(VsDomainId *domain)
{
    g_clear_pointer(&domain->uri, g_free);
    g_clear_pointer(&domain->name, g_free);
}

bool
vs_domain_id_equal(const VsDomainId *one, const VsDomainId *other)
{
    return g_str_equal(one->uuid.text, other->uuid.text) && g_str_equal(one->uri, other->uri);
}

char *
vs_domain_key(const char *uri, const char *uuid)
{
    return g_strconcat(uuid, " ", uri, NULL);
}

void
vs_domain_info_clear(VsDomainInfo *info)
{
    vs_domain_id_clear(&info->domain);
}

/* No backslash is in one, nor what has to be escaped to be seen. */
static bool
is_plain(const char *text)
{
    g_autofree char *printable = vs_text_printable(text);

    return strcmp(printable, text) == 0 && !strpbrk(text, " ");
}

bool
vs_domain_uri_looks_right(const char *uri)
{
    const char *colon = strstr(uri, "://");

    if (!colon || !g_ascii_isalpha(*uri) || colon[strlen("://")] == '\0')
        return false;
    for (const char *p = uri; p < colon; p++)
        if (!g_ascii_isalnum(*p) && !strchr("+-.", *p))
            return false;
    return is_plain(uri);
}

bool
vs_domain_uri_is_local(const char *uri)
{
    g_autoptr(GUri) parsed = g_uri_parse(uri, G_URI_FLAGS_NONE, NULL);
    const char *host = parsed ? g_uri_get_host(parsed) : NULL;
    const char *transport = parsed ? strchr(g_uri_get_scheme(parsed), '+') : NULL;

    return parsed && (!host || !*host) && (!transport || strcmp(transport, "+unix") == 0);
}
