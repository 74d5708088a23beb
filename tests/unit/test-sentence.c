/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/sentence.h"

#include "vs-test.h"

/* A record in one sentence: where it depends on more than the cause. */

typedef struct Case {
    const char *record, *expected;
} Case;

#define OTHERS " was destroyed through libvirt by somebody else, not by virtstopd"
#define PANIC  " panicked, and the on_crash setting ended the guest"

static const Case cases[] = {
    {"{}", "The guest is off, and nothing tells why"},
    {"{\"domain\":{\"name\":\"a\\nb\"},\"cause\":\"unknown\"}",
     "“a\\x0ab” is off, and nothing tells why"},

    /* Whose destroy it was, the request's steps tell. */
    {"{\"cause\":\"destroyed\",\"confidence\":\"certain\",\"request\":null}", "The guest" OTHERS},
    {"{\"cause\":\"destroyed\",\"confidence\":\"certain\",\"request\":{\"steps\":[]}}",
     "The guest" OTHERS},
    {"{\"cause\":\"destroyed\",\"confidence\":\"certain\",\"request\":{\"steps\":[{\"method\":"
     "\"agent\"},{\"method\":\"the cat\"},{},1]}}",
     "The guest" OTHERS},
    {"{\"cause\":\"destroyed\",\"confidence\":\"certain\",\"request\":{\"steps\":[{\"method\":"
     "\"agent\"},{\"method\":\"destroy\"}]}}",
     "The guest was destroyed by virtstopd, by force"},
    {"{\"cause\":\"destroyed\",\"confidence\":\"likely\",\"request\":{\"steps\":[{\"method\":"
     "\"destroy\"}]}}",
     "The guest was likely destroyed by virtstopd, by force"},
    {"{\"cause\":\"destroyed\",\"confidence\":\"certain\",\"request\":{\"outcome\":\"halted\"}}",
     "The guest halted without powering off, and was destroyed by virtstopd"},
    {"{\"cause\":\"destroyed\",\"confidence\":\"likely\",\"request\":{\"outcome\":\"halted\"}}",
     "The guest halted without powering off, and was likely destroyed by virtstopd"},
    {"{\"cause\":\"guest-panic\",\"confidence\":\"certain\",\"request\":{\"steps\":[{\"method\":"
     "\"agent\"}]}}",
     "The kernel of The guest" PANIC},
    {"{\"cause\":\"guest-panic\",\"confidence\":\"certain\",\"request\":{\"steps\":[{\"method\":"
     "\"destroy\"}]}}",
     "The kernel of The guest panicked, and virtstopd ended what was left of the guest"},

    /* Who sent the signal, as far as is known. */
    {"{\"cause\":\"host-signal\",\"confidence\":\"certain\",\"signal\":\"SIGTERM\",\"killer\":{"
     "\"pid\":42,\"comm\":\"kill\"}}",
     "SIGTERM from “kill” (pid 42) on the host ended the hypervisor process of The guest"},
    {"{\"cause\":\"host-signal\",\"confidence\":\"likely\",\"killer\":{\"pid\":42}}",
     "A signal from process 42 on the host likely ended the hypervisor process of The guest"},
    {"{\"cause\":\"host-signal\",\"confidence\":\"certain\",\"signal\":\"SIG\\u001b\",\"killer\":{"
     "\"comm\":\"a\\u001bb\"}}",
     "SIG\\x1b from “a\\x1bb” on the host ended the hypervisor process of The guest"},
    {"{\"cause\":\"host-signal\",\"confidence\":\"certain\",\"signal\":\"SIGKILL\"}",
     "SIGKILL from an unknown process on the host ended the hypervisor process of The guest"},

    {"{\"cause\":\"crashed\",\"confidence\":\"certain\",\"signal\":\"SIGSEGV\"}",
     "The hypervisor process of The guest crashed: it died of SIGSEGV"},
    {"{\"cause\":\"crashed\",\"confidence\":\"likely\",\"signal\":\"SIGSEGV\"}",
     "The hypervisor process of The guest likely crashed: it died of SIGSEGV"},
    {"{\"cause\":\"crashed\",\"confidence\":\"certain\"}",
     "The hypervisor process of The guest died of itself"},
    {"{\"cause\":\"saved\",\"confidence\":\"likely\"}",
     "The guest was likely saved to disk as it ran"},
};

static json_object *
parse(const char *text)
{
    json_object *record = vs_json_parse_object(text, NULL);

    g_assert_nonnull(record);
    return record;
}

static void
test_told(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(json_object) record = parse(cases[i].record);
        g_autofree char *told = vs_sentence_tell(record);

        g_assert_cmpstr(told, ==, cases[i].expected);
    }
}

/* Of a cause that another version wrote there is no sentence, but its word. */
static void
test_other_version(void)
{
    g_autoptr(json_object) record = parse("{\"cause\":\"eaten by\\nthe cat\"}");
    g_autofree char *told = vs_sentence_tell(record), *phrase = vs_sentence_phrase(record);

    g_assert_null(told);
    g_assert_cmpstr(phrase, ==, "eaten by\\x0athe cat");
}

static void
test_phrase(void)
{
    g_autoptr(json_object) saved = parse("{\"cause\":\"saved\"}"), none = parse("{}");
    g_autofree char *of_saved = vs_sentence_phrase(saved), *of_none = vs_sentence_phrase(none);

    g_assert_cmpstr(of_saved, ==, "it was saved to disk");
    g_assert_cmpstr(of_none, ==, "nothing tells why");
}

int
main(int argc, char **argv)
{
    vs_test_init(&argc, &argv);
    g_test_add_func("/sentence/told", test_told);
    g_test_add_func("/sentence/other-version", test_other_version);
    g_test_add_func("/sentence/phrase", test_phrase);
    return g_test_run();
}
