/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "bus/service.h"

/* Asks polkit whether somebody may do something. Nothing waits for its answer but the call that it
 * is about; how many questions of a user are under way is bounded, and so is how long each one
 * takes. Who goes away takes his questions with him. */

typedef enum VsBusVerdict {
    VS_BUS_VERDICT_YES,
    VS_BUS_VERDICT_NO,
    VS_BUS_VERDICT_CHALLENGE, /* a password would do, and can't be asked for */
    VS_BUS_VERDICT_ABSENT,    /* there is no polkit on this bus */
    VS_BUS_VERDICT_SILENT,    /* it didn't answer in time, or went away */
    VS_BUS_VERDICT_FAILED,    /* it answered with an error */
} VsBusVerdict;

/* A key and a value that a rule can look at, and a prompt can name. */
typedef struct VsBusDetail {
    const char *key;
    const char *value; /* NULL: it isn't told */
} VsBusDetail;

/* Takes @data over. @why: the error's message; NULL: there is none. */
typedef void (*VsBusAnswered)(VsBus *bus, sd_bus_message *message, VsBusVerdict verdict,
                              const char *why, void *data);

/* Asks whether the sender of @message, which came through the gate, may do @action. @details ends
 * with a NULL key; they are copied. Takes @data over, which goes to @answer, never from within the
 * call, or to @free_data, where nobody waits for an answer any more. Returns as a message's handler
 * does. */
int vs_bus_polkit_ask(VsBus *bus, sd_bus_message *message, const char *action,
                      const VsBusDetail *details, VsBusAnswered answer, GDestroyNotify free_data,
                      void *data);

/* @span: µs that polkit has for an answer; 0: as usual. */
void vs_bus_polkit_init(VsBus *bus, int64_t span);
void vs_bus_polkit_clear(VsBus *bus);

/* Nobody waits for any answer any more: the connection goes. */
void vs_bus_polkit_drop(VsBus *bus);
