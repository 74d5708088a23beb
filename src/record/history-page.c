/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "record/history-page.h"

#include <string.h>

#include "record/history-store.h"
#include "record/history-walk.h"
#include "util/error.h"
#include "util/i18n.h"
#include "util/text.h"

#define MAX_RECORDS 1000
#define MAX_BYTES   ((size_t)1024 * 1024)

/* So many bytes of lines are looked at for a page: others wait for their answers meanwhile. */
#define MAX_LOOKED_AT ((size_t)4 * 1024 * 1024)

/* How much of a line tells it from all others: a record's id stands at its beginning. */
#define HEAD 128

/* So many digits of the head's SHA-256 stand in a mark. */
#define DIGITS 16

/* What a mark says, in its words: "inode-offset-hash", all hexadecimal. */
typedef struct Place {
    uint64_t inode;
    off_t offset;
    char head[HEAD + 1]; /* how the line there begins */
} Place;

typedef struct Page {
    const VsRecordQuery *query;
    GPtrArray *lines;       /* the newest first */
    size_t size, looked_at; /* bytes */
    Place place;            /* of the last line that was looked at */
} Page;

/* Of @head all that belongs to its line. */
static char *
hash(const char *head)
{
    size_t len = strcspn(head, "\n");
    char *digits = g_compute_checksum_for_data(G_CHECKSUM_SHA256, (const guchar *)head, len);

    digits[DIGITS] = '\0';
    return digits;
}

static char *
make_mark(const Place *place)
{
    g_autofree char *digits = hash(place->head);

    return g_strdup_printf("%llx-%llx-%s", (unsigned long long)place->inode,
                           (unsigned long long)place->offset, digits);
}

static bool
fail_mark(int code, const char *format, const char *mark, GError **error)
{
    g_autofree char *quoted = vs_text_quoted(mark);

    g_set_error(error, VS_ERROR, code, format, quoted);
    return false;
}

static bool
read_mark(const char *mark, uint64_t *ret_inode, off_t *ret_offset, const char **ret_digits,
          GError **error)
{
    g_auto(GStrv) words = g_strsplit(mark, "-", -1);
    guint64 inode, offset;

    if (g_strv_length(words) != 3 || strlen(words[2]) != DIGITS ||
        !g_ascii_string_to_unsigned(words[0], 16, 0, G_MAXUINT64, &inode, NULL) ||
        !g_ascii_string_to_unsigned(words[1], 16, 0, G_MAXINT64, &offset, NULL))
        return fail_mark(VS_ERROR_INVALID, _("%s is no mark of a page of records"), mark, error);
    *ret_inode = inode;
    *ret_offset = (off_t)offset;
    *ret_digits = mark + strlen(mark) - DIGITS;
    return true;
}

static bool
go_to_mark(VsHistoryWalk *walk, const char *mark, GError **error)
{
    g_autofree char *digits = NULL;
    const char *expected;
    char head[HEAD + 1];
    uint64_t inode;
    off_t offset;
    int r;

    if (!read_mark(mark, &inode, &offset, &expected, error))
        return false;
    r = vs_history_walk_seek(walk, inode, offset, HEAD, head, error);
    if (r < 0)
        return false;
    digits = r > 0 ? hash(head) : NULL;
    if (g_strcmp0(digits, expected) == 0)
        return true;
    return fail_mark(VS_ERROR_MARK_GONE,
                     _("What the mark %s leads to is gone: its file was rotated away, moved or "
                       "changed since. Begin anew without a mark"),
                     mark, error);
}

static size_t
max_bytes(const Page *page)
{
    size_t wanted = page->query->max_size;

    return wanted > 0 ? MIN(wanted, MAX_BYTES) : MAX_BYTES;
}

/* One that is too long alone has a page of its own. */
static bool
has_room(const Page *page, size_t len)
{
    return page->lines->len == 0 || page->size + len < max_bytes(page);
}

static bool
is_full(const Page *page)
{
    unsigned limit = page->query->limit;

    return page->lines->len == MAX_RECORDS || (limit > 0 && page->lines->len == limit) ||
           page->size >= max_bytes(page) || page->looked_at >= MAX_LOOKED_AT;
}

static void
look_at(Page *page, const VsHistoryWalk *walk, const char *line, size_t len)
{
    page->looked_at += len + 1;
    page->place.inode = walk->inode;
    page->place.offset = walk->lines.line;
    g_strlcpy(page->place.head, line, sizeof page->place.head);
}

/* 1: the page is full; 0: there is nothing more; -1 with @error. */
static int
fill(Page *page, VsHistoryWalk *walk, const VsRecordMatch *match, GError **error)
{
    const char *line;
    size_t len;
    int r;

    while ((r = vs_history_walk_next(walk, &line, &len, error)) > 0) {
        bool wanted = vs_record_match_line(match, line, len);

        if (wanted && !has_room(page, len))
            break;
        look_at(page, walk, line, len);
        if (wanted) {
            page->size += len + 1;
            g_ptr_array_add(page->lines, g_strndup(line, len));
        }
        if (is_full(page))
            break;
    }
    return r;
}

static GPtrArray *
oldest_first(const GPtrArray *lines)
{
    GPtrArray *reversed = g_ptr_array_new_full(lines->len, g_free);

    for (unsigned i = lines->len; i > 0; i--)
        g_ptr_array_add(reversed, lines->pdata[i - 1]);
    return reversed;
}

GPtrArray *
vs_history_page(const char *directory, const VsRecordQuery *query, char **ret_mark, GError **error)
{
    g_autoptr(GPtrArray) lines = g_ptr_array_new();
    g_auto(VsHistoryWalk) walk = {.fd = -1};
    g_auto(VsRecordMatch) match = {0};
    Page page = {.query = query, .lines = lines};
    int r;

    vs_history_walk_init(&walk, directory, query->requests ? VS_REQUESTS_FILE : VS_HISTORY_FILE);
    if (query->after && *query->after && !go_to_mark(&walk, query->after, error))
        return NULL;
    vs_record_match_init(&match, query);
    r = fill(&page, &walk, &match, error);
    if (r < 0) {
        g_ptr_array_set_free_func(lines, g_free);
        return NULL;
    }
    *ret_mark = r > 0 ? make_mark(&page.place) : g_strdup("");
    return oldest_first(lines);
}
