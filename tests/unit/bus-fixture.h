/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <systemd/sd-bus.h>

#include "bus/bus.h"
#include "bus/message.h"
#include "core/finding.h"
#include "bus/tell.h"
#include "private-bus.h"

/* A VsBus over a real engine on a private bus, a little daemon around them, and a client on a
 * connection of its own. All in one thread: while the client waits, the main loop serves. */

#define WEB1_UUID "11111111-2222-4333-8444-555555555501"
#define DB1_UUID  "11111111-2222-4333-8444-555555555502"
#define TEST_URI  "qemu:///one"
#define OTHER_URI "qemu:///two"

typedef struct BusFixture {
    VsPrivateBus *daemon;
    VsEngine *engine;
    VsBus *bus;
    VsTime now;
    int64_t polkit_span; /* µs that polkit has for an answer; 0: as the daemon has it */
    int64_t over_span;   /* µs for which a stop that is over stays; 0: as the daemon has it */

    /* What reached the little daemon. */
    VsEventType last_type;
    VsRequester last_by;
    bool host_shutdown;
    unsigned n_requests, n_reloads, n_revivals;
    int64_t plan_budget;
    char *plan_part;         /* as vs_part_format() has it */
    char *revived;           /* the host stop that alone was to be restored, or NULL */
    const char *plan;        /* what plan answers; NULL: that of one guest */
    bool mute;               /* libvirt doesn't answer whether there is a domain */
    const char *fail_reload; /* reload answers with this error */
    GPtrArray *records;      /* what history and records answer with; NULL: an error */
    GPtrArray *requests;     /* the same of those that stopped nobody */
    VsBusLabelled answer;    /* to the read_labels or set_policy that came last, ... */
    void *answer_to;         /* ... for this one; they wait until a test gives it */
    char *changes;           /* what that set_policy is to write, "A=1|B=2" */
    bool answers_labels;     /* ... or at once, that nothing is said there */
    unsigned n_labellings;
    const VsFinding *findings; /* what check answers with */
    unsigned n_findings;
    char *history_domain;
    unsigned history_limit;
    unsigned page_size; /* so many records at most are a page */
    gint hold; /* set (atomically): history waits as long as it is, or until it is dropped */
    gint n_held, n_dropped; /* how often it did, and was; atomic, too */
    unsigned view_span;     /* µs that a question's view takes of the main thread */
    const char *gone;       /* the mark that leads nowhere any more */
    GString *queries; /* "domain=web1 limit=20 after=7", a line for each page that was asked for */

    /* The client. */
    sd_bus *client;
    GSource *source;
    GPtrArray *signals;              /* of sd_bus_message, that no test has looked at yet */
    unsigned n_signals_before_reply; /* of the last call */
} BusFixture;

/* Skips the test and gives false where there is no dbus-daemon. Two guests run then: web1 and db1.
 */
bool bus_fixture_set_up(BusFixture *fixture);
void bus_fixture_tear_down(BusFixture *fixture);

/* The bus and the engine alone, without VsBus and client; and the VsBus on top. */
bool bus_fixture_set_up_bus(BusFixture *fixture);
void bus_fixture_start(BusFixture *fixture);

/* Feeds the engine, and tells the bus, as the daemon does. */
bool bus_fixture_step(BusFixture *fixture, const VsEvent *event, GError **error);
void bus_fixture_add_guest(BusFixture *fixture, const char *uri, const char *uuid, const char *name,
                           int id);
void bus_fixture_lifecycle(BusFixture *fixture, const char *uuid, const char *name, int type,
                           int detail);

/* A STOPPED, and the answer that there is no log of it. */
void bus_fixture_end_guest(BusFixture *fixture, const char *uuid, const char *name, int detail);
