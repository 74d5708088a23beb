/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "virt/agent-channel.h"

#include <glib.h>
#include <string.h>

#define AGENT_CHANNEL "org.qemu.guest_agent.0"

/* Metadata may hold elements of the same names. */
static bool
is_channel_target(GMarkupParseContext *context)
{
    static const char *const path[] = {"target", "channel", "devices", "domain"};
    const GSList *element = g_markup_parse_context_get_element_stack(context);

    for (gsize i = 0; i < G_N_ELEMENTS(path); i++, element = element->next)
        if (!element || strcmp(element->data, path[i]) != 0)
            return false;
    return !element;
}

static const char *
find_attribute(const char **names, const char **values, const char *name)
{
    for (; *names; names++, values++)
        if (strcmp(*names, name) == 0)
            return *values;
    return "";
}

static void
start_element(GMarkupParseContext *context, const char *element, const char **names,
              const char **values, void *userdata, GError **error)
{
    VsAgentState *ret = userdata;
    const char *state;

    if (!is_channel_target(context) ||
        strcmp(find_attribute(names, values, "name"), AGENT_CHANNEL) != 0)
        return;
    state = find_attribute(names, values, "state");
    if (strcmp(state, "connected") == 0)
        *ret = VS_AGENT_CONNECTED;
    else if (strcmp(state, "disconnected") == 0)
        *ret = VS_AGENT_DISCONNECTED;
    else
        *ret = VS_AGENT_UNKNOWN;
}

VsAgentState
vs_agent_channel_state(const char *xml)
{
    static const GMarkupParser parser = {.start_element = start_element};
    VsAgentState state = VS_AGENT_NONE;
    GMarkupParseContext *context = g_markup_parse_context_new(&parser, 0, &state, NULL);

    if (!g_markup_parse_context_parse(context, xml, -1, NULL) ||
        !g_markup_parse_context_end_parse(context, NULL))
        state = VS_AGENT_UNKNOWN;
    g_markup_parse_context_free(context);
    return state;
}
