/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "bus/ops.h"
#include "engine/action.h"

/* Tells the bus what changed: what the daemon calls when it carries out the engine's actions. */

/* Tells the bus of GUEST_CHANGED, GUEST_REMOVED, STOP_ADDED, STOP_CHANGED, STOP_FINISHED. Called
 * after the engine's step, so the picture is the new one. Other actions are ignored. Of
 * STOP_FINISHED it takes the finished stop, which stays on the bus for a while. */
void vs_bus_tell(VsBus *bus, VsAction *action);

/* Signals StopRecorded with the record's @line, and keeps it with the stop that it names. @stop:
 * that one's id; NULL: none was asked for. Called before the STOP_FINISHED that belongs to it, so
 * that outcome and record are told at once. */
void vs_bus_tell_record(VsBus *bus, const char *stop, const char *line);

/* Tells that libvirt came or went at one of the URIs. Called after that VS_EVENT_CONNECTION's step,
 * so that the picture is the new one. */
void vs_bus_tell_connections(VsBus *bus);

/* Tells of host stops that came, changed or went, and whether one is under way, where that has
 * changed. Called after each step, when its actions are carried out. */
void vs_bus_tell_host_stops(VsBus *bus);

/* The configuration that is in force, as check-config prints it. */
void vs_bus_tell_config(VsBus *bus, const char *text);

/* Why what stands in the files now isn't in force; NULL: it is. */
void vs_bus_tell_config_error(VsBus *bus, const char *why);

/* The default ladder's text changed (after a reload). */
void vs_bus_tell_policy(VsBus *bus, const char *ladder);
