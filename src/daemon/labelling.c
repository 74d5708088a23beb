/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/labelling.h"

static void
on_labels(const VsDomainId *domain, const VsLabels *labels, const GError *error, void *data)
{
    g_autofree VsLabelling *labelling = data;
    VsEvent event = {.type = VS_EVENT_LABELLED, .domain = domain, .labelled.labels = labels};

    if (labels)
        labelling->tell(&event, labelling->userdata);
    labelling->answer(labels, error, labelling->to);
}

static VsLabelling *
copy(const VsLabelling *labelling)
{
    VsLabelling *copied = g_new(VsLabelling, 1);

    *copied = *labelling;
    return copied;
}

void
vs_labelling_read(VsVirt *virt, const VsDomainId *domain, bool first, const VsLabelling *labelling)
{
    vs_virt_read_labels(virt, domain, first, on_labels, copy(labelling));
}

void
vs_labelling_write(VsVirt *virt, const VsDomainId *domain, char *const *changes, bool replace,
                   const VsLabelling *labelling)
{
    vs_virt_write_labels(virt, domain, changes, replace, on_labels, copy(labelling));
}
