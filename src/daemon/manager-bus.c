/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/manager-bus.h"

#include "core/origin.h"
#include "daemon/answers.h"
#include "daemon/conduct.h"
#include "daemon/labelling.h"
#include "daemon/settings.h"
#include "daemon/view.h"
#include "virt/cluster.h"

/* The keys of those that are resources of a cluster now; NULL-terminated. */
static GPtrArray *
list_cluster(const VsManager *manager)
{
    g_autoptr(GPtrArray) guests = vs_engine_guests(manager->engine);
    GPtrArray *keys = g_ptr_array_new_with_free_func(g_free);

    for (unsigned i = 0; i < guests->len; i++) {
        const VsDomainId *domain = &((const VsGuest *)guests->pdata[i])->domain;

        if (vs_cluster_has(domain))
            g_ptr_array_add(keys, vs_domain_key(domain->uri, domain->uuid.text));
    }
    g_ptr_array_add(keys, NULL);
    return keys;
}

static bool
bus_request(const VsEvent *event, VsUuid *ret_stop, GError **error, void *userdata)
{
    g_autoptr(GPtrArray) in_cluster = NULL;
    VsManager *manager = userdata;
    VsEvent with_cluster = *event;

    if (event->type == VS_EVENT_STOP_ALL && event->stop_all.early) {
        in_cluster = list_cluster(manager);
        with_cluster.stop_all.in_cluster = (const char *const *)in_cluster->pdata;
    }
    return vs_conduct(manager, &with_cluster, ret_stop, error);
}

static bool
bus_reload(GError **error, void *userdata)
{
    return vs_settings_reload(userdata, error);
}

static bool
bus_restore(const char *host_stop, GError **error, void *userdata)
{
    VsEvent event = {.type = VS_EVENT_RESTORE, .host_stop = host_stop};

    return vs_conduct(userdata, &event, NULL, error);
}

static void *
bus_view(bool guests, void *userdata)
{
    VsManager *manager = userdata;

    return vs_view_new(manager->conf->scope, manager->state_directory, manager->engine,
                       &manager->policy, vs_hook_runner_paths(manager->hooks), guests);
}

static int
bus_unwritten(int (*tell)(const char *what, unsigned n, const char *why, void *to), void *to,
              void *userdata)
{
    VsManager *manager = userdata;

    return vs_recorder_unwritten(manager->recorder, tell, to);
}

static void
bus_read_labels(const VsDomainId *domain, bool trusted, VsBusLabelled answer, void *to,
                void *userdata)
{
    VsManager *manager = userdata;

    VsLabelling labelling = {vs_conduct_event, manager, answer, to};

    vs_labelling_read(manager->virt, domain, trusted, &labelling);
}

static void
bus_set_policy(const VsDomainId *domain, char *const *changes, bool replace, VsBusLabelled answer,
               void *to, void *userdata)
{
    VsManager *manager = userdata;

    VsLabelling labelling = {vs_conduct_event, manager, answer, to};

    vs_labelling_write(manager->virt, domain, changes, replace, &labelling);
}

static GPtrArray *
bus_explain(const VsDomainId *domain, const VsLabels *labels, void *userdata)
{
    VsManager *manager = userdata;

    return vs_policy_explain(&manager->policy, domain, labels);
}

const VsBusOps vs_manager_bus_ops = {
    .unwritten = bus_unwritten,
    .request = bus_request,
    .reload = bus_reload,
    .restore = bus_restore,
    .read_labels = bus_read_labels,
    .set_policy = bus_set_policy,
    .explain = bus_explain,
    .view = bus_view,
    .view_free = vs_answers_view_free,
    .history = vs_answers_history,
    .records = vs_answers_records,
    .plan = vs_answers_plan,
    .check = vs_answers_check,
};
