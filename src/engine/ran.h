/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "core/domain.h"

/* Which guests ran when all were stopped: an array of VsDomainId (it owns them), the one that is to
 * be started first before the others. */

GPtrArray *vs_ran_new(void);
void vs_ran_add(GPtrArray *ran, const VsDomainId *domain);

/* Adds those of @from that @ran doesn't have, in their order. */
void vs_ran_merge(GPtrArray *ran, const GPtrArray *from);

/* One line of JSON, which the caller owns. @restoring: they are being started again. */
char *vs_ran_format(const GPtrArray *ran, bool restoring);

/* NULL with @error where @text isn't such a list. The caller owns it. */
GPtrArray *vs_ran_parse(const char *text, bool *ret_restoring, GError **error);
