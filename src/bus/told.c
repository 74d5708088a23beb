/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bus/told.h"

#include <string.h>

#include "util/json.h"

/* So many, and so many bytes of them. */
#define MAX_TOLD ((unsigned)256)
#define MAX_SIZE ((size_t)1024 * 1024)

typedef struct Told {
    char *id, *line;
} Told;

struct VsBusTold {
    GQueue lines; /* of Told, the newest last */
    size_t size;
};

static void
told_free(gpointer data)
{
    Told *told = data;

    g_free(told->id);
    g_free(told->line);
    g_free(told);
}

void
vs_bus_told_init(VsBus *bus)
{
    bus->told = g_new0(VsBusTold, 1);
    g_queue_init(&bus->told->lines);
}

void
vs_bus_told_clear(VsBus *bus)
{
    g_queue_clear_full(&bus->told->lines, told_free);
    g_clear_pointer(&bus->told, g_free);
}

void
vs_bus_told_add(VsBus *bus, const char *line)
{
    VsBusTold *all = bus->told;
    g_autoptr(json_object) record = vs_json_parse_object(line, NULL);
    const char *id = vs_json_string(record, "id", NULL);
    Told *told;

    if (!id || strlen(line) > MAX_SIZE)
        return;
    told = g_new(Told, 1);
    *told = (Told){.id = g_ascii_strdown(id, -1), .line = g_strdup(line)};
    g_queue_push_tail(&all->lines, told);
    all->size += strlen(line);
    while (all->size > MAX_SIZE || all->lines.length > MAX_TOLD) {
        Told *oldest = g_queue_pop_head(&all->lines);

        all->size -= strlen(oldest->line);
        told_free(oldest);
    }
}

const char *
vs_bus_told_find(const VsBus *bus, const char *id)
{
    for (const GList *item = bus->told->lines.tail; item; item = item->prev) {
        const Told *told = item->data;

        if (g_ascii_strcasecmp(told->id, id) == 0)
            return told->line;
    }
    return NULL;
}
