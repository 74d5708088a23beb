/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>

#include "client/objects-json.h"
#include "client/objects.h"
#include "client/records.h"
#include "ctl/absent.h"
#include "ctl/output.h"
#include "ctl/terminal.h"
#include "ctl/verbs.h"
#include "util/error.h"
#include "util/i18n.h"
#include "util/text.h"
#include "util/wallclock.h"
#include "words/complain.h"
#include "words/describe.h"
#include "words/story-request.h"
#include "words/story.h"
#include "words/unwritten.h"
#include "words/when.h"

#define LABEL_COLUMNS 10

/* All that is shown of one domain. */
typedef struct Status {
    VsDomainObject domain;
    VsStopObject stop;    /* no id: none in flight */
    bool is_asker_hidden; /* who asked for it isn't for us to see */
    json_object *record;  /* the last; or NULL */
} Status;

static void
status_clear(Status *status)
{
    vs_domain_object_clear(&status->domain);
    vs_stop_object_clear(&status->stop);
    json_object_put(status->record);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Status, status_clear)

/* The stop may be over since we heard of it: then there is none. */
static void
get_stop(VsCtl *ctl, Status *status)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(sd_bus_message) reply = NULL;

    if (!status->domain.stop || g_str_equal(status->domain.stop, VS_BUS_NO_OBJECT))
        return;
    reply = vs_client_get_all(&ctl->client, status->domain.stop, VS_BUS_STOP, NULL);
    if (!reply || vs_stop_object_read(&status->stop, reply) < 0)
        vs_stop_object_clear(&status->stop);
    status->is_asker_hidden = status->stop.id &&
                              !vs_stop_object_ask(&ctl->client, &status->stop, &error) &&
                              g_error_matches(error, VS_ERROR, VS_ERROR_ACCESS);
}

/* The last one of this connection's domain: another can have one of the same UUID. */
static bool
get_record(VsCtl *ctl, Status *status, GError **error)
{
    VsRecordQuery query = {.uri = status->domain.uri,
                           .domain = status->domain.uuid,
                           .is_public = ctl->json == VS_JSON_OFF};
    g_autoptr(GError) why = NULL;

    status->record = vs_records_last(&ctl->client, &query, &why);
    if (!why)
        return true;
    g_propagate_error(error, g_steal_pointer(&why));
    return false;
}

static bool
get_status(VsCtl *ctl, const char *path, Status *status, GError **error)
{
    g_autoptr(sd_bus_message) reply = vs_client_get_all(&ctl->client, path, VS_BUS_DOMAIN, error);

    if (!reply || !vs_client_check(vs_domain_object_read(&status->domain, reply), error))
        return false;
    if (!status->domain.uuid || !status->domain.uri)
        return vs_client_check(-EBADMSG, error);
    get_stop(ctl, status);
    return get_record(ctl, status, error);
}

/* Right-aligned, as systemctl has it; without a label it goes on from the line above. */
static void
print_field(const char *label, const char *text)
{
    size_t columns = vs_text_columns(label);
    int pad = columns < LABEL_COLUMNS ? (int)(LABEL_COLUMNS - columns) : 0;

    vs_output_printf("%*s%s%s %s\n", pad, "", label, *label ? ":" : " ", text);
}

static void
print_stop(const VsCtl *ctl, const Status *status)
{
    const VsStopObject *stop = &status->stop;
    g_autoptr(json_object) by = vs_stop_object_requester(stop);
    g_autofree char *progress = vs_describe_progress(&ctl->client, stop);
    g_autofree char *requester = NULL, *clock = NULL, *line = NULL;
    g_autofree char *ladder = vs_text_printable(stop->ladder);

    requester = status->is_asker_hidden ? g_strdup(_("somebody (not shown to you)"))
                                        : vs_story_requester(by, !ctl->client.host);
    clock = vs_when_time(stop->requested);
    line = g_strdup_printf(_("%s, at %s"), requester, clock);
    print_field(_("Stop"), progress);
    print_field(_("Asked by"), line);
    if (stop->reason && *stop->reason) {
        g_autofree char *reason = vs_text_quoted(stop->reason);
        print_field(_("Reason"), reason);
    }
    print_field(_("Steps"), ladder);
    for (unsigned i = 0; stop->taken && i < stop->taken->len; i++) {
        g_autofree char *taken = vs_describe_taken(&g_array_index(stop->taken, VsTakenStep, i));
        if (taken)
            print_field("", taken);
    }
}

static void
print_record(json_object *record)
{
    const char *text = vs_json_string(record, "time", "");
    g_autofree char *story = vs_story_short(record);
    g_autofree char *time = NULL, *line = NULL;
    int64_t real;

    if (vs_wallclock_parse(text, &real, NULL))
        time = vs_when_time(real);
    else
        time = vs_text_printable(text);
    line = g_strdup_printf("%s, %s", time, story);
    print_field(_("Last stop"), line);
}

/* What is known of it otherwise is what the configuration says. */
static void
print_xml_error(const char *why)
{
    g_autofree char *safe = vs_text_printable(why);
    g_autofree char *line = g_strdup_printf(_("not read, so it isn't known: %s"), safe);

    print_field(_("XML"), line);
}

/* Where the configuration says something of it, or it was started again. */
static void
print_restart(const VsDomainObject *domain)
{
    static const char *const states[][2] = {
        {"due", N_("it is about to be started")},
        {"starting", N_("it is being started")},
        {"limit-reached", N_("that is the limit, and it stays off")},
    };
    g_autofree char *count = NULL, *line = NULL;
    const char *state = NULL;

    if (!domain->restart || (g_str_equal(domain->restart, "no") && domain->restarts == 0))
        return;
    for (size_t i = 0; i < G_N_ELEMENTS(states); i++)
        if (g_strcmp0(domain->restart_state, states[i][0]) == 0)
            state = _(states[i][1]);
    count = g_strdup_printf(_("started again: %u"), domain->restarts);
    line = g_strjoin(", ", domain->restart, domain->restarts > 0 ? count : state, NULL);
    if (state && domain->restarts > 0) {
        g_autofree char *both = g_strdup_printf("%s (%s)", line, state);
        print_field(_("Restart"), both);
    } else {
        print_field(_("Restart"), line);
    }
}

static void
print_status(const VsCtl *ctl, const Status *status)
{
    const VsDomainObject *domain = &status->domain;
    bool active = domain->id >= 0;
    g_autofree char *name = vs_text_printable(domain->name),
                    *state = vs_text_printable(domain->state);
    g_autofree char *uri = vs_text_printable(domain->uri),
                    *agent = vs_text_printable(domain->agent);
    g_autofree char *id = active ? g_strdup_printf(_(" (id %d)"), domain->id) : g_strdup("");
    g_autofree char *line =
        g_strdup_printf("%s%s%s%s", vs_terminal_colour(active ? VS_COLOUR_GREEN : VS_COLOUR_NONE),
                        state, vs_terminal_plain(), id);

    vs_output_printf("%s%s%s\n", vs_terminal_colour(VS_COLOUR_BOLD), name, vs_terminal_plain());
    if (active && status->record) /* that must not be taken for the end of this run */
        print_field(_("Runs"), _("again, since its last stop that is recorded"));
    print_field(_("State"), line);
    print_field(_("URI"), uri);
    print_field(_("UUID"), domain->uuid);
    if (active)
        print_field(_("Agent"), agent);
    if (domain->owner && *domain->owner) {
        g_autofree char *owner = vs_text_printable(domain->owner);
        print_field(_("Owner"), owner);
    }
    if (domain->xml_error && *domain->xml_error)
        print_xml_error(domain->xml_error);
    if (domain->policy_error && *domain->policy_error) {
        g_autofree char *error = vs_text_printable(domain->policy_error);
        print_field(_("Policy"), error);
    }
    if (status->stop.id) {
        print_stop(ctl, status);
    } else if (domain->ladder) {
        g_autofree char *ladder = vs_text_printable(domain->ladder);
        print_field(_("Ladder"), ladder);
    }
    print_restart(domain);
    if (status->record)
        print_record(status->record);
}

static json_object *
status_json(const Status *status)
{
    json_object *object = vs_domain_object_json(&status->domain);

    vs_json_set(object, "stop", status->stop.id ? vs_stop_object_json(&status->stop) : NULL);
    vs_json_set(object, "record", json_object_get(status->record));
    return object;
}

/* The paths of the domains that are asked for, or of all; those that can't be found are said. */
static GPtrArray *
find_paths(VsCtl *ctl, int n_args, char **args, VsExit *status)
{
    GPtrArray *paths = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) domains =
        n_args == 0 ? vs_objects_list_domains(&ctl->client, &error) : NULL;

    if (error)
        *status = vs_complain_of(NULL, error);
    for (unsigned i = 0; domains && i < domains->len; i++) {
        const VsDomainObject *domain = g_ptr_array_index(domains, i);
        g_ptr_array_add(paths, g_strdup(domain->path));
    }
    for (int i = 0; i < n_args; i++) {
        g_autoptr(GError) problem = NULL;
        char *path = vs_client_find_domain(&ctl->client, args[i], &problem);
        if (path)
            g_ptr_array_add(paths, path);
        else
            *status = vs_exit_worse(*status, vs_complain_of(args[i], problem));
    }
    return paths;
}

static void
complain_of_manager(const VsManagerObject *manager)
{
    g_autofree char *error = vs_text_printable(manager->config_error);

    if (*error)
        vs_complain(_("The configuration was refused, what held before stays: %s"), error);
    vs_unwritten_complain(manager->unwritten);
}

VsExit
vs_verb_status(VsCtl *ctl, int n_args, char **args)
{
    VsExit result = VS_EXIT_OK;
    g_autoptr(GPtrArray) paths = find_paths(ctl, n_args, args, &result);
    g_autoptr(json_object) array = json_object_new_array();
    g_auto(VsManagerObject) manager = {0};
    g_autoptr(GError) error = NULL;

    if (n_args == 0 && result == VS_EXIT_OK && !vs_absent_tell(&ctl->client, &error))
        return vs_complain_of(NULL, error);
    if (vs_manager_object_get(&ctl->client, &manager, NULL))
        complain_of_manager(&manager);
    vs_output_open_pager(ctl);
    for (unsigned i = 0; i < paths->len; i++) {
        g_autoptr(GError) problem = NULL;
        g_auto(Status) status = {0};

        if (!get_status(ctl, g_ptr_array_index(paths, i), &status, &problem)) {
            result = vs_exit_worse(result, vs_complain_of(NULL, problem));
        } else if (ctl->json != VS_JSON_OFF) {
            json_object_array_add(array, status_json(&status));
        } else {
            vs_output_text(i > 0 ? "\n" : "");
            print_status(ctl, &status);
        }
    }
    if (ctl->json != VS_JSON_OFF)
        vs_output_json(ctl, array);
    return result;
}
