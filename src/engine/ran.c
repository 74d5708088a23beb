/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/ran.h"

#include "util/error.h"
#include "util/i18n.h"

static void
free_entry(void *data)
{
    VsRan *entry = data;

    vs_domain_id_clear(&entry->domain);
    vs_labels_unref(entry->labels);
    g_free(entry);
}

GPtrArray *
vs_ran_new(void)
{
    return g_ptr_array_new_with_free_func(free_entry);
}

void
vs_ran_add(GPtrArray *ran, const VsDomainId *domain, const VsLabels *labels)
{
    VsRan *entry = g_new0(VsRan, 1);

    vs_domain_id_copy(&entry->domain, domain);
    entry->domain.id = -1;
    entry->labels = vs_labels_ref(labels);
    g_ptr_array_add(ran, entry);
}

static char *
key_of(const VsRan *entry)
{
    return vs_domain_key(entry->domain.uri, entry->domain.uuid.text);
}

void
vs_ran_merge(GPtrArray *ran, const GPtrArray *from)
{
    g_autoptr(GHashTable) known = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

    for (unsigned i = 0; i < ran->len; i++)
        g_hash_table_add(known, key_of(ran->pdata[i]));
    for (unsigned i = 0; i < from->len; i++) {
        const VsRan *entry = from->pdata[i];

        if (g_hash_table_add(known, key_of(entry)))
            vs_ran_add(ran, &entry->domain, entry->labels);
    }
}

unsigned
vs_ran_drop(GPtrArray *ran, const GPtrArray *from, int but)
{
    g_autoptr(GHashTable) known = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    unsigned n_before = 0;

    for (unsigned i = 0; i < from->len; i++)
        g_hash_table_add(known, key_of(from->pdata[i]));
    for (int i = (int)ran->len - 1; i >= 0; i--) {
        g_autofree char *key = key_of(ran->pdata[i]);

        if (i == but || !g_hash_table_contains(known, key))
            continue;
        g_ptr_array_remove_index(ran, (unsigned)i);
        n_before += i < but;
    }
    return n_before;
}

int
vs_ran_find(const GPtrArray *ran, const VsDomainId *domain)
{
    for (unsigned i = 0; i < ran->len; i++) {
        const VsDomainId *other = &((const VsRan *)ran->pdata[i])->domain;

        if (g_str_equal(other->uuid.text, domain->uuid.text) &&
            g_str_equal(other->uri, domain->uri))
            return (int)i;
    }
    return -1;
}

static json_object *
entry_json(const VsRan *entry)
{
    const VsDomainId *domain = &entry->domain;
    json_object *object = json_object_new_object();

    vs_json_set_string(object, "uri", domain->uri);
    vs_json_set_string(object, "uuid", domain->uuid.text);
    vs_json_set_string(object, "name", domain->name);
    if (entry->labels)
        vs_json_set(object, "labels", vs_labels_to_json(entry->labels));
    return object;
}

json_object *
vs_ran_to_json(const GPtrArray *ran)
{
    json_object *array = json_object_new_array();

    for (unsigned i = 0; i < ran->len; i++)
        json_object_array_add(array, entry_json(ran->pdata[i]));
    return array;
}

static bool
take_entry(GPtrArray *ran, json_object *object)
{
    const char *uri = vs_json_string(object, "uri", NULL);
    const char *uuid = vs_json_string(object, "uuid", "");
    g_autoptr(VsLabels) labels = vs_labels_from_json(vs_json_object(object, "labels"));
    VsDomainId domain = {.uri = (char *)uri};

    if (!uri || !vs_uuid_is_valid(uuid))
        return false;
    domain.name = (char *)vs_json_string(object, "name", uuid);
    g_strlcpy(domain.uuid.text, uuid, sizeof(domain.uuid.text));
    vs_ran_add(ran, &domain, labels);
    return true;
}

bool
vs_ran_from_json(GPtrArray *ran, json_object *array, GError **error)
{
    for (size_t i = 0; array && i < json_object_array_length(array); i++) {
        if (take_entry(ran, json_object_array_get_idx(array, i)))
            continue;
        g_set_error(error, VS_ERROR, VS_ERROR_INVALID,
                    _("The list of the guests that ran is damaged at its entry %zu"), i + 1);
        return false;
    }
    return true;
}
