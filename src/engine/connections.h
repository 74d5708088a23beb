/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "engine/store.h"

/* libvirt's comings and goings, and what it says when it is asked for its guests: facts only. */

void vs_connections_connection(VsEngine *engine, const VsEvent *event);
void vs_connections_listed(VsEngine *engine, const VsEvent *event);
void vs_connections_looked_up(VsEngine *engine, const VsEvent *event);

/* What a VS_EVENT_FOUND has of a domain. Whether it is about to run, but has no run here yet: it is
 * being started, or the record of its run before comes first. */
bool vs_connections_found(VsEngine *engine, const VsDomainInfo *info, uint64_t serial);

/* A libvirt that hangs closes no connection. Asks it for @guest, for a sign of life: until it says
 * anything, what it was called for may not have been done. */
void vs_connections_probe(VsEngine *engine, VsGuest *guest);

/* Takes any word of libvirt's for that sign, before it is taken for what it says. */
void vs_connections_heard(VsEngine *engine, const VsEvent *event);

/* Asks again for the lists that are due. */
void vs_connections_timer(VsEngine *engine);
