/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "client/waited.h"

/* The stops that are waited for, and who is told of them. */

typedef struct VsStopListOps {
    void (*changed)(const VsWaited *waited, void *userdata); /* its step, or what is known of it */
    void (*over)(const VsWaited *waited, void *userdata);
    bool leaves; /* a daemon or a bus that says no more is the caller's to see to */
} VsStopListOps;

typedef struct VsStopList {
    VsClient *client;
    VsStopListOps ops;
    void *userdata;
    GPtrArray *all;    /* of VsWaited */
    GHashTable *by_id; /* the stop's id: VsWaited, but for twins */
    unsigned n_open;   /* that are not over */
    unsigned round;    /* counts the answers to StopAll() */
} VsStopList;

VsStopList *vs_stop_list_new(VsClient *client, const VsStopListOps *ops, void *userdata);
void vs_stop_list_free(VsStopList *list);

/* One more. @argument: as it was typed, and stays so; NULL: @name, of the domain (NULL: not known
 * yet). */
VsWaited *vs_stop_list_append(VsStopList *list, const char *argument, const char *name);

/* NULL: none has that stop. */
VsWaited *vs_stop_list_find(const VsStopList *list, const char *id);

/* More is known of @waited: it may be over. */
void vs_stop_list_show(VsStopList *list, VsWaited *waited);

/* Nothing more can be said of it, for @error, which is taken over; and so of any. */
void vs_stop_list_fail(VsStopList *list, VsWaited *waited, GError *error);
void vs_stop_list_fail_all(VsStopList *list, const char *message);

/* Asks where the stop stands. False where nobody answers, and the caller is to see to that. */
bool vs_stop_list_look(VsStopList *list, VsWaited *waited, GError **error);

/* The stop at @path is the one, and looked at; another one of @list's may have it already. */
bool vs_stop_list_take(VsStopList *list, VsWaited *waited, const char *path, GError **error);

/* See vs_stop_wait_adopt(). */
bool vs_stop_list_adopt(VsStopList *list, sd_bus_message *answer, GError **error);

/* What a program ends with that waited for all of them. */
VsExit vs_stop_list_status(const VsStopList *list);
