/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/guest-labels.h"

#include <syslog.h>

#include "util/i18n.h"
#include "util/text.h"

/* Each complaint once. */
static void
complain(VsEngine *engine, const VsGuest *guest, const VsLabels *labels)
{
    g_autofree char *name = vs_text_quoted(guest->domain.name);
    const char *before = guest->labels ? guest->labels->complaint : NULL;

    if (!labels->complaint || g_strcmp0(labels->complaint, before) == 0)
        return;
    if (labels->refused)
        vs_engine_note(engine, guest, LOG_WARNING,
                       _("%s: the policy in its metadata is refused, what held before stays: %s"),
                       name, labels->complaint);
    else
        vs_engine_note(engine, guest, LOG_WARNING, _("%s: in the policy of its metadata: %s"), name,
                       labels->complaint);
}

static void
set(VsEngine *engine, VsGuest *guest, VsLabels *labels)
{
    if (!vs_labels_equal(guest->labels, labels))
        vs_engine_changed(engine, guest);
    vs_labels_unref(guest->labels);
    guest->labels = labels;
}

/* Of a stop by the guest's own policy that has not begun. */
static void
set_ladder(VsEngine *engine, VsGuest *guest)
{
    VsStop *stop = guest->stop;
    VsGuestPolicy policy;

    if (!stop || !stop->by_policy || stop->taken->len > 0 || stop->step > 0 ||
        stop->phase > VS_PHASE_WAITING)
        return;
    vs_guest_policy(guest, &engine->policy, &policy);
    stop->ladder = policy.ladder;
    vs_engine_stop_changed(engine, guest);
}

void
vs_guest_labels_take(VsEngine *engine, VsGuest *guest, const VsLabels *labels)
{
    VsLabels *now = vs_labels_follow(labels, guest->labels);

    engine->newcomers |= !guest->labels && guest->run; /* it may be of a part that is stopped */
    complain(engine, guest, now);
    set(engine, guest, now);
    set_ladder(engine, guest);
}

void
vs_guest_labels_event(VsEngine *engine, const VsEvent *event)
{
    VsGuest *guest = vs_engine_get(engine, event->domain);

    if (!guest)
        return;
    vs_guest_labels_take(engine, guest, event->labelled.labels);
    if (guest->run)
        vs_engine_unsaved(engine, guest);
}

void
vs_guest_labels_drop(VsEngine *engine, VsGuest *guest)
{
    set(engine, guest, NULL);
}
