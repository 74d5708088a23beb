/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "client/policy.h"

/* Where @row's value comes from, in words; the caller owns it. */
char *vs_policy_row_origin(const VsPolicyRow *row);

/* Says what of @domain's metadata doesn't count, or isn't known. */
void vs_policy_view_complain(const VsPolicyView *view, const char *domain);

/* False where that is no KEY=VALUE; the error names it. */
bool vs_policy_check_assignment(const char *text, GError **error);
