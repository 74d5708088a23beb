/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "work/timer.h"

static gboolean
dispatch(GSource *source, GSourceFunc callback, void *data)
{
    return callback(data);
}

static GSourceFuncs funcs = {.dispatch = dispatch};

GSource *
vs_timer_new(GSourceFunc fire, void *data)
{
    GSource *source = g_source_new(&funcs, sizeof(GSource));

    g_source_set_callback(source, fire, data, NULL);
    return source;
}
