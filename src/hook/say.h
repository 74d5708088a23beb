/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Who hears what the hook says. People at the console are told each step, for they see nothing
 * else; the journal has those from virtstopd, and gets from here only what that doesn't say. */

/* Where steps go to: the console where standard output is the journal, else standard output. A
 * console that takes nothing is waited for no more than one that isn't there. */
typedef struct VsHookConsole {
    int fd;             /* -1: none */
    const char *prefix; /* of each line: others speak there, too */
} VsHookConsole;

VsHookConsole vs_hook_console_open(void);
void vs_hook_console_close(VsHookConsole *console);

/* Both take lines, with their ends. */
void vs_hook_say_step(const VsHookConsole *console, const char *lines);
void vs_hook_say(const char *lines);
