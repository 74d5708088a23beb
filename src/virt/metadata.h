/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "virt/job.h"

/* A domain's labels, read and written by themselves. No libvirt from 7.0 on waits for a guest to
 * read them; to write those of one that runs it takes its job, and waits for it for 30 s at most.
 */

/* What counts for the domain as it is now. */
void vs_metadata_read_run(const VsJob *job, virConnectPtr connection, VsResult *result);

/* Writes job->changes into our metadata, of the run and of what is kept, as far as the domain has
 * each, and reads what counts then. Nothing is written where the whole would not be right. */
void vs_metadata_write_run(const VsJob *job, virConnectPtr connection, VsResult *result);

/* What @said ("KEY=VALUE" each, NULL: nothing) comes to with @changes: the key of each is replaced
 * where it stands, or added at the end; one with an empty value is taken out. @replace: nothing of
 * @said stays. The caller owns it. */
char **vs_metadata_merge(char *const *said, char *const *changes, bool replace);
