/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "util/json.h"

/* Why a guest stopped, in words: what the journal and people are told of a stop record. Safe to
 * print, whatever the record holds. */

/* One sentence, without the full stop at its end: "“web1” was saved to disk as it ran". NULL where
 * the record's cause is not known here. The caller owns it. */
char *vs_sentence_tell(json_object *record);

/* A few words of it, such as "it was saved to disk", or the cause's name where that is not known
 * here. The caller owns it. */
char *vs_sentence_phrase(json_object *record);
