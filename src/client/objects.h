/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "client/client.h"

/* The bus's objects, as far as they were read. Texts are NULL where they weren't. */

typedef struct VsDomainObject {
    char *path;
    char *uri, *uuid, *name, *state, *agent, *ladder, *on_poweroff, *xml_error, *policy_error;
    char *owner, *restart, *restart_state;
    uint32_t restarts;
    int32_t id; /* -1: it doesn't run */
    int persistent, acpi;
    char *stop; /* its path; "/": none in flight */
} VsDomainObject;

typedef struct VsTakenStep {
    char *method;
    int64_t started; /* realtime µs */
    int64_t took;    /* µs; -1: it lasts */
    char *result;    /* "" while it lasts */
} VsTakenStep;

typedef struct VsStopObject {
    char *id;
    char *domain; /* its path */
    char *domain_name, *ladder, *step, *phase, *reason, *user, *comm, *unit;
    uint64_t deadline;  /* monotonic µs of the daemon's host */
    uint64_t requested; /* realtime µs */
    uint32_t step_index, uid, pid;
    GArray *taken;   /* of VsTakenStep */
    char *outcome;   /* "": it is in flight */
    char *record;    /* its line; "": there is none, or none yet */
    char *host_stop; /* its path; "/": it is part of none */
    char *unkept;    /* why a step was taken though that was not so; "": none was */
} VsStopObject;

void vs_domain_object_clear(VsDomainObject *domain);
void vs_stop_object_clear(VsStopObject *stop);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(VsDomainObject, vs_domain_object_clear)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(VsStopObject, vs_stop_object_clear)

/* Reads the a{sv} that comes next into what is there already: all properties, or those that
 * changed. A negative errno where it can't be read. */
int vs_domain_object_read(VsDomainObject *domain, sd_bus_message *message);
int vs_stop_object_read(VsStopObject *stop, sd_bus_message *message);

/* Who asked for @stop, and why, where its properties didn't tell: not everybody is told. False
 * where that is kept from us (VS_ERROR_ACCESS), or can't be had. */
bool vs_stop_object_ask(VsClient *client, VsStopObject *stop, GError **error);

/* All domains of @client's uri, in the daemon's order; the caller owns the array, which owns what
 * is in it. */
GPtrArray *vs_objects_list_domains(VsClient *client, GError **error);

/* Who manages each of @domains beside libvirt, where somebody does. A daemon that doesn't tell, or
 * fails to, leaves it at that. */
void vs_objects_read_owners(VsClient *client, GPtrArray *domains);

/* All stops in flight, likewise; of each what ListStops tells. */
GPtrArray *vs_objects_list_stops(VsClient *client, GError **error);

/* Those of vs_objects_list_stops() by their id. The caller owns the table, @stops what is in it. */
GHashTable *vs_objects_index_stops(const GPtrArray *stops);

/* The stop's id, of which the daemon makes its path; NULL where it is none. The caller owns it. */
char *vs_objects_stop_id(const char *path);

/* The path of the stop with that id. The caller owns it. */
char *vs_objects_stop_path(const char *id);

/* How long it is until @stop's deadline, µs; -1: there is none, or it isn't known here. */
int64_t vs_objects_time_left(const VsClient *client, const VsStopObject *stop);
