/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "bus-fixture.h"

/* The fixture's client: calls, and what the service tells. */

void bus_fixture_connect_client(BusFixture *fixture);
void bus_fixture_disconnect_client(BusFixture *fixture);

/* Waits until the service has its name on the bus that the client is on. */
void bus_fixture_await_service(BusFixture *fixture);

/* One turn of the main loop; fails the test when it goes on for too long. */
void bus_fixture_turn(BusFixture *fixture);

/* Calls a method and waits. The reply may be an error; the caller unrefs it. */
sd_bus_message *bus_fixture_call(BusFixture *fixture, const char *path, const char *interface,
                                 const char *member, const char *types, ...);
sd_bus_message *bus_fixture_manager(BusFixture *fixture, const char *member, const char *types,
                                    ...);

/* As bus_fixture_manager(), where nothing or one string or path comes back. The caller frees it. */
void bus_fixture_do(BusFixture *fixture, const char *path, const char *interface,
                    const char *member, const char *types, ...);
char *bus_fixture_stop(BusFixture *fixture, const char *domain);

/* A property, inside its variant. The caller unrefs the message. */
sd_bus_message *bus_fixture_get(BusFixture *fixture, const char *path, const char *interface,
                                const char *property);

/* The same, a text or path, which the caller frees, or a number; and whether it is what it has to
 * be. */
char *bus_fixture_get_text(BusFixture *fixture, const char *path, const char *interface,
                           const char *property);
gint64 bus_fixture_get_number(BusFixture *fixture, const char *path, const char *interface,
                              const char *property);
void assert_text(BusFixture *fixture, const char *path, const char *interface, const char *property,
                 const char *expected);

/* Drops all signals so far, those on their way too. */
void bus_fixture_forget(BusFixture *fixture);

/* Waits for a signal; what came before it is dropped. The caller unrefs it. */
sd_bus_message *bus_fixture_await(BusFixture *fixture, const char *path, const char *member);

/* Waits for the PropertiesChanged of @property; the message then stands at its variant. */
sd_bus_message *bus_fixture_await_property(BusFixture *fixture, const char *path,
                                           const char *property);

void assert_error(sd_bus_message *reply, const char *name, const char *part_of_message);
void assert_ok(sd_bus_message *reply);
