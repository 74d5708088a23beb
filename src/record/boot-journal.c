/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "record/boot-journal.h"

#include <glib.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-journal.h>

/* journald ends, which it does as the last of all; logind lets the host go down; systemd has
 * brought a unit up; systemd has brought up all. */
#define JOURNAL_STOPPED "MESSAGE_ID=d93fb3c9c24d451a97cea615ce59c00b"
#define GOES_DOWN       "MESSAGE_ID=98268866d1d54a499c4e98921d93bc40"
#define UNIT_UP         "MESSAGE_ID=39f53479d3a045ac8e11786248231fbf"
#define ALL_UP          "MESSAGE_ID=b07a249cd024414a82dd00cd181378ff"

/* Behind all services' end. */
#define SHUTDOWN "UNIT=shutdown.target"

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

/* Goes to the last entry of that boot that has all those fields (or NULL). */
static bool
go_to_last(sd_journal *journal, const char *boot, const char *match, const char *other)
{
    sd_journal_flush_matches(journal);
    return sd_journal_add_match(journal, boot, 0) >= 0 &&
           (!match || sd_journal_add_match(journal, match, 0) >= 0) &&
           (!other || sd_journal_add_match(journal, other, 0) >= 0) &&
           sd_journal_seek_tail(journal) >= 0 && sd_journal_previous(journal) > 0;
}

/* Monotonic µs of that boot: when such an entry was written last; 0: never. */
static uint64_t
last_at(sd_journal *journal, const char *boot, const char *match, const char *other)
{
    sd_id128_t id;
    uint64_t at;

    return go_to_last(journal, boot, match, other) &&
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

/* Only what is behind the last time that all was up counts: a host may begin anew within a boot. */
static void
read_signs(sd_journal *journal, const char *boot, VsHostEnd *ret)
{
    uint64_t up = last_at(journal, boot, ALL_UP, "_PID=1");

    ret->in_order |= last_at(journal, boot, UNIT_UP, SHUTDOWN) > up;
    ret->going_down = ret->in_order || last_at(journal, boot, GOES_DOWN, NULL) > up;
}

void
vs_boot_journal_read(const char *boot_id, VsHostEnd *ret)
{
    g_autofree char *boot = boot_match(boot_id);
    sd_journal *journal;

    *ret = (VsHostEnd){0};
    if (sd_journal_open(&journal, SD_JOURNAL_LOCAL_ONLY) < 0)
        return;
    if (go_to_last(journal, boot, NULL, NULL)) {
        ret->traced = true;
        ret->last = real_time(journal);
        ret->in_order = is(journal, JOURNAL_STOPPED);
        ret->back = find_next_boot(journal, boot);
        read_signs(journal, boot, ret);
    }
    sd_journal_close(journal);
}
