/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "client/manager.h"
#include "client/objects.h"

/* What virtstopd could not write down so far, in words. */

/* "2 records are not on disk yet: no answer for 12s". The caller owns it. */
char *vs_unwritten_sentence(const VsUnwritten *unwritten);

/* To standard error, all that there is; NULL: nothing. */
void vs_unwritten_complain(const GPtrArray *all);

/* Of a stop of @name, whose step was taken before it was on disk; says nothing where it was. */
void vs_unwritten_complain_of_stop(const char *name, const VsStopObject *stop);
