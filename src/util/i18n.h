/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <libintl.h>

/* Marks text for translation: _() translates here and now, N_() only marks a static table's text,
 * which is passed through _() where it is shown. */
#define _(text)  gettext(text)
#define N_(text) (text)

/* What is too short to say what it is for: @context tells the translator. */
#define C_(context, text) g_dpgettext(NULL, context "\004" text, sizeof(context))
