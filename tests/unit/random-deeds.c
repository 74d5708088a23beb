/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "random-world.h"
#include "util/json.h"

/* What the engine had done, in words that don't depend on how it keeps its state: the calls, the
 * records, and how stops came out. */

static char *
record_text(const VsRecord *record)
{
    g_autoptr(json_object) object = vs_record_to_json(record, "boot");
    json_object *request = vs_json_object(object, "request");

    /* How many ids were made before says nothing. */
    json_object_object_del(object, "id");
    json_object_object_del(object, "host_stop");
    if (request)
        json_object_object_del(request, "stop");
    return g_strdup(vs_json_line(object));
}

static char *
deed_of(const VsAction *action)
{
    switch (action->type) {
    case VS_ACTION_LIST:
        return g_strdup("list");
    case VS_ACTION_LOOK_UP:
        return g_strdup("look up");
    case VS_ACTION_DESCRIBE:
        return g_strdup("describe");
    case VS_ACTION_CALL:
        return g_strdup_printf("call %s", vs_method_name(action->method));
    case VS_ACTION_WITHDRAW:
        return g_strdup_printf("withdraw %s", vs_method_name(action->method));
    case VS_ACTION_READ_LOG:
        return g_strdup("read log");
    case VS_ACTION_RECORD:
        return record_text(action->record);
    case VS_ACTION_STOP_ADDED:
        return g_strdup("stop added");
    case VS_ACTION_STOP_FINISHED:
        return g_strdup_printf("stop finished %s", vs_outcome_name(action->outcome));
    default:
        return NULL;
    }
}

void
note_action(World *world, const VsAction *action)
{
    g_autofree char *deed = world->deeds ? deed_of(action) : NULL;
    const char *who = action->domain.name ? action->domain.name : action->domain.uri;

    if (deed)
        g_string_append_printf(world->deeds, "%.3f %s %s\n", (double)world->now.mono / 1e6,
                               who ? who : "-", deed);
}

char *
world_deeds(const World *world)
{
    return g_compute_checksum_for_string(G_CHECKSUM_SHA256, world->deeds->str, -1);
}
