/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bus/inquiry.h"

#include "bus/gate.h"
#include "engine/undecided.h"
#include "work/timer.h"

/* So many of a user wait at once, but of root and of the one that we run as. */
#define MAX_OF_USER 8

typedef struct Inquiry {
    uint64_t number;
    VsBusCaller *by;
    VsBusInquired answer;
    GDestroyNotify free_data;
    void *data;
    bool answered;
    char *why_not;
} Inquiry;

struct VsBusInquiries {
    uint64_t n;     /* so many were begun */
    GPtrArray *all; /* of Inquiry */
    GSource *timer; /* for those that are answered */
};

static void
inquiry_free(void *data)
{
    Inquiry *inquiry = data;

    inquiry->by->n_inquiring--;
    inquiry->by->user->n_inquiring--;
    if (inquiry->data)
        inquiry->free_data(inquiry->data);
    g_free(inquiry->why_not);
    g_free(inquiry);
}

static gboolean
on_timer(void *userdata)
{
    VsBus *bus = userdata;
    GPtrArray *all = bus->inquiries->all;

    g_source_set_ready_time(bus->inquiries->timer, -1);
    for (unsigned i = 0; i < all->len;) {
        Inquiry *inquiry = all->pdata[i];

        if (!inquiry->answered) {
            i++;
            continue;
        }
        g_ptr_array_steal_index(all, i);
        inquiry->answer(bus, inquiry->why_not, g_steal_pointer(&inquiry->data));
        inquiry_free(inquiry);
    }
    return G_SOURCE_CONTINUE;
}

void
vs_bus_inquiries_init(VsBus *bus)
{
    VsBusInquiries *inquiries = g_new0(VsBusInquiries, 1);

    inquiries->all = g_ptr_array_new_with_free_func(inquiry_free);
    inquiries->timer = vs_timer_new(on_timer, bus);
    g_source_attach(inquiries->timer, NULL);
    bus->inquiries = inquiries;
}

void
vs_bus_inquiries_drop(VsBus *bus)
{
    g_ptr_array_set_size(bus->inquiries->all, 0);
}

void
vs_bus_inquiries_clear(VsBus *bus)
{
    g_source_destroy(bus->inquiries->timer);
    g_source_unref(bus->inquiries->timer);
    g_ptr_array_unref(bus->inquiries->all);
    g_clear_pointer(&bus->inquiries, g_free);
}

static bool
has_room(const VsBusUser *user)
{
    return user->trusted || user->n_inquiring < MAX_OF_USER;
}

static Inquiry *
inquiry_new(VsBusInquiries *inquiries, VsBusCaller *by)
{
    Inquiry *inquiry = g_new0(Inquiry, 1);

    inquiry->number = ++inquiries->n;
    inquiry->by = by;
    by->n_inquiring++;
    by->user->n_inquiring++;
    return inquiry;
}

/* @event: its number is set here. */
static bool
begin(VsBus *bus, VsEvent *event, sd_bus_message *message, VsBusInquired answer,
      GDestroyNotify free_data, void *data)
{
    VsBusInquiries *inquiries = bus->inquiries;
    VsBusCaller *by = vs_bus_gate_caller(bus, message);
    Inquiry *inquiry = by && has_room(by->user) ? inquiry_new(inquiries, by) : NULL;

    if (!inquiry)
        return false;
    event->inquire.number = inquiry->number;
    inquiry->answer = answer;
    inquiry->free_data = free_data;
    g_ptr_array_add(inquiries->all, inquiry);
    if (bus->ops.request(event, NULL, NULL, bus->userdata)) {
        inquiry->data = data;
        return true;
    }
    g_ptr_array_remove_index(inquiries->all, inquiries->all->len - 1);
    return false;
}

bool
vs_bus_inquire(VsBus *bus, const char *text, const char *uri, sd_bus_message *message,
               VsBusInquired answer, GDestroyNotify free_data, void *data)
{
    VsEvent event = {.type = VS_EVENT_INQUIRE, .inquire = {.text = text, .uri = uri}};

    return begin(bus, &event, message, answer, free_data, data);
}

bool
vs_bus_inquire_part(VsBus *bus, const VsPart *part, sd_bus_message *message, VsBusInquired answer,
                    GDestroyNotify free_data, void *data)
{
    VsEvent event = {.type = VS_EVENT_INQUIRE, .inquire = {.part = part}};

    return vs_undecided_any(bus->engine, part) &&
           begin(bus, &event, message, answer, free_data, data);
}

/* What follows is a step of its own, which comes when this one is carried out. */
void
vs_bus_inquired(VsBus *bus, VsAction *action)
{
    const GPtrArray *all = bus->inquiries->all;

    for (unsigned i = 0; i < all->len; i++) {
        Inquiry *inquiry = all->pdata[i];

        if (inquiry->number != action->call)
            continue;
        inquiry->answered = true;
        inquiry->why_not = g_steal_pointer(&action->text);
        g_source_set_ready_time(bus->inquiries->timer, 0);
    }
}
