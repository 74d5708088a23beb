/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bus/allowance.h"

#include <limits.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>

#include "util/span.h"

/* A time that the main thread spends for a user is paid back in so many times as long; for all
 * users together in less. So one never has more than a fifth of it, and all of them no more than
 * half. */
#define USER_PAYS 5
#define ALL_PAY   2

/* What a user may have spent and not paid back, and is let in all the same. */
#define CREDIT (VS_USEC_PER_SEC / 2)

/* Who was refused something has to be quiet for so long. Until then nothing is done for it, and no
 * long answer is sent, behind which others' would wait: the bus reads them the slower, the more it
 * has to do. */
#define QUIET VS_USEC_PER_SEC

/* So many bytes of refusals the bus may leave unread, and more aren't written: what is as good as
 * none is more than that, for a flood of them must not keep another user from being answered. */
#define MAX_REFUSALS (128 * 1024)
#define DRAINED      (192 * 1024)

/* Who has more calls waiting than these asks for more than it can read. */
#define FEW 8

/* Answers are paid as if so many bytes took a second. The bus keeps what nobody reads, and hears us
 * no more when that is too much. */
#define BYTES_PER_SECOND ((int64_t)32 * 1024 * 1024)

static int64_t
spend(int64_t spent_until, int64_t now, int64_t cost)
{
    return MAX(spent_until, now) + cost;
}

void
vs_bus_allowance_charge(VsBus *bus, VsBusUser *user, int64_t since, size_t size)
{
    int64_t now = g_get_monotonic_time();
    int64_t cost = now - since + (int64_t)size * VS_USEC_PER_SEC / BYTES_PER_SECOND;

    if (user->trusted)
        return;
    user->spent_until = spend(user->spent_until, now, cost * USER_PAYS);
    bus->spent_until = spend(bus->spent_until, now, cost * ALL_PAY);
}

int64_t
vs_bus_allowance_turn(const VsBus *bus, const VsBusUser *user)
{
    if (user->trusted)
        return 0;
    return MAX(MAX(user->spent_until, bus->spent_until) - CREDIT, user->quiet_from);
}

void
vs_bus_allowance_hush(VsBusUser *user)
{
    if (!user->trusted)
        user->quiet_from = g_get_monotonic_time() + QUIET;
}

bool
vs_bus_allowance_is_loud(const VsBusUser *user)
{
    return !user->trusted && (user->n_parked > FEW || user->quiet_from > g_get_monotonic_time());
}

/* Bytes, with what the kernel needs to keep them. The bus takes 2 KiB of each connection in turn,
 * and our socket holds 8 MiB. */
static int
count_unread(const VsBus *bus)
{
    uint64_t unsent = 0;
    int unread = 0;

    if (!bus->connection)
        return 0;
    sd_bus_get_n_queued_write(bus->connection, &unsent);
    if (unsent > 0)
        return INT_MAX;
    return ioctl(sd_bus_get_fd(bus->connection), SIOCOUTQ, &unread) < 0 ? 0 : unread;
}

bool
vs_bus_allowance_is_drained(const VsBus *bus)
{
    return count_unread(bus) <= DRAINED;
}

bool
vs_bus_allowance_has_room(const VsBus *bus)
{
    return count_unread(bus) <= MAX_REFUSALS;
}
