/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "ctl/libvirt-guests.h"

#include <string.h>

#include "conf/conf-load.h"
#include "vs-test.h"

/* The file of libvirt-guests in virtstop's words. */

#define ASKS                                                                                       \
    "# As “virsh shutdown” does it: who has an agent has 60 s for that, and the time-out\n"    \
    "# from the button on, so an agent that takes the request in vain costs 60 s more.\n"          \
    "# With “destroy” for “leave” virtstopd ends a guest that obeys nothing; else the\n"   \
    "# host cuts it off with itself.\n"
#define SAVES                                                                                      \
    "# A save takes as long as it takes, but systemd forces the host's end after 30 min\n"         \
    "# (JobTimeoutSec= of poweroff.target and reboot.target).\nLadder=save:infinity leave\n"

static const struct {
    const char *text;
    bool debian;
    const char *expected;
} cases[] = {
    /* As Debian has it, and as libvirt has it, where nothing is said. */
    {"#ON_BOOT=start\n\n  # ON_SHUTDOWN=suspend\n", true,
     "[Daemon]\nMaxParallel=1\n\n[Default]\nOnBoot=ignore\n" ASKS
     "Ladder=agent:60s power-button:300s leave\n"},
    {"", false, "[Daemon]\nMaxParallel=1\nPersistentOnly=yes\n\n[Default]\nOnBoot=start\n" SAVES},
    /* Everything. */
    {"URIS='default xen:///system'\nON_BOOT=\"start\"\nSTART_DELAY=5 # seconds\n"
     "ON_SHUTDOWN=shutdown\nPARALLEL_SHUTDOWN=4\nSHUTDOWN_TIMEOUT=120\nBYPASS_CACHE=1\n"
     "SYNC_TIME=1\nPERSISTENT_ONLY=yes\n",
     true,
     "[Daemon]\nUris=qemu:///system xen:///system\nMaxParallel=4\nBudget=120s\nStartDelay=5s\n"
     "PersistentOnly=yes\nBypassCache=yes\nSyncTime=yes\n\n[Default]\nOnBoot=start\n" ASKS
     "Ladder=agent:60s power-button:120s leave\n"},
    /* 0 is no time-out, and one guest after another. */
    {"ON_SHUTDOWN=shutdown\nSHUTDOWN_TIMEOUT=0\nPARALLEL_SHUTDOWN=0\nSYNC_TIME=0\n", false,
     "[Daemon]\nMaxParallel=1\n\n[Default]\nOnBoot=start\n" ASKS
     "Ladder=agent:60s power-button:infinity leave\n"},
    {"ON_SHUTDOWN=shutdown\nSHUTDOWN_TIMEOUT=0\nPARALLEL_SHUTDOWN=2\n", true,
     "[Daemon]\nMaxParallel=2\n\n[Default]\nOnBoot=ignore\n" ASKS
     "Ladder=agent:60s power-button:infinity leave\n"},
    /* PARALLEL_SHUTDOWN says nothing of guests that are saved. */
    {"ON_SHUTDOWN=suspend\nPARALLEL_SHUTDOWN=8\nPERSISTENT_ONLY=no\n", true,
     "[Daemon]\nMaxParallel=1\n\n[Default]\nOnBoot=ignore\n" SAVES},
    /* SHUTDOWN_TIMEOUT says nothing of them, either. */
    {"ON_SHUTDOWN=suspend\nSHUTDOWN_TIMEOUT=10\nPERSISTENT_ONLY=no\n", true,
     "[Daemon]\nMaxParallel=1\n\n[Default]\nOnBoot=ignore\n" SAVES},
    /* One at once is one after the other, each with a time-out of its own. */
    {"PARALLEL_SHUTDOWN=1\nSHUTDOWN_TIMEOUT=90\n", true,
     "[Daemon]\nMaxParallel=1\n\n[Default]\nOnBoot=ignore\n" ASKS
     "Ladder=agent:60s power-button:90s leave\n"},
    /* The last one wins; export, two on a line, and what is no assignment. */
    {"ON_BOOT=ignore\nexport ON_BOOT=start SYNC_TIME=1\nif true; then\n  START_DELAY=3\nfi\n", true,
     "[Daemon]\nMaxParallel=1\nStartDelay=3s\nSyncTime=yes\n\n[Default]\nOnBoot=start\n" ASKS
     "Ladder=agent:60s power-button:300s leave\n"},
    /* What can't be known is said. */
    {"START_DELAY=$N\nSHUTDOWN_TIMEOUT=soon\nURIS='default\n", true,
     "# line 1: “START_DELAY=$N” is made by a shell: see yourself what it comes to\n"
     "# line 3 can't be read: a quote is not closed\n"
     "# SHUTDOWN_TIMEOUT=: “soon” is not a number, taken as 300\n"
     "[Daemon]\nMaxParallel=1\n\n[Default]\nOnBoot=ignore\n" ASKS
     "Ladder=agent:60s power-button:300s leave\n"},
    /* Nobody gets a line of his own in there, nor a control character. */
    {"URIS=$'a\\nb'\nURIS=\"x\033[31m\xff\"\n", true,
     "# line 1: “URIS=$a\\\\nb” is made by a shell: see yourself what it comes to\n"
     "[Daemon]\n# URIS=: “x\\x1b[31m\\xff” is no libvirt URI, and is left out\nMaxParallel=1\n\n"
     "[Default]\nOnBoot=ignore\n" ASKS "Ladder=agent:60s power-button:300s leave\n"},
    /* Nor does what virtstop doesn't take. */
    {"URIS=\"a://b\\\\c xen:/// system # qemu:///\302\233 "
     "\342\200\256://x\"\nSTART_DELAY=99999999\n"
     "PARALLEL_SHUTDOWN=2147483647\nSHUTDOWN_TIMEOUT=99999999999999999999\nON_SHUTDOWN=shutdown\n",
     true,
     "# SHUTDOWN_TIMEOUT=: “99999999999999999999” is more than virtstop allows, taken as 31536000\n"
     "# PARALLEL_SHUTDOWN=: “2147483647” is more than virtstop allows, taken as 100000\n"
     "# START_DELAY=: “99999999” is more than virtstop allows, taken as 31536000\n"
     "[Daemon]\n# URIS=: “a://b\\\\c” is no libvirt URI, and is left out\n"
     "# URIS=: “system” is no libvirt URI, and is left out\n"
     "# URIS=: “#” is no libvirt URI, and is left out\n"
     "# URIS=: “qemu:///\\u{9b}” is no libvirt URI, and is left out\n"
     "# URIS=: “\\u{202e}://x” is no libvirt URI, and is left out\n"
     "Uris=xen:///\nMaxParallel=100000\nBudget=31536000s\nStartDelay=31536000s\n\n"
     "[Default]\nOnBoot=ignore\n" ASKS "Ladder=agent:60s power-button:31536000s leave\n"},
};

static void
test_convert(void)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *result = vs_libvirt_guests_convert(cases[i].text, cases[i].debian);

        vs_test_note(cases[i].text);
        g_assert_cmpstr(result, ==, cases[i].expected);
    }
}

/* virtstopd takes every one of them. */
static void
test_load(void)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *result = vs_libvirt_guests_convert(cases[i].text, cases[i].debian);
        g_autofree char *path = vs_test_write(vs_test_dir(), "virtstop.conf", result);
        g_autoptr(GError) error = NULL;
        g_autoptr(VsConf) conf = vs_conf_load_file(VS_SCOPE_SYSTEM, path, &error);

        vs_test_note(result);
        g_assert_no_error(error);
        g_assert_cmpuint(conf->warnings->len, ==, 0);
    }
}

int
main(int argc, char **argv)
{
    vs_test_init(&argc, &argv);
    g_test_add_func("/ctl/libvirt-guests/convert", test_convert);
    g_test_add_func("/ctl/libvirt-guests/load", test_load);
    return g_test_run();
}
