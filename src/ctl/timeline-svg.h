/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "ctl/timeline.h"

/* As an SVG document, whatever is in the names. The caller owns it. */
char *vs_timeline_svg(const VsTimeline *timeline);
