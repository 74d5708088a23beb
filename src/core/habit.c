/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/habit.h"

#include "core/verdict.h"

/* The step at whose call it went down; NULL: there is none. */
static json_object *
last_step(json_object *record)
{
    json_object *steps = vs_json_array(vs_json_object(record, "request"), "steps");
    size_t n = steps ? json_object_array_length(steps) : 0;

    return n > 0 ? json_object_array_get_idx(steps, n - 1) : NULL;
}

/* Until its process was gone, which is 1 to 2 s more. Where nobody asked us, somebody pressed. */
static bool
took_of(json_object *record, int64_t *ret)
{
    json_object *step = last_step(record);
    VsCause cause;

    if (!vs_cause_parse(vs_json_string(record, "cause", ""), &cause))
        return false;
    if (!vs_json_object(record, "request"))
        return cause == VS_CAUSE_POWER_BUTTON && vs_json_msec(record, "took_ms", ret);
    if (cause != VS_CAUSE_POWER_BUTTON && cause != VS_CAUSE_GUEST_AGENT &&
        cause != VS_CAUSE_GUEST_REQUEST)
        return false;
    return step && g_str_equal(vs_json_string(step, "result", ""), "clean") &&
           vs_json_msec(step, "took_ms", ret);
}

void
vs_habit_take(VsHabit *habit, json_object *record)
{
    int64_t took;

    if (habit->n < VS_HABIT_TIMES && took_of(record, &took))
        habit->took[habit->n++] = took;
}

bool
vs_habit_fits(const VsHabit *habit, int64_t took)
{
    for (unsigned i = 0; i < habit->n; i++)
        if (took / 3 > habit->took[i] / 2 || took / 2 < habit->took[i] / 3)
            return false;
    return habit->n == VS_HABIT_TIMES;
}
