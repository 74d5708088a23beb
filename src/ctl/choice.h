/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <stdbool.h>

/* Causes and outcomes, as options have them: words with commas between them. The error names
 * @option, the word, what may have been meant, and what is allowed. */
bool vs_choice_check_causes(const char *option, const char *list, GError **error);
bool vs_choice_check_outcomes(const char *option, const char *list, GError **error);
