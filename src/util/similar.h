/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Which of @names (NULL-terminated) whoever wrote @word may have meant: the only one that begins
 * so, else the one that is a slip of the fingers away (a letter more, less, another one, or two
 * that changed places). NULL: none. */
const char *vs_similar_find(const char *word, const char *const *names);
