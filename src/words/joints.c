/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "words/joints.h"

#include <glib.h>

#include "util/i18n.h"

const char *
vs_joint_names(void)
{
    return C_("between names", ", ");
}

const char *
vs_joint_parts(void)
{
    return C_("between parts of a sentence", ", ");
}

const char *
vs_joint_list(void)
{
    return C_("before a list", ": ");
}

const char *
vs_joint_statements(void)
{
    return C_("between statements", "; ");
}

const char *
vs_joint_end(void)
{
    return C_("end of a sentence", ".");
}
