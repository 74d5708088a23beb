/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* clang-format off */
/* A virtstopd that is no more than its D-Bus service, for the hook: a program of its own, that may
 * hang, die, or not start. It is told what to be by files in $FAKE_DIR, and tells there:
 *
 *     stops/NAME   a guest whose stop is in flight, or will be; holds its stop's id
 *     plan         a word for each time it is run: "serve" (or none), "dies" inside StopAll(),
 *                  "mute", "freezes" when it has answered
 *     breaks       names of variables of the environment, without which it doesn't start
 *     hold         where it is, guests don't go down; nor does StoppingAll end with "waits"
 *     joins        the name of a guest that joins when another one is off
 *     nobody-knows where it is, stops come out so
 *     untold       where it is, the bus is told of stops only when they are over
 *     away         the URI where libvirt isn't connected
 *
 *     runs, asked, history, looked-up
 *                  a line for each run, StopAll(), record, ListRecords()
 *     requests     the options of each StopAll()
 *     named        where it is, it has its name on the bus
 */
/* clang-format on */
int fake_virtstopd_main(int argc, char **argv);
