/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

#include "record/run-files.h"
#include "util/error.h"
#include "vs-test.h"

#define UUID_1 "0a1b2c3d-0000-4000-8000-000000000001"
#define UUID_2 "0a1b2c3d-0000-4000-8000-000000000002"

static char *
new_directory(void)
{
    static unsigned number;
    g_autofree char *name = g_strdup_printf("run-%u", number++);

    return g_build_filename(vs_test_dir(), name, NULL);
}

static VsRunFiles *
open_state(const char *directory)
{
    g_autoptr(GError) error = NULL;
    VsRunFiles *state = vs_run_files_open(directory, "boot", &error);

    g_assert_no_error(error);
    return state;
}

static VsDomainId
make_domain(const char *uri, const char *uuid, const char *name, int id)
{
    VsDomainId domain = {.uri = (char *)uri, .name = (char *)name, .id = id};

    g_strlcpy(domain.uuid.text, uuid, sizeof domain.uuid.text);
    return domain;
}

static void
save(VsRunFiles *state, const VsDomainId *domain, const char *text)
{
    g_autoptr(GError) error = NULL;

    vs_run_files_save(state, domain, text, &error);
    g_assert_no_error(error);
}

static void
forget(VsRunFiles *state, const VsDomainId *domain)
{
    g_autoptr(GError) error = NULL;

    vs_run_files_forget(state, domain, &error);
    g_assert_no_error(error);
}

static void
collect_warning(const char *message, void *userdata)
{
    g_string_append_printf(userdata, "%s\n", message);
}

/* @ret_warnings NULL: there must be none. */
static GPtrArray *
load(VsRunFiles *state, char **ret_warnings)
{
    g_autoptr(GError) error = NULL;
    GString *warnings = g_string_new(NULL);
    GPtrArray *entries = vs_run_files_load(state, collect_warning, warnings, &error);

    g_assert_no_error(error);
    if (!ret_warnings)
        g_assert_cmpstr(warnings->str, ==, "");
    char *text = g_string_free(warnings, FALSE);
    if (ret_warnings)
        *ret_warnings = text;
    else
        g_free(text);
    return entries;
}

static void
assert_entry(const GPtrArray *entries, unsigned i, const VsDomainId *domain, const char *text)
{
    g_assert_cmpuint(i, <, entries->len);

    const VsRunFile *entry = entries->pdata[i];
    g_assert_cmpstr(entry->domain.uri, ==, domain->uri);
    g_assert_cmpstr(entry->domain.uuid.text, ==, domain->uuid.text);
    g_assert_cmpstr(entry->domain.name, ==, domain->name);
    g_assert_cmpint(entry->domain.id, ==, domain->id);
    g_assert_cmpstr(entry->text, ==, text);
}

static unsigned
count_files(const char *directory)
{
    g_autoptr(GDir) dir = g_dir_open(directory, 0, NULL);
    unsigned n = 0;

    g_assert_nonnull(dir);
    while (g_dir_read_name(dir))
        n++;
    return n;
}

static void
test_kept(void)
{
    g_autofree char *directory = new_directory();
    g_autoptr(VsRunFiles) state = open_state(directory);
    VsDomainId web = make_domain("qemu:///system", UUID_1, "web1", 7);
    VsDomainId db = make_domain("qemu:///system", UUID_2, "db1", -1);

    save(state, &db, "{\"step\":0}");
    save(state, &web, "{\"step\":0}");
    save(state, &web, "{\"step\":1}");

    g_clear_pointer(&state, vs_run_files_free);
    state = open_state(directory);
    g_autoptr(GPtrArray) both = load(state, NULL);
    g_assert_cmpuint(both->len, ==, 2);
    assert_entry(both, 0, &web, "{\"step\":1}");
    assert_entry(both, 1, &db, "{\"step\":0}");

    forget(state, &web);
    forget(state, &web);
    g_autoptr(GPtrArray) one = load(state, NULL);
    g_assert_cmpuint(one->len, ==, 1);
    assert_entry(one, 0, &db, "{\"step\":0}");

    forget(state, &db);
    g_assert_cmpuint(count_files(directory), ==, 0);
}

static void
test_order(void)
{
    g_autofree char *directory = new_directory();
    g_autoptr(VsRunFiles) state = open_state(directory);

    for (int i = 0; i < 20; i++) {
        g_autofree char *uuid = g_strdup_printf("%08d-0000-4000-8000-000000000001", i * 7 % 20);
        VsDomainId domain = make_domain("qemu:///system", uuid, "web1", 1);

        save(state, &domain, uuid);
    }
    g_autoptr(GPtrArray) entries = load(state, NULL);
    g_assert_cmpuint(entries->len, ==, 20);
    for (unsigned i = 0; i < entries->len; i++) {
        const VsRunFile *entry = entries->pdata[i];

        g_assert_cmpuint(g_ascii_strtoull(entry->text, NULL, 10), ==, i);
    }
}

/* Two hosts may know a guest by the same UUID, as after a migration. */
static void
test_two_uris(void)
{
    g_autofree char *directory = new_directory();
    g_autoptr(VsRunFiles) state = open_state(directory);
    VsDomainId here = make_domain("qemu:///system", UUID_1, "web1", 7);
    VsDomainId there = make_domain("qemu+tls://other/system", UUID_1, "web1", 9);

    save(state, &here, "here");
    save(state, &there, "there");
    forget(state, &here);
    g_autoptr(GPtrArray) entries = load(state, NULL);
    g_assert_cmpuint(entries->len, ==, 1);
    assert_entry(entries, 0, &there, "there");
}

static void
test_odd_names(void)
{
    static const char *const names[] = {
        "../../etc/x", "/etc/passwd",        ".",          "..",   "",     "two\nlines",
        "quo\"te'",    "\033[31mred\033[0m", "größe 网页", "a\\b", "%s%n",
    };
    g_autofree char *directory = new_directory();
    g_autofree char *inner = g_build_filename(directory, "a", "b", NULL);
    g_autoptr(VsRunFiles) state = open_state(inner);

    for (unsigned i = 0; i < G_N_ELEMENTS(names); i++) {
        VsDomainId domain = make_domain(names[i], UUID_1, names[i], 1);

        save(state, &domain, names[i]);
        g_autoptr(GPtrArray) entries = load(state, NULL);
        g_assert_cmpuint(entries->len, ==, 1);
        assert_entry(entries, 0, &domain, names[i]);
        g_assert_cmpuint(count_files(directory), ==, 1);
        g_assert_cmpuint(count_files(inner), ==, 1);
        forget(state, &domain);
        g_assert_cmpuint(count_files(inner), ==, 0);
    }
}

static void
test_no_uuid(void)
{
    g_autofree char *directory = new_directory();
    g_autoptr(VsRunFiles) state = open_state(directory);
    VsDomainId domain =
        make_domain("qemu:///system", "../../../../../../../../../etc/x", "web1", 1);
    g_autoptr(GError) error = NULL;

    g_assert_false(vs_run_files_save(state, &domain, "text", &error));
    g_assert_error(error, VS_ERROR, VS_ERROR_INVALID);
    g_assert_nonnull(strstr(error->message, "web1"));
    g_clear_error(&error);
    g_assert_false(vs_run_files_forget(state, &domain, &error));
    g_assert_error(error, VS_ERROR, VS_ERROR_INVALID);
    g_assert_cmpuint(count_files(directory), ==, 0);
}

static void
test_private(void)
{
    g_autofree char *directory = new_directory();
    g_autoptr(VsRunFiles) state = open_state(directory);
    struct stat st;

    g_assert_cmpint(stat(directory, &st), ==, 0);
    g_assert_cmpint(st.st_mode & 07777, ==, 0700);
}

/* The one file of the directory. */
static char *
only_path(const char *directory)
{
    g_autoptr(GDir) dir = g_dir_open(directory, 0, NULL);

    g_assert_nonnull(dir);
    char *path = g_build_filename(directory, g_dir_read_name(dir), NULL);
    g_assert_null(g_dir_read_name(dir));
    return path;
}

/* What is in the directory and can't be taken hides nothing that can. */
static void
check_bad(const char *text)
{
    g_autofree char *directory = new_directory();
    g_autoptr(VsRunFiles) state = open_state(directory);
    VsDomainId web = make_domain("qemu:///system", UUID_1, "web1", 7);
    VsDomainId db = make_domain("qemu:///system", UUID_2, "db1", 8);
    g_autofree char *warnings = NULL;

    save(state, &web, "web");
    g_autofree char *path = only_path(directory);
    g_autofree char *bad = g_strconcat(path, ".bad", NULL);
    save(state, &db, "db");
    g_assert_true(g_file_set_contents(path, text, -1, NULL));

    g_autoptr(GPtrArray) entries = load(state, &warnings);
    g_assert_cmpuint(entries->len, ==, 1);
    assert_entry(entries, 0, &db, "db");
    g_assert_nonnull(strstr(warnings, path));
    g_assert_false(g_file_test(path, G_FILE_TEST_EXISTS));
    g_autofree char *kept = vs_test_read(bad);
    g_assert_cmpstr(kept, ==, text);

    g_autoptr(GPtrArray) again = load(state, NULL);
    g_assert_cmpuint(again->len, ==, 1);
}

static void
test_bad(void)
{
#define FIELDS(uuid, id)                                                                           \
    "{\"uri\":\"qemu:///system\",\"uuid\":\"" uuid "\",\"name\":\"x\",\"id\":" id
    check_bad("");
    check_bad("no JSON");
    check_bad("[]");
    check_bad("{}");
    check_bad(FIELDS(UUID_1, "7") "}");
    check_bad(FIELDS(UUID_1, "7") ",\"state\":{}}");
    check_bad(FIELDS(UUID_1, "\"7\"") ",\"state\":\"\"}");
    check_bad(FIELDS(UUID_1, "-2") ",\"state\":\"\"}");
    check_bad(FIELDS(UUID_1, "4294967296") ",\"state\":\"\"}");
    check_bad(FIELDS("../x", "7") ",\"state\":\"\"}");
    check_bad(FIELDS(UUID_1 "x", "7") ",\"state\":\"\"}");
    check_bad(FIELDS(UUID_2, "7") ",\"state\":\"\"}"); /* another guest's place */
#undef FIELDS
}

/* Not all that has the name is a file. */
static void
test_no_file(void)
{
    g_autofree char *directory = new_directory();
    g_autoptr(VsRunFiles) state = open_state(directory);
    g_autofree char *dir = g_build_filename(directory, "a.json", NULL);
    g_autofree char *fifo = g_build_filename(directory, "b.json", NULL);
    g_autofree char *warnings = NULL;

    g_assert_cmpint(g_mkdir(dir, 0700), ==, 0);
    g_assert_cmpint(mkfifo(fifo, 0600), ==, 0);
    g_autoptr(GPtrArray) entries = load(state, &warnings);
    g_assert_cmpuint(entries->len, ==, 0);
    g_assert_nonnull(strstr(warnings, dir));
    g_assert_nonnull(strstr(warnings, fifo));
}

/* A crash in the middle of a save: the old text holds, the new one's file is swept up. */
static void
test_interrupted(void)
{
    g_autofree char *directory = new_directory();
    g_autoptr(VsRunFiles) state = open_state(directory);
    VsDomainId web = make_domain("qemu:///system", UUID_1, "web1", 7);

    save(state, &web, "old");
    g_autofree char *path = only_path(directory);
    g_autofree char *temporary = g_strconcat(path, ".tmp", NULL);
    g_assert_true(g_file_set_contents(temporary, "{\"uri\":", -1, NULL));
    g_free(vs_test_write(directory, "notes", "not ours"));

    g_autoptr(GPtrArray) entries = load(state, NULL);
    g_assert_cmpuint(entries->len, ==, 1);
    assert_entry(entries, 0, &web, "old");
    g_assert_false(g_file_test(temporary, G_FILE_TEST_EXISTS));
    g_assert_cmpuint(count_files(directory), ==, 2);
}

static void
test_unwritable(void)
{
    g_autofree char *file = vs_test_write(vs_test_dir(), "file", "");
    g_autofree char *below = g_build_filename(file, "stops", NULL);
    g_autofree char *directory = new_directory();
    VsDomainId web = make_domain("qemu:///system", UUID_1, "web1", 7);
    g_autoptr(GError) error = NULL;

    g_assert_null(vs_run_files_open(below, "boot", &error));
    g_assert_error(error, VS_ERROR, VS_ERROR_IO);
    g_assert_nonnull(strstr(error->message, below));
    g_clear_error(&error);

    g_autoptr(VsRunFiles) state = open_state(directory);
    g_assert_cmpint(g_rmdir(directory), ==, 0);
    g_assert_false(vs_run_files_save(state, &web, "text", &error));
    g_assert_error(error, VS_ERROR, VS_ERROR_IO);
    g_assert_nonnull(strstr(error->message, directory));
    g_assert_nonnull(strstr(error->message, g_strerror(ENOENT)));
}

int
main(int argc, char **argv)
{
    vs_test_init(&argc, &argv);
    g_test_add_func("/run-files/kept", test_kept);
    g_test_add_func("/run-files/order", test_order);
    g_test_add_func("/run-files/two-uris", test_two_uris);
    g_test_add_func("/run-files/odd-names", test_odd_names);
    g_test_add_func("/run-files/no-uuid", test_no_uuid);
    g_test_add_func("/run-files/private", test_private);
    g_test_add_func("/run-files/bad", test_bad);
    g_test_add_func("/run-files/no-file", test_no_file);
    g_test_add_func("/run-files/interrupted", test_interrupted);
    g_test_add_func("/run-files/unwritable", test_unwritable);
    return g_test_run();
}
