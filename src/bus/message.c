/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bus/message.h"

#include "util/span.h"

char *
vs_bus_text(const char *text)
{
    return g_utf8_make_valid(text ? text : "", -1);
}

uint64_t
vs_bus_usec(int64_t usec)
{
    return usec == VS_USEC_INFINITY ? UINT64_MAX : (uint64_t)usec;
}
