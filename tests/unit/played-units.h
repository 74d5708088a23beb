/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-bus.h>

/* systemd's units on D-Bus, which say what they are told. */

#define PLAYED_SYSTEMD_PATH "/org/freedesktop/systemd1"
#define PLAYED_NEVER        UINT64_MAX
#define PLAYED_SECONDS(n)   (UINT64_C(1000000) * (n))

typedef struct PlayedUnit {
    const char *name; /* others aren't found; the object's path ends in its number */
    const char *state, *file_state, *notify_access;
    bool does_at_stop;
    uint64_t stop_timeout, job_timeout; /* µs */
    uint64_t ended;                     /* µs: when it was active last */
    const char *load_state;             /* NULL: "loaded" */
    const char *user;                   /* of a service; NULL: root */
    bool has_private_network;
} PlayedUnit;

/* At most nine, and one without a name behind them. @units is read with each question, and has to
 * stay as long as @bus. */
void played_units_publish(sd_bus *bus, PlayedUnit **units);

/* The manager's LoadUnit(), with such a list as its userdata's first member. */
int played_units_load(sd_bus_message *call, void *userdata, sd_bus_error *ret_error);
