/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "conf/conf.h"

/* Whether each step of each ladder that the configuration says can work for some guest that it may
 * be about: at one of Uris=, or where the section is about one URI, there. The error names the
 * section, the step, the URI and what is allowed there. A running daemon passes such a step over.
 */
bool vs_conf_drivers_check(const VsConf *conf, GError **error);
