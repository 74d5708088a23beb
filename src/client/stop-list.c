/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "client/stop-list.h"

#include <errno.h>

#include "util/error.h"

static void
free_waited(gpointer data)
{
    vs_waited_free(data);
}

VsStopList *
vs_stop_list_new(VsClient *client, const VsStopListOps *ops, void *userdata)
{
    VsStopList *list = g_new0(VsStopList, 1);

    list->client = client;
    list->ops = *ops;
    list->userdata = userdata;
    list->all = g_ptr_array_new_with_free_func(free_waited);
    list->by_id = g_hash_table_new(g_str_hash, g_str_equal);
    return list;
}

void
vs_stop_list_free(VsStopList *list)
{
    g_hash_table_unref(list->by_id);
    g_ptr_array_unref(list->all);
    g_free(list);
}

VsWaited *
vs_stop_list_append(VsStopList *list, const char *argument, const char *name)
{
    VsWaited *waited = vs_waited_new(argument, name);

    waited->round = list->round;
    g_ptr_array_add(list->all, waited);
    list->n_open++;
    return waited;
}

VsWaited *
vs_stop_list_find(const VsStopList *list, const char *id)
{
    return g_hash_table_lookup(list->by_id, id);
}

static void
finish(VsStopList *list, VsWaited *waited)
{
    waited->over = true;
    list->n_open--;
    if (!waited->twin)
        list->ops.over(waited, list->userdata);
}

void
vs_stop_list_show(VsStopList *list, VsWaited *waited)
{
    if (waited->over)
        return;
    if (vs_waited_is_told(waited))
        finish(list, waited);
    else
        list->ops.changed(waited, list->userdata);
}

void
vs_stop_list_fail(VsStopList *list, VsWaited *waited, GError *error)
{
    if (waited->over) {
        g_error_free(error);
        return;
    }
    waited->error = error;
    finish(list, waited);
}

void
vs_stop_list_fail_all(VsStopList *list, const char *message)
{
    for (unsigned i = 0; i < list->all->len; i++)
        vs_stop_list_fail(list, g_ptr_array_index(list->all, i),
                          g_error_new_literal(VS_ERROR, VS_ERROR_NOT_CONNECTED, message));
}

static bool
is_silence(const GError *error)
{
    return g_error_matches(error, VS_ERROR, VS_ERROR_NO_ANSWER) ||
           g_error_matches(error, VS_ERROR, VS_ERROR_NOT_CONNECTED);
}

bool
vs_stop_list_look(VsStopList *list, VsWaited *waited, GError **error)
{
    g_autoptr(GError) why = NULL;

    if (vs_waited_ask(waited, list->client, &why)) {
        vs_stop_list_show(list, waited);
        return true;
    }
    if (list->ops.leaves && is_silence(why)) {
        g_propagate_error(error, g_steal_pointer(&why));
        return false;
    }
    vs_stop_list_fail(list, waited, g_steal_pointer(&why));
    return true;
}

bool
vs_stop_list_take(VsStopList *list, VsWaited *waited, const char *path, GError **error)
{
    g_autofree char *id = vs_objects_stop_id(path);
    g_autoptr(GError) why = NULL;

    if (!id) {
        vs_client_check(-EBADMSG, &why);
        vs_stop_list_fail(list, waited, g_steal_pointer(&why));
        return true;
    }
    waited->twin = vs_stop_list_find(list, id) != NULL;
    waited->id = g_steal_pointer(&id);
    if (waited->twin) {
        finish(list, waited);
        return true;
    }
    g_hash_table_insert(list->by_id, waited->id, waited);
    return vs_stop_list_look(list, waited, error);
}

/* The answer to StopAll() names it. Who knew it to be over knew less. */
static bool
adopt(VsStopList *list, const char *domain, const char *path, GError **error)
{
    g_autofree char *id = vs_objects_stop_id(path);
    VsWaited *waited = id ? vs_stop_list_find(list, id) : NULL;

    if (!waited)
        return vs_stop_list_take(list, vs_stop_list_append(list, NULL, domain), path, error);
    waited->round = list->round;
    if (waited->over)
        list->n_open++;
    waited->over = false;
    g_clear_error(&waited->error);
    return vs_stop_list_look(list, waited, error);
}

bool
vs_stop_list_adopt(VsStopList *list, sd_bus_message *answer, GError **error)
{
    unsigned n_known = list->all->len;
    const char *domain, *path;
    int r = sd_bus_message_enter_container(answer, 'a', "(so)");

    list->round++;
    while (r >= 0 && (r = sd_bus_message_read(answer, "(so)", &domain, &path)) > 0)
        if (!adopt(list, domain, path, error))
            return false;
    if (!vs_client_check(r, error))
        return false;
    for (unsigned i = 0; i < n_known; i++) {
        VsWaited *waited = g_ptr_array_index(list->all, i);
        if (!waited->over && waited->round != list->round &&
            !vs_stop_list_look(list, waited, error))
            return false;
    }
    return true;
}

VsExit
vs_stop_list_status(const VsStopList *list)
{
    VsExit status = VS_EXIT_OK;

    for (unsigned i = 0; i < list->all->len; i++) {
        const VsWaited *waited = g_ptr_array_index(list->all, i);
        if (!waited->twin)
            status = vs_exit_worse(status, vs_waited_exit(waited));
    }
    return status;
}
