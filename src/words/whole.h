/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "client/whole.h"

/* A stop of several guests as a whole, in words. @list: of VsWaited. The caller owns the results.
 */

/* "Stopping 12 guests within 5 min"; with @names whom: "Stopping 2 guests within 5 min: db1, web1"
 */
char *vs_whole_begin(const VsWhole *whole, const VsClient *client, const GPtrArray *list,
                     bool names);

/* "5 of 12 guests are off, 3 min 20 s of 5 min left" */
char *vs_whole_progress(const VsWhole *whole, const VsClient *client, const GPtrArray *list);

/* "12 guests: 11 clean, 1 cut off; 38 s of 5 min"; NULL where there was none. */
char *vs_whole_summary(const VsWhole *whole, const VsClient *client, const GPtrArray *list);

/* The same of the stop of all with which the host has just begun to go down, by the records alone;
 * NULL where there was none. */
char *vs_whole_summary_of_last(VsClient *client);
