/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/write.h"

#include "record/host-stops.h"
#include "record/journal.h"
#include "record/noted-runs.h"
#include "util/error.h"
#include "util/file.h"
#include "util/i18n.h"
#include "util/text.h"

VsWrite *
vs_write_new(VsWriteType type, const VsWritePlaces *places, const VsDomainId *domain,
             const char *text)
{
    VsWrite *write = g_new0(VsWrite, 1);

    write->type = type;
    write->places = places;
    if (domain)
        vs_domain_id_copy(&write->domain, domain);
    write->text = g_strdup(text);
    return write;
}

void
vs_write_free(void *data)
{
    VsWrite *write = data;

    if (write->next)
        vs_write_free(write->next);
    if (write->fields)
        g_ptr_array_unref(write->fields);
    vs_domain_id_clear(&write->domain);
    g_free(write->text);
    g_free(write);
}

/* What is wrong with the thing itself stays so. */
static VsWritten
failed(GError *from, GError **error)
{
    VsWritten written =
        g_error_matches(from, VS_ERROR, VS_ERROR_INVALID) ? VS_WRITTEN_NEVER : VS_WRITTEN_NOT_YET;

    g_propagate_error(error, from);
    return written;
}

static VsWritten
write_state(const VsWrite *write, GError **error)
{
    VsRunFiles *files = write->places->run_files;
    GError *problem = NULL;
    bool ok = write->text ? vs_run_files_save(files, &write->domain, write->text, &problem)
                          : vs_run_files_forget(files, &write->domain, &problem);

    return ok ? VS_WRITTEN : failed(problem, error);
}

static VsWritten
write_host_stops(const VsWrite *write, GError **error)
{
    GError *problem = NULL;

    if (vs_host_stops_file_save(write->places->state_directory, write->places->boot_id, write->text,
                                &problem))
        return VS_WRITTEN;
    return failed(problem, error);
}

static VsWritten
write_noted(const VsWrite *write, GError **error)
{
    GError *problem = NULL;

    if (vs_noted_runs_save(write->places->state_directory, write->places->boot_id, write->text,
                           &problem))
        return VS_WRITTEN;
    return failed(problem, error);
}

static char *
path_aside(const VsWritePlaces *places, const char *id)
{
    g_autofree char *name = g_strdup_printf("unwritten-%s.json", id);

    return g_build_filename(places->state_directory, name, NULL);
}

bool
vs_write_is_set_aside(const VsWritePlaces *places, const char *id)
{
    g_autofree char *path = path_aside(places, id);

    return g_file_test(path, G_FILE_TEST_EXISTS);
}

/* Whatever is wrong with it, a file of its own takes it. */
static VsWritten
set_aside(const VsWrite *write, const GError *why, GError **error)
{
    g_autofree char *path = path_aside(write->places, write->id.text);
    g_autofree char *quoted = vs_text_quoted(path);

    if (!vs_file_replace(path, write->text, VS_FILE_OUTLIVES_BOOT, error))
        return VS_WRITTEN_NOT_YET;
    g_set_error(error, VS_ERROR, VS_ERROR_INVALID, _("%s; it is set aside as %s"), why->message,
                quoted);
    return VS_WRITTEN_NEVER;
}

static VsWritten
write_record(const VsWrite *write, GError **error)
{
    g_autoptr(GError) problem = NULL;

    if (vs_history_append(write->places->history, write->text, &problem))
        return VS_WRITTEN;
    if (g_error_matches(problem, VS_ERROR, VS_ERROR_INVALID))
        return set_aside(write, problem, error);
    return failed(g_steal_pointer(&problem), error);
}

static VsWritten
write_request(const VsWrite *write, GError **error)
{
    GError *problem = NULL;

    if (!write->places->requests)
        return VS_WRITTEN; /* that they aren't kept was said at the start; the journal has it */
    if (vs_history_append(write->places->requests, write->text, &problem))
        return VS_WRITTEN;
    return failed(problem, error);
}

VsWritten
vs_write_carry_out(void *data, GError **error)
{
    const VsWrite *write = data;

    switch (write->type) {
    case VS_WRITE_STATE:
        return write_state(write, error);
    case VS_WRITE_HOST_STOPS:
        return write_host_stops(write, error);
    case VS_WRITE_NOTED:
        return write_noted(write, error);
    case VS_WRITE_RECORD:
        return write_record(write, error);
    case VS_WRITE_REQUEST:
        return write_request(write, error);
    default:
        vs_journal_send(write->fields);
        return VS_WRITTEN;
    }
}
