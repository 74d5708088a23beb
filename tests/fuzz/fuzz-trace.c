/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fuzz.h"

#include "rehearsal/replay.h"
#include "util/json.h"

/* Any text as a trace: it is refused, or played to the engine to its end, in both readings. */

const char *const vs_fuzz_corpus[] = {"tests/traces/libvirt-9.0", "tests/traces/own", NULL};

static void
replay(const VsTrace *trace, bool foreign)
{
    g_autoptr(GPtrArray) records = vs_trace_replay(trace, foreign);

    for (unsigned i = 0; i < records->len; i++) {
        g_autoptr(json_object) object = vs_record_to_json(records->pdata[i], "boot");
        g_autoptr(json_object) again = vs_json_parse_object(vs_json_line(object), NULL);

        g_assert_nonnull(again);
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *text = g_strndup((const char *)data, MIN(size, VS_FUZZ_MAX_SIZE));
    g_autoptr(GError) error = NULL;
    g_autoptr(VsTrace) trace = vs_trace_parse("fuzz", text, &error);

    g_assert_true((trace != NULL) != (error != NULL));
    if (trace) {
        replay(trace, false);
        replay(trace, true);
    }
    return 0;
}
