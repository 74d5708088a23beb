/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "record/boot-journal.h"

#include <glib.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-journal.h>
#include <unistd.h>

#include "util/json.h"

/* journald ends, which it does as the last of all; logind lets the host go down; systemd has
 * brought a unit up; systemd has brought up all. Anybody may write such an entry, but for the
 * fields that begin with an underscore. */
#define JOURNAL_STOPPED "MESSAGE_ID=d93fb3c9c24d451a97cea615ce59c00b"
#define GOES_DOWN       "MESSAGE_ID=98268866d1d54a499c4e98921d93bc40"
#define UNIT_UP         "MESSAGE_ID=39f53479d3a045ac8e11786248231fbf"
#define ALL_UP          "MESSAGE_ID=b07a249cd024414a82dd00cd181378ff"

/* Behind all services' end. */
#define SHUTDOWN "UNIT=shutdown.target"

/* systemd, of a process of a service that ended otherwise than it should; ours. */
#define PROCESS_EXIT "MESSAGE_ID=98e322203f7a4ed290d09fe03c09fe15"
#define OURS         "UNIT=virtstopd.service"

#define BY_JOURNALD "_TRANSPORT=driver"
#define BY_INIT     "_PID=1"
#define BY_ROOT     "_UID=0"

/* Whom the unit runs us as. An older version, or one that was started by hand, wrote as root. */
#define OWN_USER "virtstop"

/* As journald writes ids. The caller owns it. */
static char *
boot_match(const char *boot_id)
{
    g_auto(GStrv) parts = g_strsplit(boot_id, "-", 0);
    g_autofree char *plain = g_strjoinv("", parts);

    return g_strconcat("_BOOT_ID=", plain, NULL);
}

static bool
is(sd_journal *journal, const char *match)
{
    g_autofree char *field = g_strndup(match, strcspn(match, "="));
    const void *data;
    size_t length;

    return sd_journal_get_data(journal, field, &data, &length) >= 0 && length == strlen(match) &&
           memcmp(data, match, length) == 0;
}

/* Goes to the last entry of that boot that has all those fields; a list that ends with NULL. */
static bool
go_to_last(sd_journal *journal, const char *boot, const char *const *matches)
{
    sd_journal_flush_matches(journal);
    if (sd_journal_add_match(journal, boot, 0) < 0)
        return false;
    for (const char *const *match = matches; *match; match++)
        if (sd_journal_add_match(journal, *match, 0) < 0)
            return false;
    return sd_journal_seek_tail(journal) >= 0 && sd_journal_previous(journal) > 0;
}

/* Monotonic µs of that boot: when such an entry was written last; 0: never. */
static uint64_t
last_at(sd_journal *journal, const char *boot, const char *const *matches)
{
    sd_id128_t id;
    uint64_t at;

    return go_to_last(journal, boot, matches) &&
                   sd_journal_get_monotonic_usec(journal, &at, &id) >= 0
               ? at
               : 0;
}

static int64_t
real_time(sd_journal *journal)
{
    uint64_t at;

    return sd_journal_get_realtime_usec(journal, &at) < 0 ? 0 : (int64_t)at;
}

/* The first entry of the boot after that whose last entry it stands at; 0: there is none. */
static int64_t
find_next_boot(sd_journal *journal, const char *boot)
{
    char *cursor;
    bool ok;

    if (sd_journal_get_cursor(journal, &cursor) < 0)
        return 0;
    sd_journal_flush_matches(journal);
    ok = sd_journal_seek_cursor(journal, cursor) >= 0;
    free(cursor); /* it is malloc()'s */
    while (ok && sd_journal_next(journal) > 0)
        if (!is(journal, boot))
            return real_time(journal);
    return 0;
}

static const char *const any[] = {NULL};
static const char *const all_up[] = {ALL_UP, BY_INIT, NULL};
static const char *const shut_down[] = {UNIT_UP, SHUTDOWN, BY_INIT, NULL};
static const char *const ours_up[] = {UNIT_UP, OURS, BY_INIT, NULL};
static const char *const ours_exits[] = {PROCESS_EXIT, OURS, BY_INIT, NULL};
static const char *const goes_down[] = {GOES_DOWN, BY_ROOT, NULL};

/* Only what is behind the last time that all was up counts: a host may begin anew within a boot. */
static void
read_signs(sd_journal *journal, const char *boot, VsHostEnd *ret)
{
    uint64_t up = last_at(journal, boot, all_up);

    ret->in_order |= last_at(journal, boot, shut_down) > up;
    ret->going_down = ret->in_order || last_at(journal, boot, goes_down) > up;
}

/* systemd says so of the host's, if it did not end in order. */
static void
read_unattended(sd_journal *journal, const char *boot, VsHostEnd *ret)
{
    uint64_t up = last_at(journal, boot, ours_up);

    if (up > 0 && last_at(journal, boot, ours_exits) > up)
        ret->unattended_at = real_time(journal);
}

void
vs_boot_journal_read(const char *boot_id, VsHostEnd *ret)
{
    g_autofree char *boot = boot_match(boot_id);
    sd_journal *journal;

    *ret = (VsHostEnd){0};
    if (sd_journal_open(&journal, SD_JOURNAL_LOCAL_ONLY) < 0)
        return;
    if (go_to_last(journal, boot, any)) {
        ret->traced = true;
        ret->last = real_time(journal);
        ret->in_order = is(journal, JOURNAL_STOPPED) && is(journal, BY_JOURNALD);
        ret->back = find_next_boot(journal, boot);
        read_signs(journal, boot, ret);
        read_unattended(journal, boot, ret);
    }
    sd_journal_close(journal);
}

/* The line of a record of ours, where the entry that it stands at has it. */
static char *
read_record(sd_journal *journal, const char *id)
{
    static const char field[] = "VIRTSTOP_RECORD";
    g_autoptr(json_object) record = NULL;
    g_autofree char *line = NULL;
    const void *data;
    size_t length;

    if (sd_journal_get_data(journal, field, &data, &length) < 0 || length <= sizeof(field))
        return NULL;
    line = g_strndup((const char *)data + sizeof(field), length - sizeof(field));
    record = vs_json_parse_object(line, NULL);
    return g_strcmp0(vs_json_string(record, "id", NULL), id) == 0 ? g_steal_pointer(&line) : NULL;
}

static bool
add_uid(sd_journal *journal, uid_t uid)
{
    g_autofree char *match = g_strdup_printf("_UID=%u", (unsigned)uid);

    return sd_journal_add_match(journal, match, 0) >= 0;
}

/* Of one field any will do. Anybody else could have written what looks like a record. */
static bool
add_writers(sd_journal *journal)
{
    struct passwd entry, *own = NULL;
    char buffer[4096];

    getpwnam_r(OWN_USER, &entry, buffer, sizeof buffer, &own);
    return add_uid(journal, 0) && add_uid(journal, geteuid()) &&
           (!own || add_uid(journal, own->pw_uid));
}

static char *
find_record(sd_journal *journal, const char *id)
{
    g_autofree char *match = g_strconcat("VIRTSTOP_RECORD_ID=", id, NULL);

    sd_journal_flush_matches(journal);
    if (sd_journal_add_match(journal, match, 0) < 0 || !add_writers(journal) ||
        sd_journal_seek_tail(journal) < 0 || sd_journal_previous(journal) <= 0)
        return NULL;
    return read_record(journal, id);
}

void
vs_boot_journal_find_records(char *const *ids, GHashTable *ret)
{
    sd_journal *journal;

    if (sd_journal_open(&journal, SD_JOURNAL_LOCAL_ONLY) < 0)
        return;
    sd_journal_set_data_threshold(journal, 0);
    for (; *ids; ids++) {
        char *line = find_record(journal, *ids);

        if (line)
            g_hash_table_insert(ret, g_strdup(*ids), line);
    }
    sd_journal_close(journal);
}
