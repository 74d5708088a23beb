/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "client/exit.h"

#include "util/error.h"

VsExit
vs_exit_of_error(const GError *error)
{
    if (error->domain != VS_ERROR)
        return VS_EXIT_FAILED;
    switch ((VsError)error->code) {
    case VS_ERROR_INVALID:
        return VS_EXIT_USAGE;
    case VS_ERROR_NO_SUCH_DOMAIN:
        return VS_EXIT_NO_SUCH_DOMAIN;
    case VS_ERROR_ACCESS:
        return VS_EXIT_NOT_AUTHORISED;
    default:
        return VS_EXIT_FAILED;
    }
}

VsExit
vs_exit_of_outcome(const char *outcome)
{
    static const char *const done[] = {"clean", "already-off", NULL};
    static const char *const forced[] = {"forced", "halted", NULL};

    if (outcome && g_strv_contains(done, outcome))
        return VS_EXIT_OK;
    if (outcome && g_strv_contains(forced, outcome))
        return VS_EXIT_FORCED;
    return VS_EXIT_FAILED;
}

VsExit
vs_exit_worse(VsExit one, VsExit other)
{
    /* A guest that still runs outranks one that isn't there. */
    static const VsExit order[] = {VS_EXIT_USAGE, VS_EXIT_NOT_AUTHORISED, VS_EXIT_FAILED,
                                   VS_EXIT_NO_SUCH_DOMAIN, VS_EXIT_FORCED};

    for (unsigned i = 0; i < G_N_ELEMENTS(order); i++)
        if (one == order[i] || other == order[i])
            return order[i];
    return VS_EXIT_OK;
}
