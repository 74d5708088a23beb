/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The hook as virtstop-guests.service runs it, but with what it needs in $FAKE_DIR, and with the
 * patience of a test; it gives up after $FAKE_SILENCE ms. */
int hook_main(int argc, char **argv);
