/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/method.h"

#include "util/i18n.h"
#include "util/span.h"

static const VsMethodInfo methods[VS_N_METHODS] = {
    [VS_METHOD_AGENT] =
        {
            .name = "agent",
            .title = N_("guest agent"),
            .doing = N_("asked the guest agent"),
            .place = VS_PLACE_ANY,
            .effect = VS_EFFECT_ASKS,
            .need = VS_NEED_RUNNING,
            .way = VS_WAY_AGENT,
            .workers = VS_WORKERS_PATIENT,
            .span = 60 * VS_USEC_PER_SEC,
        },
    [VS_METHOD_POWER_BUTTON] =
        {
            .name = "power-button",
            .title = N_("power button"),
            .doing = N_("pressed the power button"),
            .place = VS_PLACE_ANY,
            .effect = VS_EFFECT_ASKS,
            .need = VS_NEED_RUNNING,
            .way = VS_WAY_ACPI,
            .workers = VS_WORKERS_QUICK,
            .presses = true,
            .span = 120 * VS_USEC_PER_SEC,
        },
    [VS_METHOD_INITCTL] =
        {
            .name = "initctl",
            .title = N_("initctl"),
            .doing = N_("asked its init by initctl"),
            .place = VS_PLACE_ANY,
            .effect = VS_EFFECT_ASKS,
            .need = VS_NEED_RUNNING,
            .way = VS_WAY_INIT,
            .workers = VS_WORKERS_QUICK,
            .span = 60 * VS_USEC_PER_SEC,
        },
    [VS_METHOD_SIGNAL] =
        {
            .name = "signal",
            .title = N_("signal to its init"),
            .doing = N_("sent a signal to its init"),
            .place = VS_PLACE_ANY,
            .effect = VS_EFFECT_ASKS,
            .need = VS_NEED_RUNNING,
            .way = VS_WAY_INIT,
            .workers = VS_WORKERS_QUICK,
            .span = 60 * VS_USEC_PER_SEC,
        },
    [VS_METHOD_PARAVIRT] =
        {
            .name = "paravirt",
            .title = N_("the hypervisor's own request"),
            .doing = N_("asked by the hypervisor's own channel"),
            .place = VS_PLACE_ANY,
            .effect = VS_EFFECT_ASKS,
            .need = VS_NEED_RUNNING,
            .way = VS_WAY_HYPERVISOR,
            .workers = VS_WORKERS_QUICK,
            .span = 120 * VS_USEC_PER_SEC,
        },
    [VS_METHOD_SAVE] =
        {
            .name = "save",
            .title = N_("save"),
            .doing = N_("being saved to disk"),
            .place = VS_PLACE_ANY,
            .effect = VS_EFFECT_SAVES,
            .need = VS_NEED_WHOLE,
            .workers = VS_WORKERS_PATIENT,
            .span = 300 * VS_USEC_PER_SEC,
        },
    [VS_METHOD_TERMINATE] =
        {
            .name = "terminate",
            .title = N_("SIGTERM to its process"),
            .doing = N_("sent SIGTERM to its process"),
            .place = VS_PLACE_ANY,
            .effect = VS_EFFECT_ENDS,
            .workers = VS_WORKERS_FORCE,
            .span = 30 * VS_USEC_PER_SEC,
        },
    [VS_METHOD_DESTROY] =
        {
            .name = "destroy",
            .title = N_("destroy"),
            .doing = N_("being destroyed"),
            .place = VS_PLACE_END,
            .effect = VS_EFFECT_FORCES,
            .workers = VS_WORKERS_FORCE,
            .span = 60 * VS_USEC_PER_SEC, /* libvirt itself gives up after 40 s */
        },
    [VS_METHOD_LEAVE] =
        {
            .name = "leave",
            .title = N_("leave"),
            .doing = N_("left to itself"),
            .place = VS_PLACE_END,
        },
    [VS_METHOD_RESUME] =
        {
            .name = "resume",
            .title = N_("resume"),
            .workers = VS_WORKERS_QUICK,
        },
    [VS_METHOD_ABORT_SAVE] =
        {
            .name = "abort-save",
            .title = N_("abort of the save"),
            .workers = VS_WORKERS_QUICK,
        },
    [VS_METHOD_WAKE] =
        {
            .name = "wake",
            .title = N_("wake-up"),
            .workers = VS_WORKERS_QUICK,
        },
    [VS_METHOD_ABORT_JOB] =
        {
            .name = "abort-job",
            .title = N_("abort of the job"),
            .workers = VS_WORKERS_QUICK,
        },
    [VS_METHOD_START] =
        {
            .name = "start",
            .title = N_("start"),
            .workers = VS_WORKERS_PATIENT,
        },
    [VS_METHOD_SET_CLOCK] =
        {
            .name = "set-clock",
            .title = N_("setting of the clock"),
            .need = VS_NEED_RUNNING,
            .way = VS_WAY_AGENT,
            .workers = VS_WORKERS_PATIENT,
        },
};

const VsMethodInfo *
vs_method_info(VsMethod method)
{
    g_assert(method < VS_N_METHODS);
    return &methods[method];
}

const char *
vs_method_name(VsMethod method)
{
    return methods[method].name;
}

bool
vs_method_find(const char *name, VsMethod *ret)
{
    for (VsMethod i = 0; i < VS_N_METHODS; i++) {
        if (g_str_equal(name, methods[i].name)) {
            *ret = i;
            return true;
        }
    }
    return false;
}

bool
vs_method_parse(const char *name, VsMethod *ret)
{
    VsMethod method;

    if (!vs_method_find(name, &method) || methods[method].place == VS_PLACE_NONE)
        return false;
    *ret = method;
    return true;
}

char *
vs_method_list(bool presses)
{
    GString *text = g_string_new(NULL);

    for (VsMethod i = 0; i < VS_N_METHODS; i++) {
        if (methods[i].place == VS_PLACE_NONE || (presses && !methods[i].presses))
            continue;
        g_string_append_printf(text, "%s%s", text->len > 0 ? ", " : "", methods[i].name);
    }
    return g_string_free(text, FALSE);
}
