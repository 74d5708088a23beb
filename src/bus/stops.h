/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "bus/service.h"
#include "engine/action.h"

/* The stops that have an object: those in flight, which are the engine's, and those that are over,
 * which are kept here for a while as they were at their end, for whoever missed it. */

typedef struct VsBusStop {
    char *path;
    char *domain_path;
    char
        *record; /* of the record that names this stop what everybody may read; NULL: none so far */
    bool added;  /* the bus was told of it */
    VsUuid host_stop; /* that it is a part of, as the bus was told last; "": none */

    const VsGuest *guest; /* in flight: as it was found last; holds until the engine's next step */

    VsStop *over;      /* as it was at its end; NULL: in flight */
    char *domain_name; /* over: ... then */
    VsOutcome outcome; /* over: how it came out */
    size_t size;       /* over: what it takes of what all may take */
    int64_t gone_at;   /* over: when it goes, CLOCK_MONOTONIC µs */
} VsBusStop;

/* @span: µs for which one that is over stays; 0: a minute. */
void vs_bus_stops_init(VsBus *bus, int64_t span);
void vs_bus_stops_clear(VsBus *bus);

/* One that is in flight. The service owns what it returns; so for all of these. */
VsBusStop *vs_bus_stops_add(VsBus *bus, const VsUuid *stop, const VsDomainId *domain);

/* It is over; one that never was in flight is added. Takes over @over. Where there are too many,
 * the oldest go. */
void vs_bus_stops_finish(VsBus *bus, const VsUuid *stop, const VsDomainId *domain,
                         VsOutcome outcome, VsStop *over);

/* Keeps what everybody may read of the record's line with the stop that it names; NULL where that
 * has no object. */
VsBusStop *vs_bus_stops_set_record(VsBus *bus, const VsUuid *stop, const char *line);

/* By its path, in flight or over; NULL: there is none. The first one is for reading its properties:
 * of one in flight it gives NULL where the engine has it no more, and sets its guest. */
VsBusStop *vs_bus_stops_read(VsBus *bus, const char *path);
VsBusStop *vs_bus_stops_find(VsBus *bus, const char *path);

/* What is known of one that vs_bus_stops_read() gave. */
const VsStop *vs_bus_stop_of(const VsBusStop *stop);

/* How many are in flight. */
unsigned vs_bus_stops_in_flight(const VsBus *bus);

/* The paths of all. The caller frees them, sd-bus does so by free(), which is GLib's, too. */
char **vs_bus_stops_paths(const VsBus *bus);

/* The name of the step that a stop stands at; "" behind the last one. */
const char *vs_bus_step_name(const VsStop *stop);
