/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "util/error.h"

GQuark
vs_error_quark(void)
{
    return g_quark_from_static_string("vs-error-quark");
}
