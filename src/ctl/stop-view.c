/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "ctl/stop-view.h"

#include <stdio.h>

#include "ctl/describe.h"
#include "ctl/output.h"
#include "ctl/story-request.h"
#include "ctl/story.h"
#include "ctl/terminal.h"
#include "util/i18n.h"
#include "util/text.h"

#define MAX_NAME_COLUMNS 30

/* What a line-by-line view has told of one stop. */
typedef struct Told {
    char *step;
    unsigned taken;
} Told;

struct VsStopView {
    const VsCtl *ctl;
    bool live;
    const GPtrArray *list; /* of VsWaited */
    unsigned drawn;        /* lines of the live part that are on the terminal */
    GHashTable *told;      /* VsWaited: Told */
};

static void
told_free(gpointer data)
{
    Told *told = data;

    g_free(told->step);
    g_free(told);
}

VsStopView *
vs_stop_view_new(const VsCtl *ctl)
{
    VsStopView *view = g_new0(VsStopView, 1);

    view->ctl = ctl;
    view->live = ctl->json == VS_JSON_OFF && vs_terminal_has_cursor();
    view->told = g_hash_table_new_full(NULL, NULL, NULL, told_free);
    return view;
}

void
vs_stop_view_free(VsStopView *view)
{
    g_hash_table_unref(view->told);
    g_free(view);
}

void
vs_stop_view_set_list(VsStopView *view, const GPtrArray *list)
{
    view->list = list;
}

static char *
name_of(const VsWaited *waited)
{
    return vs_text_printable(waited->name ? waited->name : waited->argument);
}

/* Up to where the live part begins, and all below away. */
static void
erase(VsStopView *view)
{
    if (view->drawn > 0)
        vs_output_printf("\033[%uA\033[J", view->drawn);
    view->drawn = 0;
}

/* What the last step that is over came to. */
static char *
last_taken(const VsStopObject *stop)
{
    char *text = NULL;

    for (unsigned i = stop->taken ? stop->taken->len : 0; i > 0 && !text; i--)
        text = vs_describe_taken(&g_array_index(stop->taken, VsTakenStep, i - 1));
    return text;
}

static void
draw_line(VsStopView *view, const VsWaited *waited, size_t name_columns, size_t columns)
{
    g_autofree char *name = name_of(waited), *fitted = vs_text_fit(name, name_columns);
    g_autofree char *progress = vs_describe_progress(view->ctl, &waited->stop);
    g_autofree char *taken = last_taken(&waited->stop);
    g_autofree char *rest =
        taken ? g_strdup_printf(_("%s (%s)"), progress, taken) : g_strdup(progress);
    size_t room = columns > name_columns + 3 ? columns - name_columns - 3 : 1;
    g_autofree char *cut = vs_text_columns(rest) > room ? vs_text_fit(rest, room) : g_strdup(rest);

    vs_output_printf("%s%s%s  %s\n", vs_terminal_colour(VS_COLOUR_BOLD), fitted,
                     vs_terminal_plain(), cut);
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
        g_autofree char *name = name_of(waited);
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

static Told *
told_of(VsStopView *view, const VsWaited *waited)
{
    Told *told = g_hash_table_lookup(view->told, waited);

    if (!told) {
        told = g_new0(Told, 1);
        g_hash_table_insert(view->told, (gpointer)waited, told);
    }
    return told;
}

/* Each result and each step once. */
static void
tell_change(VsStopView *view, const VsWaited *waited)
{
    const GArray *taken = waited->stop.taken;
    Told *told = told_of(view, waited);
    g_autofree char *name = name_of(waited);
    g_autofree char *step = vs_describe_step(&waited->stop);

    for (; taken && told->taken < taken->len; told->taken++) {
        g_autofree char *text = vs_describe_taken(&g_array_index(taken, VsTakenStep, told->taken));
        if (!text)
            break;
        vs_output_printf("%s: %s\n", name, text);
    }
    if (g_strcmp0(step, told->step) != 0) {
        vs_output_printf("%s: %s\n", name, step);
        g_free(told->step);
        told->step = g_steal_pointer(&step);
    }
    fflush(stdout);
}

static void
on_changed(const VsWaited *waited, void *userdata)
{
    VsStopView *view = userdata;

    if (view->live)
        redraw(view);
    else if (view->ctl->json == VS_JSON_OFF)
        tell_change(view, waited);
}

static VsExit
exit_of(const VsWaited *waited)
{
    const char *outcome = waited->outcome ? waited->outcome : "";

    if (waited->error)
        return vs_exit_of_error(waited->error);
    if (g_str_equal(outcome, "clean") || g_str_equal(outcome, "already-off"))
        return VS_EXIT_OK;
    if (g_str_equal(outcome, "forced") || g_str_equal(outcome, "halted"))
        return VS_EXIT_FORCED;
    return VS_EXIT_FAILED;
}

static void
print_json(const VsCtl *ctl, const VsWaited *waited)
{
    g_autoptr(json_object) object = json_object_new_object();

    vs_json_set_string(object, "domain", waited->name ? waited->name : waited->argument);
    vs_json_set_string(object, "stop", waited->id);
    vs_json_set_string(object, "outcome", waited->outcome);
    vs_json_set(object, "record", json_object_get(waited->record));
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
    VsColour colour = colours[exit_of(waited)];
    g_autofree char *name = name_of(waited);
    g_autofree char *story =
        waited->record ? vs_story_short(waited->record) : vs_story_outcome(waited->outcome);
    g_autofree char *taken = waited->record ? NULL : last_taken(&waited->stop);

    vs_output_printf("%s: %s%s%s%s%s%s\n", name, vs_terminal_colour(colour), story,
                     vs_terminal_plain(), taken ? " (" : "", taken ? taken : "", taken ? ")" : "");
}

static void
on_over(const VsWaited *waited, void *userdata)
{
    VsStopView *view = userdata;

    erase(view);
    if (waited->error)
        vs_output_fail(waited->argument, waited->error);
    else if (view->ctl->json != VS_JSON_OFF)
        print_json(view->ctl, waited);
    else
        print_end(waited);
    if (view->live)
        draw(view);
    fflush(stdout);
}

static void
on_say(const char *text, void *userdata)
{
    VsStopView *view = userdata;

    erase(view);
    vs_output_complain("%s", text);
    if (view->live)
        draw(view);
}

VsStopWaitOps
vs_stop_view_ops(const VsStopView *view)
{
    return (VsStopWaitOps){
        .changed = on_changed,
        .over = on_over,
        .tick = view->live ? on_tick : NULL,
        .say = on_say,
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
vs_stop_view_left(VsStopView *view, int signal, const char *left)
{
    leave(view);
    vs_output_complain("%s", left);
    return VS_EXIT_SIGNAL + signal;
}

VsExit
vs_stop_view_status(const VsStopView *view)
{
    VsExit status = VS_EXIT_OK;

    for (unsigned i = 0; i < view->list->len; i++) {
        const VsWaited *waited = g_ptr_array_index(view->list, i);
        if (!waited->twin)
            status = vs_exit_worse(status, exit_of(waited));
    }
    return status;
}

VsExit
vs_stop_view_wait(VsStopView *view, VsStopWait *wait, const char *left)
{
    int signal = vs_stop_wait_run(wait);

    return signal > 0 ? vs_stop_view_left(view, signal, left) : vs_stop_view_status(view);
}
