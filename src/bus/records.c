/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bus/records.h"

#include <string.h>

#include "bus/access.h"
#include "bus/errors.h"
#include "bus/gate.h"
#include "bus/message.h"
#include "bus/options.h"
#include "bus/questions.h"
#include "bus/told.h"
#include "core/record.h"
#include "util/error.h"
#include "util/i18n.h"
#include "util/text.h"

/* Of a list that is asked for. */
#define MAX_WORDS (VS_N_CAUSES + VS_N_OUTCOMES)

/* What others than the trusted get at once: all that is answered later waits behind it, and a bus
 * that others keep busy takes some 250 KiB a second of it. */
#define MAX_OTHERS_HISTORY ((size_t)512 * 1024)
#define MAX_OTHERS_PAGE    ((size_t)256 * 1024)

/* D-Bus itself allows arrays of 64 MiB, but dbus-daemon cuts off a system service that sends a
 * message of more than 32 MiB. */
#define MAX_HISTORY ((size_t)16 * 1024 * 1024)

static bool
check_id(const char *option, const char *id, GError **error)
{
    g_autofree char *quoted = vs_text_quoted(id);

    if (!id || vs_uuid_is_valid(id))
        return true;
    g_set_error(error, VS_ERROR, VS_ERROR_INVALID, _("Option “%s” is %s (allowed: a UUID)"), option,
                quoted);
    return false;
}

static bool
is_cause(const char *word)
{
    VsCause cause;

    return vs_cause_parse(word, &cause);
}

static bool
is_outcome(const char *word)
{
    VsOutcome outcome;

    return vs_outcome_parse(word, &outcome);
}

/* @list: words with commas between them; NULL: none. Each costs something for each line that is
 * looked at, so there are no more of them than there can be. */
static bool
check_words(const char *option, const char *list, bool (*is_known)(const char *word),
            GError **error)
{
    g_auto(GStrv) words = list ? g_strsplit(list, ",", MAX_WORDS) : NULL;
    char **word = words;

    while (word && *word && is_known(*word))
        word++;
    if (!word || (!*word && *list))
        return true;
    g_autofree char *quoted = vs_text_quoted(*word);
    g_set_error(error, VS_ERROR, VS_ERROR_INVALID,
                _("Option “%s”: %s is none that a record can have"), option, quoted);
    return false;
}

/* The UUID of the domain that has that name now; NULL: none has, or several do. */
static const char *
uuid_of(VsBus *bus, VsBusQuestion *question, const char *name, const char *uri)
{
    const VsGuest *guest = name ? vs_engine_resolve(bus->engine, name, uri, NULL) : NULL;

    return guest && g_str_equal(guest->domain.name, name)
               ? vs_bus_question_keep(question, guest->domain.uuid.text)
               : NULL;
}

/* The options' texts belong to the message. */
static void
keep_query(VsBus *bus, VsBusQuestion *question, const VsBusOptions *options)
{
    question->query = (VsRecordQuery){
        .requests = options->requests,
        .uri = vs_bus_question_keep(question, options->uri),
        .domain = vs_bus_question_keep(question, options->domain),
        .uuid = uuid_of(bus, question, options->domain, options->uri),
        .id = vs_bus_question_keep(question, options->id),
        .stop = vs_bus_question_keep(question, options->stop),
        .host_stop = vs_bus_question_keep(question, options->host_stop),
        .cause = vs_bus_question_keep(question, options->cause),
        .outcome = vs_bus_question_keep(question, options->outcome),
        .unclean = options->unclean,
        .since = (int64_t)options->since,
        .until = (int64_t)options->until,
        .limit = options->limit,
        .after = vs_bus_question_keep(question, options->after),
    };
}

static bool
read_options(sd_bus_message *message, VsBusOptions *ret, GError **error)
{
    unsigned allowed = VS_BUS_OPTION_URI | VS_BUS_OPTION_DOMAIN | VS_BUS_OPTION_STOP |
                       VS_BUS_OPTION_HOST_STOP | VS_BUS_OPTION_CAUSE | VS_BUS_OPTION_SINCE |
                       VS_BUS_OPTION_UNTIL | VS_BUS_OPTION_LIMIT | VS_BUS_OPTION_AFTER |
                       VS_BUS_OPTION_REQUESTS | VS_BUS_OPTION_ID | VS_BUS_OPTION_PUBLIC |
                       VS_BUS_OPTION_OUTCOME | VS_BUS_OPTION_UNCLEAN;

    return vs_bus_options_read(message, allowed, ret, error) && check_id("id", ret->id, error) &&
           check_id("stop", ret->stop, error) && check_id("host_stop", ret->host_stop, error) &&
           check_words("cause", ret->cause, is_cause, error) &&
           check_words("outcome", ret->outcome, is_outcome, error);
}

static int
append_lines(sd_bus_message *reply, const GPtrArray *lines)
{
    int r = sd_bus_message_open_container(reply, SD_BUS_TYPE_ARRAY, "s");

    for (unsigned i = 0; r >= 0 && i < lines->len; i++)
        r = sd_bus_message_append_basic(reply, SD_BUS_TYPE_STRING, lines->pdata[i]);
    return r < 0 ? r : sd_bus_message_close_container(reply);
}

static int
reply_lines(VsBus *bus, sd_bus_message *message, const VsBusQuestion *question)
{
    g_autoptr(sd_bus_message) reply = NULL;
    int r;

    if ((r = sd_bus_message_new_method_return(message, &reply)) < 0 ||
        (r = append_lines(reply, question->found)) < 0 ||
        (question->text && (r = sd_bus_message_append(reply, "s", question->text)) < 0))
        return r;
    return sd_bus_send(NULL, reply, NULL);
}

/* The bus cuts off whoever sends it anything but UTF-8. The caller owns the result. */
static char *
valid_line(const char *line)
{
    return g_utf8_validate(line, -1, NULL) ? g_strdup(line) : vs_bus_text(line);
}

/* The lines as they may go out to who asks for them. */
static void
make_fit(VsBusQuestion *question)
{
    GPtrArray *fit;

    if (!question->found)
        return;
    fit = g_ptr_array_new_with_free_func(g_free);
    for (unsigned i = 0; i < question->found->len; i++) {
        g_autofree char *line = vs_disclosure_line(question->found->pdata[i], &question->reader);

        if (line)
            g_ptr_array_add(fit, valid_line(line));
    }
    g_ptr_array_unref(question->found);
    question->found = fit;
}

static void
run_records(VsBusQuestion *question)
{
    question->found =
        question->ops.records(question->view, &question->query, &question->text, &question->error);
    make_fit(question);
}

static void
run_history(VsBusQuestion *question)
{
    VsBusHistory wanted = {.domain = question->query.domain,
                           .uuid = question->query.uuid,
                           .limit = question->query.limit,
                           .max_size = question->max_size};

    question->found =
        question->ops.history(question->view, &wanted, &question->dropped, &question->error);
    make_fit(question);
}

static size_t
line_size(const void *found)
{
    return strlen(found);
}

static const VsBusQuestionKind records_kind = {
    .run = run_records,
    .reply = reply_lines,
    .size = line_size,
};

static const VsBusQuestionKind history_kind = {
    .run = run_history,
    .reply = reply_lines,
    .size = line_size,
};

/* --- who asks --- */

static void
set_reader(VsBus *bus, sd_bus_message *message, VsWithholding withholding, VsBusQuestion *question)
{
    const VsBusCaller *caller = vs_bus_gate_caller(bus, message);

    question->reader = (VsReader){.withholding = withholding,
                                  .uid = caller ? caller->user->uid : VS_READER_NOBODY};
}

/* What a rule hears is what is looked for, and no more than that: records of that name may be of
 * several domains, and of several libvirts. */
static VsBusDeed
deed_of(const char *domain, const char *uri)
{
    return (VsBusDeed){
        .domain = domain, .uuid = domain && vs_uuid_is_valid(domain) ? domain : NULL, .uri = uri};
}

/* That record, where it is one of those told last: it may not be on disk yet. @ret_line is what of
 * it may go out; the caller owns it. */
static bool
find_told(VsBus *bus, const VsBusQuestion *question, char **ret_line)
{
    const char *line = question->query.id && !question->query.requests
                           ? vs_bus_told_find(bus, question->query.id)
                           : NULL;
    g_auto(VsRecordMatch) match = {0};
    g_autofree char *open = NULL;

    if (!line)
        return false;
    vs_record_match_init(&match, &question->query);
    if (!vs_record_match_line(&match, line, strlen(line)))
        return false;
    open = vs_disclosure_line(line, &question->reader);
    *ret_line = open ? valid_line(open) : NULL;
    return open != NULL;
}

static int
list_records(VsBus *bus, sd_bus_message *message, VsWithholding withholding)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *line = NULL;
    VsBusQuestion *question;
    VsBusOptions options;

    if (!read_options(message, &options, &error))
        return vs_bus_error_reply(message, error);
    question = vs_bus_question_new(bus, &records_kind);
    keep_query(bus, question, &options);
    set_reader(bus, message, withholding, question);
    if (!vs_bus_gate_is_trusted(bus, message))
        question->query.max_size = MAX_OTHERS_PAGE;
    if (find_told(bus, question, &line)) {
        vs_bus_question_free(question);
        return sd_bus_reply_method_return(message, "ass", 1, line, "");
    }
    return vs_bus_ask(bus, message, question);
}

static int
list_public_records(VsBus *bus, sd_bus_message *message)
{
    sd_bus_message_rewind(message, true);
    return list_records(bus, message, VS_WITHHOLDING_NOT_ASKED);
}

int
vs_bus_list_records(sd_bus_message *message, void *userdata, sd_bus_error *ret_error)
{
    g_autoptr(GError) error = NULL;
    VsBus *bus = userdata;
    VsBusOptions options;
    VsBusDeed deed;

    if (!read_options(message, &options, &error))
        return vs_bus_error_reply(message, error);
    if (options.is_public && !vs_bus_gate_is_trusted(bus, message))
        return list_public_records(bus, message);
    deed = deed_of(options.domain, options.uri);
    return vs_bus_access_weigh(bus, message, &deed, list_records);
}

static int
get_history(VsBus *bus, sd_bus_message *message, VsWithholding withholding)
{
    VsBusQuestion *question;
    const char *domain;
    uint32_t limit;
    int r = sd_bus_message_read(message, "su", &domain, &limit);

    if (r < 0)
        return r;
    question = vs_bus_question_new(bus, &history_kind);
    question->query.domain = vs_bus_question_keep(question, *domain ? domain : NULL);
    question->query.uuid = uuid_of(bus, question, question->query.domain, NULL);
    question->query.limit = limit;
    question->max_size = vs_bus_gate_is_trusted(bus, message) ? MAX_HISTORY : MAX_OTHERS_HISTORY;
    set_reader(bus, message, withholding, question);
    return vs_bus_ask(bus, message, question);
}

int
vs_bus_get_history(sd_bus_message *message, void *userdata, sd_bus_error *ret_error)
{
    VsBus *bus = userdata;
    VsBusDeed deed;
    const char *domain;
    uint32_t limit;
    int r = sd_bus_message_read(message, "su", &domain, &limit);

    if (r < 0)
        return r;
    deed = deed_of(*domain ? domain : NULL, NULL);
    return vs_bus_access_weigh(bus, message, &deed, get_history);
}
