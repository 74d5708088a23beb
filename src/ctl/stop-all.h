/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "ctl/stop-view.h"
#include "ctl/stop-wait.h"

/* Asks for the stop of all guests with @ctl's options, and adds each guest's stop to @wait. */
bool vs_stop_all_ask(VsCtl *ctl, VsStopWait *wait, GError **error);

/* Waits until all are over, or a signal comes; what the verb exits with. */
VsExit vs_stop_all_wait(VsCtl *ctl, VsStopWait *wait, VsStopView *view);
