/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "bus/message.h"
#include "core/part.h"

typedef enum VsBusOption {
    VS_BUS_OPTION_URI = 1 << 0,
    VS_BUS_OPTION_LADDER = 1 << 1,
    VS_BUS_OPTION_BUDGET = 1 << 2,
    VS_BUS_OPTION_REASON = 1 << 3,
    VS_BUS_OPTION_SHUTDOWN = 1 << 4,
    VS_BUS_OPTION_DOMAIN = 1 << 5,
    VS_BUS_OPTION_STOP = 1 << 6,
    VS_BUS_OPTION_HOST_STOP = 1 << 7,
    VS_BUS_OPTION_CAUSE = 1 << 8,
    VS_BUS_OPTION_SINCE = 1 << 9,
    VS_BUS_OPTION_UNTIL = 1 << 10,
    VS_BUS_OPTION_LIMIT = 1 << 11,
    VS_BUS_OPTION_AFTER = 1 << 12,
    VS_BUS_OPTION_REPLACE = 1 << 13,
    VS_BUS_OPTION_KIND = 1 << 14,
    VS_BUS_OPTION_REQUESTS = 1 << 15,
    VS_BUS_OPTION_ID = 1 << 18,
    VS_BUS_OPTION_PUBLIC = 1 << 19,
    VS_BUS_OPTION_OUTCOME = 1 << 16,
    VS_BUS_OPTION_UNCLEAN = 1 << 17,
    VS_BUS_OPTION_GROUPS = 1 << 20,
    VS_BUS_OPTION_PRIORITIES = 1 << 21,
    VS_BUS_OPTION_URIS = 1 << 22,
    VS_BUS_OPTION_DOMAINS = 1 << 23,
} VsBusOption;

/* A part of the guests. */
#define VS_BUS_OPTIONS_PART                                                                        \
    (VS_BUS_OPTION_GROUPS | VS_BUS_OPTION_PRIORITIES | VS_BUS_OPTION_URIS | VS_BUS_OPTION_DOMAINS)

typedef struct VsBusWords {
    const char *at[VS_PART_MAX_WORDS];
    unsigned n;
} VsBusWords;

/* NULL or 0 where an option isn't given. The texts belong to the message. */
typedef struct VsBusOptions {
    const char *uri;
    const char *ladder;
    const char *reason, *kind;
    uint64_t budget; /* µs, at most INT64_MAX */
    int shutdown;    /* a D-Bus boolean */
    int replace;     /* likewise */
    int requests;    /* likewise */
    int is_public;   /* likewise */
    int unclean;     /* likewise */
    const char *id, *domain, *stop, *host_stop, *cause, *outcome, *after;
    uint64_t since, until; /* realtime µs, at most INT64_MAX */
    uint32_t limit;
    VsBusWords groups, priorities, uris, domains;
} VsBusOptions;

/* Reads the dictionary a{sv} that comes next in @message. @allowed: the VsBusOption's of this
 * method. */
bool vs_bus_options_read(sd_bus_message *message, unsigned allowed, VsBusOptions *ret,
                         GError **error);

/* The part of the guests that the options mean; NULL: all of them. */
bool vs_bus_options_part(const VsBusOptions *options, VsPart **ret, GError **error);

/* Reads a span of time, t in µs, that comes next. The error calls it @what. */
bool vs_bus_span_read(sd_bus_message *message, const char *what, uint64_t *ret, GError **error);
