/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bus/message.h"

#include <errno.h>
#include <string.h>

#include "util/span.h"

char *
vs_bus_text(const char *text)
{
    return g_utf8_make_valid(text ? text : "", -1);
}

int
vs_bus_append_text(sd_bus_message *message, const char *text)
{
    g_autofree char *valid = vs_bus_text(text);

    return sd_bus_message_append(message, "s", valid);
}

int
vs_bus_append_paths(sd_bus_message *message, char *const *paths)
{
    int r = sd_bus_message_open_container(message, SD_BUS_TYPE_ARRAY, "o");

    for (; r >= 0 && *paths; paths++)
        r = sd_bus_message_append(message, "o", *paths);
    return r < 0 ? r : sd_bus_message_close_container(message);
}

bool
vs_bus_is_from_bus(sd_bus_message *message)
{
    return g_strcmp0(sd_bus_message_get_sender(message), "org.freedesktop.DBus") == 0;
}

/* What a message takes beside its path, its texts and its arrays. */
#define BARE_SIZE ((size_t)1024)

/* What a value takes beside that, and what it costs to look at. */
#define VALUE_SIZE ((size_t)16)

static int add_values(sd_bus_message *message, size_t most, size_t *size);

static int
add_text(sd_bus_message *message, char type, size_t *size)
{
    const char *text;
    int r = sd_bus_message_read_basic(message, type, &text);

    if (r >= 0)
        *size += strlen(text);
    return r;
}

static int
add_fixed(sd_bus_message *message, char type, size_t *size)
{
    const void *bytes;
    size_t n;
    int r = sd_bus_message_read_array(message, type, &bytes, &n);

    if (r >= 0)
        *size += n;
    return r;
}

static int
add_container(sd_bus_message *message, char type, const char *contents, size_t most, size_t *size)
{
    int r;

    if (type == SD_BUS_TYPE_ARRAY && contents[1] == '\0' && strchr("ynqiuxtd", *contents))
        return add_fixed(message, *contents, size);
    if ((r = sd_bus_message_enter_container(message, type, contents)) < 0 ||
        (r = add_values(message, most, size)) < 0)
        return r;
    return sd_bus_message_exit_container(message);
}

/* All to the end of the container that is open. A negative errno where that is too much, too. */
static int
add_values(sd_bus_message *message, size_t most, size_t *size)
{
    const char *contents;
    char type;
    int r;

    while ((r = sd_bus_message_peek_type(message, &type, &contents)) > 0) {
        *size +=
            VALUE_SIZE + (contents ? strlen(contents) : 0); /* a variant's type is in it, too */
        if (*size > most)
            return -EMSGSIZE;
        if (strchr("sog", type))
            r = add_text(message, type, size);
        else if (strchr("av(re{", type))
            r = add_container(message, type, contents, most, size);
        else
            r = sd_bus_message_skip(message, (char[]){type, '\0'});
        if (r < 0)
            return r;
    }
    return r;
}

size_t
vs_bus_message_size(sd_bus_message *message, size_t most)
{
    const char *path = sd_bus_message_get_path(message);
    size_t size = BARE_SIZE + (path ? strlen(path) : 0);
    int r;

    sd_bus_message_rewind(message, true);
    r = add_values(message, most, &size);
    sd_bus_message_rewind(message, true);
    return r < 0 || size > most ? SIZE_MAX : size;
}

uint64_t
vs_bus_usec(int64_t usec)
{
    return usec == VS_USEC_INFINITY ? UINT64_MAX : (uint64_t)usec;
}
