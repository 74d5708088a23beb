/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdint.h>

/* One program that runs, in a process group of its own. It can hold up nobody: what it reads is
 * a file in memory, what it writes goes to our log and is bounded, and its time is. */

typedef struct VsHookProgram VsHookProgram;

/* @why: what went wrong with it; NULL: nothing. */
typedef void (*VsHookProgramEnded)(VsHookProgram *program, const char *why, void *userdata);

/* Runs it with @argument, and @input on its standard input, for @span µs at most. @ended is called
 * once, from the main loop; the program is freed behind that, or as its process is gone. */
void vs_hook_program_run(const char *path, const char *argument, const char *input, int64_t span,
                         VsHookProgramEnded ended, void *userdata);

/* The file's name. */
const char *vs_hook_program_name(const VsHookProgram *program);
