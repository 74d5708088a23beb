/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "engine/store.h"

/* libvirt's comings and goings, and what it says when it is asked for its guests: facts only. */

void vs_connections_connection(VsEngine *engine, const VsEvent *event);
void vs_connections_listed(VsEngine *engine, const VsEvent *event);
void vs_connections_looked_up(VsEngine *engine, const VsEvent *event);

/* Asks again for the lists that are due. */
void vs_connections_timer(VsEngine *engine);
