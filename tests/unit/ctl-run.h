/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <stdbool.h>

/* virtstopctl, as it was built, run by a test, whose main loop notes what it says and how it ends.
 */

typedef struct CtlRun {
    GPid pid;
    GString *out, *err; /* what it wrote so far */
    int status;         /* when it has ended: the exit status, or minus the signal */
    unsigned n_open;    /* sources that are still to come to their end: none, and it has ended */
    guint sources[3];
} CtlRun;

/* What is run, of the build tree. */
extern const char *ctl_program;

/* Starts it with the words of @arguments, NULL-terminated, as the user @uid (-1: as this one).
 * False where that user can't run it. */
bool ctl_start(CtlRun *run, const char *const *arguments, int uid);

/* Starts it with a terminal of that many columns as its output. */
void ctl_start_on_terminal(CtlRun *run, const char *const *arguments, unsigned short columns);

/* Runs it to its end; fails the test where that takes too long. */
void ctl_run(CtlRun *run, const char *const *arguments);

void ctl_clear(CtlRun *run);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(CtlRun, ctl_clear)

bool ctl_has_ended(const CtlRun *run);

/* Whether @part is in the output or in the messages. */
bool ctl_said(const CtlRun *run, const char *part);

/* It ended with that exit status, and said @part. */
void assert_ctl(const CtlRun *run, int status, const char *part);
