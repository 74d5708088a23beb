/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "client/request.h"

typedef struct VsHookOptions {
    VsRequest request; /* its texts are the command line's */
    VsScope scope;
    bool help, version;
} VsHookOptions;

bool vs_hook_options_parse(int argc, char **argv, VsHookOptions *ret, GError **error);
