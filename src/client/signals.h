/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "client/client.h"
#include "util/json.h"

/* What the daemon tells by signals. Those that are NULL are not wanted. */
typedef struct VsSignals {
    void (*stop_added)(const char *id, const char *domain_path, const char *name, void *userdata);
    void (*stop_changed)(const char *id, sd_bus_message *changed, void *userdata); /* reads a{sv} */
    void (*stop_appeared)(const char *id, sd_bus_message *properties, void *userdata); /* a{sv} */
    void (*stop_removed)(const char *id, void *userdata); /* over for a while: its object is gone */
    void (*stop_finished)(const char *id, const char *name, const char *outcome, void *userdata);
    void (*stop_recorded)(json_object *record, void *userdata);
    void (*domain_added)(const char *path, sd_bus_message *properties, void *userdata); /* a{sv} */
    void (*domain_changed)(const char *path, sd_bus_message *changed, void *userdata);  /* a{sv} */
    void (*domain_removed)(const char *path, void *userdata);
    void (*manager_changed)(sd_bus_message *changed, void *userdata); /* a{sv} */
    void (*host_stop_changed)(const char *path, sd_bus_message *changed,
                              void *userdata);  /* a{sv} */
    void (*daemon)(bool there, void *userdata); /* it came, or went */
    void (*bus_lost)(void *userdata);
} VsSignals;

/* Listens from now on; both must outlive the bus's last event. */
bool vs_signals_listen(VsClient *client, const VsSignals *signals, void *userdata, GError **error);
