/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-bus.h>
#include <systemd/sd-event.h>

#include "util/scope.h"

/* virtstopd over D-Bus. Errors are VS_ERROR, their messages are for people. */

#define VS_BUS_NAME      "org.virtstop1"
#define VS_BUS_PATH      "/org/virtstop1"
#define VS_BUS_MANAGER   "org.virtstop1.Manager"
#define VS_BUS_DOMAIN    "org.virtstop1.Domain"
#define VS_BUS_STOP      "org.virtstop1.Stop"
#define VS_BUS_HOST_STOP "org.virtstop1.HostStop"
#define VS_BUS_NO_OBJECT "/"

/* How long any call may take, µs, where a client doesn't say. */
#define VS_CLIENT_TIMEOUT (INT64_C(25) * 1000 * 1000)

/* The same of one that waits for a person to type a password. */
#define VS_CLIENT_PERSON_TIMEOUT (INT64_C(150) * 1000 * 1000)

/* What doesn't hinder a call, but may be missed. */
typedef enum VsClientNotice {
    VS_CLIENT_RECORD_PASSED_OVER, /* it can't be read, for @why */
    VS_CLIENT_RECORDS_CUT,        /* an older virtstopd gave no more than a message can hold */
    VS_CLIENT_RECORDS_OF_FILE,    /* virtstopd can't be asked, for @why: its files are read */
} VsClientNotice;

struct VsRecordQuery;

typedef struct VsClient {
    VsScope scope;    /* which virtstopd is meant */
    const char *host; /* that it runs on; NULL: this one */
    const char *uri;  /* whose guests are meant; NULL: any */
    sd_bus *bus;      /* NULL: not open */
    char *owner;      /* virtstopd's unique name, where signals are listened to; NULL: not there */

    /* The hook's, which nothing may hold up: what a call may take (µs; 0: the usual), what is done
     * before each that blocks (NULL: nothing), and that none waits for a virtstopd to be started,
     * nor the end for what was sent. */
    int64_t call_timeout;
    void (*before_call)(void);
    bool hurries;

    /* Whether somebody here can be asked for a password; asked before each call that may need one.
     * NULL: nobody can. */
    bool (*has_person)(void);

    void (*notice)(VsClientNotice notice, const GError *why); /* or NULL */

    bool sees_less; /* virtstopd left out of a record what isn't for us: it isn't asked for again */

    /* Reads a page of this host's records (lines, the oldest first; @ret_mark: "" where there are
     * no more) where virtstopd isn't there; NULL: nobody can. @why_away is set where there isn't
     * even a bus, or it was found that virtstopd isn't there. */
    GPtrArray *(*read_page)(const struct VsClient *client, const struct VsRecordQuery *query,
                            char **ret_mark, GError **error);
    GError *why_away;
    bool reads_file; /* it did */
} VsClient;

G_DEFINE_AUTOPTR_CLEANUP_FUNC(sd_bus_message, sd_bus_message_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(sd_bus_slot, sd_bus_slot_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(sd_event, sd_event_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(sd_event_source, sd_event_source_unref)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(sd_bus_error, sd_bus_error_free)

/* Opens the bus of @client's scope, or the system bus of the host asked for; closes it. */
bool vs_client_open(VsClient *client, GError **error);
void vs_client_close(VsClient *client);

/* Waits until a connection that was started can be used, which its first call would do for as long
 * as a minute and a half. A negative errno where that takes more than @timeout µs. */
int vs_client_await_ready(sd_bus *bus, int64_t timeout);

/* What a call of @client's may take, µs; the same of @message, for which a person may have to be
 * asked; has done what @client wants done before one that blocks. */
int64_t vs_client_timeout(const VsClient *client);
int64_t vs_client_timeout_of(const VsClient *client, sd_bus_message *message);
void vs_client_before_call(const VsClient *client);

/* A call of the manager's @member, to be filled in. NULL only where memory ran out. */
sd_bus_message *vs_client_new_call(VsClient *client, const char *member);

/* Appends the options a{sv} that name @client's uri, or none. */
int vs_client_append_uri(VsClient *client, sd_bus_message *message);

/* Sends @message (NULL: there was no memory for it) and waits for the answer, which the caller
 * owns. */
sd_bus_message *vs_client_send(VsClient *client, sd_bus_message *message, GError **error);

/* Calls @member with @domain, and the options that name @client's uri. */
sd_bus_message *vs_client_call_domain(VsClient *client, const char *member, const char *domain,
                                      GError **error);

/* Calls @member, which is about all domains; @host_stop: about that one host stop, by its id; NULL:
 * about all. */
sd_bus_message *vs_client_call_all(VsClient *client, const char *member, const char *host_stop,
                                   GError **error);

/* Appends the options a{sv} that name it, or none. */
int vs_client_append_host_stop(sd_bus_message *message, const char *host_stop);

/* A call of @member of an object, as vs_client_new_call(). Nobody is asked for a password for it.
 */
sd_bus_message *vs_client_new_object_call(VsClient *client, const char *path, const char *interface,
                                          const char *member);

/* Asks for all properties of @path's @interface: the call (NULL only where memory ran out), and its
 * answer, which holds a{sv}. */
sd_bus_message *vs_client_new_get_all(VsClient *client, const char *path, const char *interface);
sd_bus_message *vs_client_get_all(VsClient *client, const char *path, const char *interface,
                                  GError **error);

/* The object path that @domain resolves to; the caller owns it. */
char *vs_client_find_domain(VsClient *client, const char *domain, GError **error);

/* What a failed call means. @bus_error may be unset, then @r says it. */
GError *vs_client_error(const VsClient *client, const sd_bus_error *bus_error, int r);

/* @r < 0, an answer that can't be read: sets @error, and returns false. */
bool vs_client_check(int r, GError **error);

/* Whether virtstopd has its name on the bus, 0 or 1; a negative errno where the bus doesn't say.
 * Starts none. */
int vs_client_daemon_is_there(VsClient *client);
