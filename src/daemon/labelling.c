/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/labelling.h"

typedef struct Labelling {
    VsVirtSink tell;
    void *userdata;
    VsBusLabelled answer;
    void *to;
} Labelling;

static void
on_labels(const VsDomainId *domain, const VsLabels *labels, const GError *error, void *data)
{
    g_autofree Labelling *labelling = data;
    VsEvent event = {.type = VS_EVENT_LABELLED, .domain = domain, .labelled.labels = labels};

    if (labels)
        labelling->tell(&event, labelling->userdata);
    labelling->answer(labels, error, labelling->to);
}

void
vs_labelling_ask(VsVirt *virt, const VsDomainId *domain, char *const *changes, bool replace,
                 VsVirtSink tell, void *userdata, VsBusLabelled answer, void *to)
{
    Labelling *labelling = g_new(Labelling, 1);

    *labelling = (Labelling){tell, userdata, answer, to};
    if (changes)
        vs_virt_write_labels(virt, domain, changes, replace, on_labels, labelling);
    else
        vs_virt_read_labels(virt, domain, on_labels, labelling);
}
