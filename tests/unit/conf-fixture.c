/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "conf-fixture.h"

#include <string.h>

#include "core/labels.h"
#include "util/error.h"
#include "vs-test.h"

VsConf *
vs_test_conf_load_text(const char *text)
{
    g_autofree char *path = vs_test_write(vs_test_dir(), "virtstop.conf", text);
    g_autoptr(GError) error = NULL;
    VsConf *conf = vs_conf_load_file(VS_SCOPE_SYSTEM, path, &error);

    g_assert_no_error(error);
    return conf;
}

/* Loads what must not load, and gives the message from behind the file's path. */
char *
vs_test_conf_refuse_bytes(const char *text, size_t len)
{
    g_autofree char *path = g_build_filename(vs_test_dir(), "virtstop.conf", NULL);
    g_autoptr(GError) error = NULL;

    g_assert_true(g_file_set_contents(path, text, (gssize)len, NULL));
    g_assert_null(vs_conf_load_file(VS_SCOPE_SYSTEM, path, &error));
    g_assert_error(error, VS_ERROR, VS_ERROR_INVALID);
    g_assert_true(g_str_has_prefix(error->message, path));
    return g_strdup(error->message + strlen(path));
}

char *
vs_test_conf_refuse(const char *text)
{
    return vs_test_conf_refuse_bytes(text, strlen(text));
}

void
vs_test_conf_check_refused(const char *text, const char *message)
{
    g_autofree char *why = vs_test_conf_refuse(text);

    g_assert_cmpstr(why, ==, message);
}

void
vs_test_conf_check_ladder(const VsConf *conf, const char *expected)
{
    VsDomainId domain = {.uri = (char *)"qemu:///system", .name = (char *)"unnamed"};
    g_autofree char *text = NULL;
    VsGuestPolicy own;

    vs_labels_resolve(&conf->policy, &domain, NULL, &own);
    text = vs_ladder_format(&own.ladder);
    g_assert_cmpstr(text, ==, expected);
}

void
vs_test_conf_check_uris(const VsConf *conf, const char *expected)
{
    g_autofree char *text = g_strjoinv(" ", conf->uris);

    g_assert_cmpstr(text, ==, expected);
}

void
vs_test_conf_check_defaults(const VsConf *conf)
{
    vs_test_conf_check_uris(conf, "qemu:///system");
    g_assert_true(conf->agent_command);
    g_assert_cmpuint(conf->history_size, ==, 16 * 1024 * 1024);
    g_assert_cmpuint(conf->history_files, ==, 4);
    vs_test_conf_check_ladder(conf, "agent:1min power-button:2min destroy");
    g_assert_cmpint(conf->policy.all.paused, ==, VS_PAUSED_RESUME);
    g_assert_cmpint(conf->policy.all.priority, ==, 0);
    g_assert_cmpint(conf->policy.all.on_boot, ==, VS_ON_BOOT_START);
    g_assert_cmpint(conf->policy.budget, ==, 0);
    g_assert_cmpuint(conf->policy.max_parallel, ==, 0);
    g_assert_cmpint(conf->policy.start_delay, ==, 0);
    g_assert_false(conf->policy.persistent_only);
    g_assert_false(conf->policy.bypass_cache);
    g_assert_false(conf->policy.sync_time);
    g_assert_cmpint(conf->policy.hook_timeout, ==, VS_HOOK_TIMEOUT_DEFAULT);
}
