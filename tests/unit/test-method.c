/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/method.h"

#include <string.h>

#include "core/ladder.h"
#include "vs-test.h"

static bool
is_step(VsMethod method)
{
    return vs_method_info(method)->place != VS_PLACE_NONE;
}

static void
test_names(void)
{
    for (VsMethod i = 0; i < VS_N_METHODS; i++) {
        VsMethod found = VS_N_METHODS, step = VS_N_METHODS;

        g_assert_cmpstr(vs_method_info(i)->name, ==, vs_method_name(i));
        g_assert_true(vs_method_find(vs_method_name(i), &found));
        g_assert_cmpint(found, ==, i);
        g_assert_true(vs_method_parse(vs_method_name(i), &step) == is_step(i));
        g_assert_cmpint(step, ==, is_step(i) ? i : VS_N_METHODS);
    }
    g_assert_false(vs_method_find("", &(VsMethod){0}));
    g_assert_false(vs_method_find("Agent", &(VsMethod){0}));
    g_assert_false(vs_method_find("bazooka", &(VsMethod){0}));
}

/* What each row says goes together. */
static void
test_rows(void)
{
    for (VsMethod i = 0; i < VS_N_METHODS; i++) {
        const VsMethodInfo *info = vs_method_info(i);

        vs_test_note(info->name);
        g_assert_nonnull(info->title);
        g_assert_true((info->doing != NULL) == is_step(i));
        if (info->place == VS_PLACE_ANY) {
            g_assert_cmpint(info->span, >, 0);
            g_assert_cmpint(info->effect, !=, VS_EFFECT_NONE);
        }
        if (info->effect == VS_EFFECT_ASKS) { /* it has to hear it */
            g_assert_cmpint(info->need, ==, VS_NEED_RUNNING);
            g_assert_cmpint(info->way, !=, VS_WAY_NONE);
        }
        if (info->effect == VS_EFFECT_FORCES) { /* it always works, and waits for nobody */
            g_assert_cmpint(info->need, ==, VS_NEED_NOTHING);
            g_assert_cmpint(info->workers, ==, VS_WORKERS_FORCE);
        }
        if (info->presses)
            g_assert_cmpint(info->effect, ==, VS_EFFECT_ASKS);
    }
}

/* A ladder takes each step as the table has it. */
static void
test_ladders(void)
{
    for (VsMethod i = 0; i < VS_N_METHODS; i++) {
        const VsMethodInfo *info = vs_method_info(i);
        g_autofree char *pressed = g_strconcat(info->name, ",press=3", NULL);
        g_autofree char *timed = g_strconcat(info->name, ":7s", NULL);
        g_autofree char *followed = g_strconcat(info->name, " leave", NULL);
        VsLadder ladder = {0};

        vs_test_note(info->name);
        g_assert_true(vs_ladder_parse(info->name, &ladder, NULL) == is_step(i));
        if (!is_step(i))
            continue;
        g_assert_cmpint(ladder.steps[0].span, ==, info->span);
        g_assert_true(vs_ladder_forces(&ladder) == (info->effect == VS_EFFECT_FORCES));
        g_assert_true(vs_ladder_parse(pressed, &ladder, NULL) == info->presses);
        g_assert_true(vs_ladder_parse(timed, &ladder, NULL) == (info->place == VS_PLACE_ANY));
        g_assert_true(vs_ladder_parse(followed, &ladder, NULL) == (info->place == VS_PLACE_ANY));
    }
}

static void
test_lists(void)
{
    g_autofree char *steps = vs_method_list(false), *pressed = vs_method_list(true);

    g_assert_cmpstr(steps, ==,
                    "agent, power-button, initctl, signal, paravirt, save, "
                    "terminate, destroy, leave");
    g_assert_cmpstr(pressed, ==, "power-button");
}

/* Each step has a paragraph of its own in the manual, with its time where that isn't in Ladder='s
 * default. */
static void
test_manual(void)
{
    const char *top = g_getenv("top_srcdir") ? g_getenv("top_srcdir") : ".";
    g_autofree char *path = g_build_filename(top, "man", "virtstop.conf.5.rst", NULL);
    g_autofree char *manual = vs_test_read(path);

    for (VsMethod i = 0; i < VS_N_METHODS; i++) {
        g_autofree char *term = g_strdup_printf("\n    ``%s``\n        ", vs_method_name(i));

        vs_test_note(vs_method_name(i));
        g_assert_true((strstr(manual, term) != NULL) == is_step(i));
    }
}

int
main(int argc, char **argv)
{
    vs_test_init(&argc, &argv);
    g_test_add_func("/method/names", test_names);
    g_test_add_func("/method/rows", test_rows);
    g_test_add_func("/method/ladders", test_ladders);
    g_test_add_func("/method/lists", test_lists);
    g_test_add_func("/method/manual", test_manual);
    return g_test_run();
}
