/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "played-polkit.h"

#include <unistd.h>

#include "bus-client.h"
#include "bus/source.h"

static int
method_check(sd_bus_message *message, void *userdata, sd_bus_error *ret_error)
{
    PlayedPolkit *polkit = userdata;

    g_ptr_array_add(polkit->questions, sd_bus_message_ref(message));
    polkit->n_asked++;
    return 1;
}

static int
method_cancel(sd_bus_message *message, void *userdata, sd_bus_error *ret_error)
{
    PlayedPolkit *polkit = userdata;
    const char *id;

    g_assert_cmpint(sd_bus_message_read(message, "s", &id), >, 0);
    g_string_append_printf(polkit->cancelled, "%s ", id);
    return sd_bus_reply_method_return(message, NULL);
}

/* clang-format off */
static const sd_bus_vtable vtable[] = {
    SD_BUS_VTABLE_START(0),
    SD_BUS_METHOD("CheckAuthorization", "(sa{sv})sa{ss}us", "(bba{ss})", method_check,
                  SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD("CancelCheckAuthorization", "s", "", method_cancel, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_VTABLE_END,
};
/* clang-format on */

static void
unref_message(gpointer message)
{
    sd_bus_message_unref(message);
}

static int
on_name(sd_bus_message *reply, void *userdata, sd_bus_error *ret_error)
{
    *(bool *)userdata = true;
    return 0;
}

void
played_polkit_start(BusFixture *fixture, PlayedPolkit *polkit)
{
    bool named = false;
    sd_event *event;

    polkit->questions = g_ptr_array_new_with_free_func(unref_message);
    polkit->n_asked = 0;
    polkit->cancelled = g_string_new(NULL);
    g_assert_cmpint(sd_event_new(&event), >=, 0);
    g_assert_cmpint(sd_bus_open_system(&polkit->bus), >=, 0);
    g_assert_cmpint(sd_bus_attach_event(polkit->bus, event, SD_EVENT_PRIORITY_NORMAL), >=, 0);
    polkit->source = vs_bus_source_new(event);
    g_source_attach(polkit->source, NULL);
    sd_event_unref(event);
    g_assert_cmpint(
        sd_bus_add_object_vtable(polkit->bus, NULL, "/org/freedesktop/PolicyKit1/Authority",
                                 "org.freedesktop.PolicyKit1.Authority", vtable, polkit),
        >=, 0);
    g_assert_cmpint(sd_bus_request_name_async(polkit->bus, NULL, "org.freedesktop.PolicyKit1", 0,
                                              on_name, &named),
                    >=, 0);
    while (!named)
        bus_fixture_turn(fixture);
}

void
played_polkit_end(PlayedPolkit *polkit)
{
    g_ptr_array_unref(polkit->questions);
    g_string_free(polkit->cancelled, TRUE);
    sd_bus_detach_event(polkit->bus);
    sd_bus_flush_close_unref(polkit->bus);
    g_source_destroy(polkit->source);
    g_source_unref(polkit->source);
}

static void
tell_details(sd_bus_message *question, GString *text)
{
    const char *key, *value;
    bool has_prompt = false;

    g_assert_cmpint(sd_bus_message_enter_container(question, 'a', "{ss}"), >, 0);
    while (sd_bus_message_read(question, "{ss}", &key, &value) > 0) {
        has_prompt |= g_str_equal(key, "polkit.message");
        if (!g_str_has_prefix(key, "polkit."))
            g_string_append_printf(text, " %s=%s", key, value);
    }
    g_assert_true(has_prompt); /* the policy file's own isn't translated */
    g_assert_cmpint(sd_bus_message_exit_container(question), >, 0);
}

static char *
tell(sd_bus_message *question)
{
    const char *kind, *key, *name, *action, *id;
    g_autoptr(GString) details = g_string_new(NULL);
    uint32_t flags;

    g_assert_cmpint(sd_bus_message_read(question, "(sa{sv})s", &kind, 1, &key, "s", &name, &action),
                    >, 0);
    g_assert_cmpstr(kind, ==, "system-bus-name");
    g_assert_cmpstr(key, ==, "name");
    tell_details(question, details);
    g_assert_cmpint(sd_bus_message_read(question, "us", &flags, &id), >, 0);
    return g_strdup_printf("%s %s %u %s%s", action, name, flags, *id ? id : "-", details->str);
}

char *
played_polkit_await(BusFixture *fixture, PlayedPolkit *polkit, unsigned n)
{
    sd_bus_message *last;

    while (polkit->n_asked < n)
        bus_fixture_turn(fixture);
    last = polkit->questions->pdata[polkit->questions->len - 1];
    g_assert_cmpint(sd_bus_message_rewind(last, true), >=, 0);
    return tell(last);
}

void
played_polkit_answer(PlayedPolkit *polkit, PlayedAnswer answer)
{
    g_autoptr(sd_bus_message) question = g_ptr_array_steal_index(polkit->questions, 0);
    int r;

    if (answer == PLAYED_ERROR)
        r = sd_bus_reply_method_errorf(question, "org.freedesktop.PolicyKit1.Error.Failed",
                                       "it is broken");
    else
        r = sd_bus_reply_method_return(question, "(bba{ss})", answer == PLAYED_YES,
                                       answer == PLAYED_CHALLENGE, 0);
    g_assert_cmpint(r, >=, 0);
}

bool
played_polkit_set_up(BusFixture *fixture, PlayedPolkit *polkit, int64_t span)
{
    if (getuid() != 0) {
        g_test_skip("only root can become somebody else");
        return false;
    }
    if (!bus_fixture_set_up_bus(fixture))
        return false;
    fixture->polkit_span = span;
    bus_fixture_start(fixture);
    bus_fixture_connect_client(fixture);
    if (polkit)
        played_polkit_start(fixture, polkit);
    return true;
}

void
played_polkit_tear_down(BusFixture *fixture, PlayedPolkit *polkit)
{
    if (polkit)
        played_polkit_end(polkit);
    bus_fixture_tear_down(fixture);
}
