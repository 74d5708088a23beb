/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "ctl/stop-view.h"

#include <stdio.h>

#include "client/records.h"
#include "ctl/joined.h"
#include "ctl/output.h"
#include "ctl/terminal.h"
#include "util/i18n.h"
#include "util/text.h"
#include "words/complain.h"
#include "words/describe.h"
#include "words/unwritten.h"
#include "words/waited.h"
#include "words/whole.h"

#define MAX_NAME_COLUMNS 30

struct VsStopView {
    VsCtl *ctl;
    bool live, held;
    const GPtrArray *list; /* of VsWaited */
    const VsWhole *whole;  /* or NULL */
    unsigned drawn;        /* lines of the live part that are on the terminal */
    VsTold *told;
    GHashTable *seen; /* of VsWaited: of these it was told that they go on by another ladder, or it
                         needn't be; NULL: of none it has to be */
};

VsStopView *
vs_stop_view_new(VsCtl *ctl)
{
    VsStopView *view = g_new0(VsStopView, 1);

    view->ctl = ctl;
    view->live = ctl->json == VS_JSON_OFF && vs_terminal_has_cursor();
    view->told = vs_told_new();
    return view;
}

void
vs_stop_view_free(VsStopView *view)
{
    vs_told_free(view->told);
    g_clear_pointer(&view->seen, g_hash_table_unref);
    g_free(view);
}

void
vs_stop_view_set_list(VsStopView *view, const GPtrArray *list)
{
    view->list = list;
}

void
vs_stop_view_hold(VsStopView *view)
{
    view->held = true;
}

void
vs_stop_view_tell_joined(VsStopView *view)
{
    view->seen = g_hash_table_new(NULL, NULL);
}

/* Up to where the live part begins, and all below away. */
static void
erase(VsStopView *view)
{
    if (view->drawn > 0)
        vs_output_printf("\033[%uA\033[J", view->drawn);
    view->drawn = 0;
}

static void
draw_line(VsStopView *view, const VsWaited *waited, size_t name_columns, size_t columns)
{
    g_autofree char *name = vs_waited_name(waited), *fitted = vs_text_fit(name, name_columns);
    g_autofree char *progress = vs_describe_progress(&view->ctl->client, &waited->stop);
    g_autofree char *taken = vs_waited_taken(waited);
    g_autofree char *rest =
        taken ? g_strdup_printf(_("%s (%s)"), progress, taken) : g_strdup(progress);
    size_t room = columns > name_columns + 3 ? columns - name_columns - 3 : 1;
    g_autofree char *cut = vs_text_columns(rest) > room ? vs_text_fit(rest, room) : g_strdup(rest);

    vs_output_printf("%s%s%s  %s\n", vs_terminal_colour(VS_COLOUR_BOLD), fitted,
                     vs_terminal_plain(), cut);
    view->drawn++;
}

static void
draw_whole(VsStopView *view, size_t columns)
{
    g_autofree char *progress = vs_whole_progress(view->whole, &view->ctl->client, view->list);
    g_autofree char *cut =
        vs_text_columns(progress) > columns ? vs_text_fit(progress, columns) : g_strdup(progress);

    vs_output_printf("%s\n", cut);
    view->drawn++;
}

static bool
is_shown(const VsWaited *waited)
{
    return !waited->over && waited->stop.phase;
}

static size_t
widest_name(const VsStopView *view)
{
    size_t widest = 1;

    for (unsigned i = 0; i < view->list->len; i++) {
        const VsWaited *waited = g_ptr_array_index(view->list, i);
        g_autofree char *name = vs_waited_name(waited);
        if (is_shown(waited))
            widest = MAX(widest, vs_text_columns(name));
    }
    return MIN(widest, MAX_NAME_COLUMNS);
}

static void
draw(VsStopView *view)
{
    size_t columns = vs_terminal_columns(), lines = vs_terminal_lines();
    size_t name_columns = MIN(widest_name(view), columns / 2);
    unsigned left = 0;

    if (view->whole && view->list->len > 0)
        draw_whole(view, columns);
    for (unsigned i = 0; i < view->list->len; i++) {
        const VsWaited *waited = g_ptr_array_index(view->list, i);
        /* What scrolls off can't be drawn again. */
        if (is_shown(waited) && view->drawn + 3 <= lines)
            draw_line(view, waited, name_columns, columns);
        else if (is_shown(waited))
            left++;
    }
    if (left > 0) {
        vs_output_printf(_("... and %u more\n"), left);
        view->drawn++;
    }
    fflush(stdout);
}

static void
redraw(VsStopView *view)
{
    erase(view);
    draw(view);
}

static void
on_tick(void *userdata)
{
    redraw(userdata);
}

static void
tell_change(VsStopView *view, const VsWaited *waited)
{
    g_autofree char *news = vs_waited_news(waited, view->told);

    vs_output_text(news);
    fflush(stdout);
}

/* Once, as soon as its ladder is known. */
static void
tell_joined(VsStopView *view, const VsWaited *waited)
{
    g_autofree char *name = vs_waited_name(waited);

    if (!view->seen || !waited->stop.ladder || !g_hash_table_add(view->seen, (gpointer)waited))
        return;
    erase(view);
    vs_joined_complain(view->ctl, name, &waited->stop);
}

static void
on_changed(const VsWaited *waited, void *userdata)
{
    VsStopView *view = userdata;

    tell_joined(view, waited);
    if (view->held)
        return;
    if (view->live)
        redraw(view);
    else if (view->ctl->json == VS_JSON_OFF)
        tell_change(view, waited);
}

void
vs_stop_view_go_on(VsStopView *view, const VsWhole *whole)
{
    view->held = false;
    view->whole = whole;
    for (unsigned i = 0; i < view->list->len; i++) {
        const VsWaited *waited = view->list->pdata[i];

        if (is_shown(waited))
            on_changed(waited, view);
    }
}

static void
print_json(VsCtl *ctl, const VsWaited *waited)
{
    g_autoptr(json_object) object = json_object_new_object();

    vs_json_set_string(object, "domain", waited->name ? waited->name : waited->argument);
    vs_json_set_string(object, "stop", waited->id);
    vs_json_set_string(object, "outcome", waited->outcome);
    vs_json_set(object, "record",
                waited->record ? vs_record_whole(&ctl->client, waited->record) : NULL);
    vs_output_json(ctl, object);
}

static void
print_end(const VsWaited *waited)
{
    static const VsColour colours[] = {
        [VS_EXIT_OK] = VS_COLOUR_GREEN,
        [VS_EXIT_FAILED] = VS_COLOUR_RED,
        [VS_EXIT_FORCED] = VS_COLOUR_YELLOW,
    };
    VsColour colour = colours[vs_waited_exit(waited)];
    g_autofree char *name = vs_waited_name(waited), *end = vs_waited_end(waited);

    vs_output_printf("%s: %s%s%s\n", name, vs_terminal_colour(colour), end, vs_terminal_plain());
}

static void
on_over(const VsWaited *waited, void *userdata)
{
    VsStopView *view = userdata;

    tell_joined(view, waited);
    erase(view);
    if (waited->stop.unkept) {
        g_autofree char *name = vs_waited_name(waited);

        vs_unwritten_complain_of_stop(name, &waited->stop);
    }
    if (waited->error)
        vs_complain_of(waited->argument, waited->error);
    else if (view->ctl->json != VS_JSON_OFF)
        print_json(view->ctl, waited);
    else
        print_end(waited);
    if (view->live && !view->held)
        draw(view);
    fflush(stdout);
}

static void
on_daemon(bool there, void *userdata)
{
    VsStopView *view = userdata;

    erase(view);
    vs_complain("%s", there ? _("virtstopd is back.")
                            : _("virtstopd went away: waiting for it to come back and go on."));
    if (view->live)
        draw(view);
}

VsStopWaitOps
vs_stop_view_ops(const VsStopView *view)
{
    return (VsStopWaitOps){
        .list = {.changed = on_changed, .over = on_over},
        .tick = view->live ? on_tick : NULL,
        .daemon = on_daemon,
    };
}

/* With what was shown last above. */
static void
leave(VsStopView *view)
{
    erase(view);
    if (view->live)
        draw(view);
    view->drawn = 0;
}

VsExit
vs_stop_view_wait(VsStopView *view, VsStopWait *wait, const char *left)
{
    int signal = vs_stop_wait_run(wait);

    if (signal <= 0) {
        erase(view);
        return vs_stop_wait_status(wait);
    }
    leave(view);
    vs_complain("%s", left);
    return VS_EXIT_SIGNAL + signal;
}
