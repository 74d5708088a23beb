/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "client/client.h"
#include "core/part.h"

/* What is said of a stop when it is asked for. */
typedef struct VsRequest {
    const char *ladder; /* NULL: the guest's */
    int64_t budget;     /* µs; 0: as the ladder says */
    const char *reason; /* NULL: none */
    bool shutdown;      /* StopAll(): the host goes down */
    const char *kind;   /* ... so, "poweroff"; NULL: not known */
    VsPart *part;       /* StopAll(), Plan(): of those guests; NULL: of all */
} VsRequest;

/* From an option's value, which stays the caller's and has to outlive @request. The errors name the
 * option. */
bool vs_request_set_ladder(VsRequest *request, const char *value, GError **error);
bool vs_request_set_budget(VsRequest *request, const char *value, GError **error);
bool vs_request_set_reason(VsRequest *request, const char *value, GError **error);

/* One more word of the part. */
bool vs_request_add_part(VsRequest *request, VsPartKind kind, const char *option, const char *value,
                         GError **error);

/* Appends the options of an a{sv} that say which part, into the open array. */
int vs_request_append_part(const VsRequest *request, sd_bus_message *call);

/* Whether @value of that option can go over D-Bus as a text, and isn't empty. */
bool vs_request_check_text(const char *option, const char *value, GError **error);

/* The call of the manager's Stop() of @domain, only of @client's uri; NULL only where memory ran
 * out. */
sd_bus_message *vs_request_new_stop(VsClient *client, const VsRequest *request, const char *domain);

/* The same for its StopAll(). */
sd_bus_message *vs_request_new_stop_all(VsClient *client, const VsRequest *request);
