/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/absence.h"

static const char *const names[VS_N_AWAY] = {
    [VS_AWAY_NOBODY] = "nobody",
    [VS_AWAY_LIBVIRT] = "libvirt",
    [VS_AWAY_VIRTSTOPD] = "virtstopd",
};

const char *
vs_away_name(VsAway who)
{
    return names[who];
}

void
vs_absence_begin(VsAbsence *absence, VsAway who, int64_t since)
{
    if (since <= 0)
        return;
    if (absence->who == VS_AWAY_NOBODY)
        absence->since = since;
    absence->who = MAX(absence->who, who);
}

VsWindow
vs_absence_window(const VsAbsence *absence, int64_t until)
{
    if (absence->who == VS_AWAY_NOBODY || absence->since > until)
        return (VsWindow){0};
    return (VsWindow){.from = absence->since, .until = until, .away = absence->who};
}

json_object *
vs_absence_to_json(const VsAbsence *absence)
{
    json_object *object;

    if (absence->who == VS_AWAY_NOBODY)
        return NULL;
    object = json_object_new_object();
    vs_json_set_string(object, "who", names[absence->who]);
    vs_json_set_int(object, "since", absence->since);
    return object;
}

VsAbsence
vs_absence_from_json(json_object *object)
{
    VsAbsence absence = {0};
    int64_t since = 0;
    int who = VS_AWAY_NOBODY;

    if (vs_json_int(object, "since", &since) &&
        vs_json_word(object, "who", names, G_N_ELEMENTS(names), &who, NULL) &&
        who != VS_AWAY_NOBODY)
        vs_absence_begin(&absence, who, since);
    return absence;
}
