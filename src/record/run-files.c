/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "record/run-files.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/error.h"
#include "util/file.h"
#include "util/i18n.h"
#include "util/json.h"
#include "util/span.h"
#include "util/text.h"

#define SUFFIX     ".json"
#define SUFFIX_TMP SUFFIX ".tmp" /* vs_file_replace()'s */

/* So many digits of the URI's SHA-256 keep two hosts' copies of a guest apart. */
#define URI_DIGITS 16

struct VsRunFiles {
    char *directory;
    char *boot_id;
};

static bool
fail(const char *format, const char *path, int code, GError **error)
{
    g_autofree char *quoted = vs_text_quoted(path);

    g_set_error(error, VS_ERROR, VS_ERROR_IO, format, quoted, g_strerror(code));
    return false;
}

VsRunFiles *
vs_run_files_open(const char *directory, const char *boot_id, GError **error)
{
    if (!vs_file_make_directory(directory, 0700, error))
        return NULL;
    if (faccessat(AT_FDCWD, directory, R_OK | W_OK | X_OK, AT_EACCESS) < 0) {
        fail(_("Can't write to the directory %s: %s"), directory, errno, error);
        return NULL;
    }

    VsRunFiles *files = g_new(VsRunFiles, 1);
    files->directory = g_strdup(directory);
    files->boot_id = g_strdup(boot_id);
    return files;
}

int64_t
vs_run_files_changed_at(const VsRunFiles *files)
{
    struct stat status;

    if (stat(files->directory, &status) < 0)
        return 0;
    return status.st_mtim.tv_sec * VS_USEC_PER_SEC + status.st_mtim.tv_nsec / 1000;
}

/* Where that fails the absence that begins now seems to be longer, and no more. */
void
vs_run_files_touch(const VsRunFiles *files)
{
    if (utimensat(AT_FDCWD, files->directory, NULL, 0) < 0)
        g_debug("%s: %s", files->directory, g_strerror(errno));
}

void
vs_run_files_free(VsRunFiles *files)
{
    g_free(files->directory);
    g_free(files->boot_id);
    g_free(files);
}

/* Made of a UUID and a hash, so that no name or URI is ever part of a path. NULL: there is none. */
static char *
file_name(const VsDomainId *domain)
{
    if (!vs_uuid_is_valid(domain->uuid.text) || !domain->uri)
        return NULL;

    g_autofree char *hash = g_compute_checksum_for_string(G_CHECKSUM_SHA256, domain->uri, -1);
    return g_strdup_printf("%s-%.*s" SUFFIX, domain->uuid.text, URI_DIGITS, hash);
}

static char *
file_path(const VsRunFiles *files, const VsDomainId *domain, GError **error)
{
    g_autofree char *name = file_name(domain);

    if (!name) {
        g_autofree char *quoted = vs_text_quoted(domain->name);

        g_set_error(error, VS_ERROR, VS_ERROR_INVALID,
                    _("The stop of %s can't be kept: a domain needs a UUID and a URI"), quoted);
        return NULL;
    }
    return g_build_filename(files->directory, name, NULL);
}

bool
vs_run_files_save(VsRunFiles *files, const VsDomainId *domain, const char *text, GError **error)
{
    g_autofree char *path = file_path(files, domain, error);

    if (!path)
        return false;

    g_autoptr(json_object) object = json_object_new_object();
    vs_json_set_string(object, "uri", domain->uri);
    vs_json_set_string(object, "uuid", domain->uuid.text);
    vs_json_set_string(object, "name", domain->name);
    vs_json_set_int(object, "id", domain->id);
    vs_json_set_string(object, "boot_id", files->boot_id);
    vs_json_set_string(object, "state", text);
    return vs_file_replace(path, vs_json_line(object), VS_FILE_OUTLIVES_US, error);
}

bool
vs_run_files_forget(VsRunFiles *files, const VsDomainId *domain, GError **error)
{
    g_autofree char *path = file_path(files, domain, error);

    return path && vs_file_remove(path, VS_FILE_OUTLIVES_US, error);
}

static void
entry_free(VsRunFile *entry)
{
    vs_domain_id_clear(&entry->domain);
    g_free(entry->boot_id);
    g_free(entry->text);
    g_free(entry);
}

/* NULL: something is missing, or is of a wrong type. */
static VsRunFile *
parse_entry(json_object *object)
{
    const char *uri = vs_json_string(object, "uri", NULL);
    const char *uuid = vs_json_string(object, "uuid", NULL);
    const char *name = vs_json_string(object, "name", NULL);
    const char *text = vs_json_string(object, "state", NULL);
    int64_t id;

    if (!uri || !uuid || !vs_uuid_is_valid(uuid) || !name || !text ||
        !vs_json_int(object, "id", &id) || id < -1 || id > INT_MAX)
        return NULL;

    VsRunFile *entry = g_new0(VsRunFile, 1);
    entry->domain.uri = g_strdup(uri);
    g_strlcpy(entry->domain.uuid.text, uuid, sizeof entry->domain.uuid.text);
    entry->domain.name = g_strdup(name);
    entry->domain.id = (int)id;
    entry->boot_id = g_strdup(vs_json_string(object, "boot_id", NULL));
    entry->text = g_strdup(text);
    return entry;
}

static VsRunFile *
read_entry(const char *path, GError **error)
{
    g_autofree char *text = NULL;

    if (!vs_file_read(path, &text, error))
        return NULL;
    g_autoptr(json_object) object = vs_json_parse_object(text ? text : "", error);
    if (!object)
        return NULL;

    VsRunFile *entry = parse_entry(object);
    g_autofree char *base = g_path_get_basename(path);
    g_autofree char *expected = entry ? file_name(&entry->domain) : NULL;
    if (g_strcmp0(base, expected) == 0)
        return entry;

    g_clear_pointer(&entry, entry_free);
    g_set_error(error, VS_ERROR, VS_ERROR_INVALID,
                _("It is not the state of a guest under that name: \"uri\", \"uuid\", \"name\", "
                  "\"id\" and \"state\" are needed"));
    return NULL;
}

static void
set_aside(const char *path, const char *why, void (*warn)(const char *message, void *userdata),
          void *userdata)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *aside = vs_file_set_aside(path, &error);
    g_autofree char *quoted = vs_text_quoted(path);
    g_autofree char *quoted_aside = vs_text_quoted(aside);
    g_autofree char *message = NULL;

    if (aside)
        message = g_strdup_printf(_("%s is passed over, and set aside as %s: %s"), quoted,
                                  quoted_aside, why);
    else
        message = g_strdup_printf(_("%s is passed over: %s (and it can't be set aside: %s)"),
                                  quoted, why, error ? error->message : g_strerror(ENOENT));
    if (warn)
        warn(message, userdata);
}

static int
compare_strings(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The names of all *.json, in a fixed order; what interrupted replaces left is removed. */
static GPtrArray *
list_names(const VsRunFiles *files, GError **error)
{
    g_autoptr(GDir) directory = g_dir_open(files->directory, 0, error);
    const char *name;

    if (!directory)
        return NULL;
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
    while ((name = g_dir_read_name(directory))) {
        if (g_str_has_suffix(name, SUFFIX_TMP)) {
            g_autofree char *path = g_build_filename(files->directory, name, NULL);

            unlink(path);
        } else if (g_str_has_suffix(name, SUFFIX))
            g_ptr_array_add(names, g_strdup(name));
    }
    g_ptr_array_sort(names, compare_strings);
    return names;
}

GPtrArray *
vs_run_files_load(VsRunFiles *files, void (*warn)(const char *message, void *userdata),
                  void *userdata, GError **error)
{
    g_autoptr(GPtrArray) names = list_names(files, error);

    if (!names)
        return NULL;
    GPtrArray *entries = g_ptr_array_new_with_free_func((GDestroyNotify)entry_free);
    for (unsigned i = 0; i < names->len; i++) {
        g_autofree char *path = g_build_filename(files->directory, names->pdata[i], NULL);
        g_autoptr(GError) problem = NULL;
        VsRunFile *entry = read_entry(path, &problem);

        if (entry)
            g_ptr_array_add(entries, entry);
        else
            set_aside(path, problem->message, warn, userdata);
    }
    return entries;
}

void
vs_run_files_set_aside(VsRunFiles *files, const VsDomainId *domain, const char *why,
                       void (*warn)(const char *message, void *userdata), void *userdata)
{
    g_autofree char *path = file_path(files, domain, NULL);

    if (path)
        set_aside(path, why, warn, userdata);
}
