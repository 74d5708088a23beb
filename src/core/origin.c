/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/origin.h"

#include "core/conf-keys.h"

const char *
vs_origin_name(VsOrigin origin)
{
    static const char *const names[] = {
        [VS_ORIGIN_BUILT_IN] = "built-in",
        [VS_ORIGIN_DEFAULT] = "default",
        [VS_ORIGIN_SECTION] = "section",
        [VS_ORIGIN_METADATA] = "metadata",
    };

    return names[origin];
}

static void
free_line(void *data)
{
    VsPolicyLine *line = data;

    g_free(line->value);
    g_free(line->where);
    g_free(line);
}

/* What is asked for, and what is known. */
typedef struct Explanation {
    const VsPolicy *policy;
    const GArray *numbers; /* of the sections that match */
    const VsSection *own;  /* or NULL */
    GPtrArray *lines;
} Explanation;

/* Takes over @value. */
static void
add(const Explanation *explanation, const VsConfKey *key, char *value, VsOrigin origin,
    const char *where)
{
    VsPolicyLine *line = g_new0(VsPolicyLine, 1);

    line->key = key->name;
    line->value = value;
    line->origin = origin;
    line->where = g_strdup(where);
    g_ptr_array_add(explanation->lines, line);
}

static const VsSection *
section_at(const Explanation *explanation, unsigned i)
{
    return explanation->policy->sections->pdata[g_array_index(explanation->numbers, unsigned, i)];
}

static void
add_section(const Explanation *explanation, const VsConfKey *key, const VsSection *section)
{
    const char *where = vs_policy_place(section->places, key->name);

    add(explanation, key, vs_conf_key_print(key, section), VS_ORIGIN_SECTION,
        where ? where : section->where);
}

static void
explain_value(const Explanation *explanation, const VsConfKey *key)
{
    const VsPolicy *policy = explanation->policy;
    const char *where = vs_policy_place(policy->places, key->name);
    VsGuestPolicy all;

    if (explanation->own && vs_conf_key_is_said(key, explanation->own)) {
        add(explanation, key, vs_conf_key_print(key, explanation->own), VS_ORIGIN_METADATA, NULL);
        return;
    }
    for (unsigned i = explanation->numbers->len; i > 0; i--) {
        if (vs_conf_key_is_said(key, section_at(explanation, i - 1))) {
            add_section(explanation, key, section_at(explanation, i - 1));
            return;
        }
    }
    vs_policy_of_all(policy, &all);
    if (!where)
        where = vs_policy_place(policy->daemon_places, key->name);
    add(explanation, key, vs_conf_type_print(key, &all),
        where ? VS_ORIGIN_DEFAULT : VS_ORIGIN_BUILT_IN, where);
}

static void
explain_list(const Explanation *explanation, const VsConfKey *key)
{
    for (unsigned i = 0; i < explanation->numbers->len; i++)
        if (vs_conf_key_is_said(key, section_at(explanation, i)))
            add_section(explanation, key, section_at(explanation, i));
    if (explanation->own && vs_conf_key_is_said(key, explanation->own))
        add(explanation, key, vs_conf_key_print(key, explanation->own), VS_ORIGIN_METADATA, NULL);
}

GPtrArray *
vs_policy_explain(const VsPolicy *policy, const VsDomainId *domain, const VsLabels *labels)
{
    VsWho who = vs_labels_who(domain, labels);
    g_autoptr(GArray) numbers = vs_policy_match(policy, &who);
    Explanation explanation = {
        .policy = policy,
        .numbers = numbers,
        .own = labels ? labels->own : NULL,
        .lines = g_ptr_array_new_with_free_func(free_line),
    };

    for (const VsConfKey *key = vs_conf_policy_keys; key->name; key++)
        explain_value(&explanation, key);
    for (const VsConfKey *key = vs_conf_guest_keys; key->name; key++)
        explain_list(&explanation, key);
    return explanation.lines;
}
