/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <libintl.h>

/* Marks text for translation: _() translates here and now, N_() only marks a static table's text,
 * which is passed through _() where it is shown. */
#define _(text)  gettext(text)
#define N_(text) (text)
