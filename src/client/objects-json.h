/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "client/objects.h"
#include "util/json.h"

/* The bus's objects as the JSON output has them, in the record's words where it has any. The caller
 * owns the results. */
json_object *vs_domain_object_json(const VsDomainObject *domain);
json_object *vs_stop_object_json(const VsStopObject *stop);
json_object *vs_stop_object_steps(const VsStopObject *stop);
json_object *vs_stop_object_requester(const VsStopObject *stop);
