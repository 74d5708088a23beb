/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bus/records.h"

#include "bus/errors.h"
#include "bus/message.h"
#include "bus/options.h"
#include "core/record.h"
#include "util/error.h"
#include "util/i18n.h"
#include "util/text.h"

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
check_cause(const char *cause, GError **error)
{
    g_autofree char *quoted = vs_text_quoted(cause);
    VsCause known;

    if (!cause || vs_cause_parse(cause, &known))
        return true;
    g_set_error(error, VS_ERROR, VS_ERROR_INVALID, _("%s is no cause that a record can have"),
                quoted);
    return false;
}

static bool
read_query(sd_bus_message *message, VsRecordQuery *ret, GError **error)
{
    unsigned allowed = VS_BUS_OPTION_URI | VS_BUS_OPTION_DOMAIN | VS_BUS_OPTION_STOP |
                       VS_BUS_OPTION_HOST_STOP | VS_BUS_OPTION_CAUSE | VS_BUS_OPTION_SINCE |
                       VS_BUS_OPTION_UNTIL | VS_BUS_OPTION_LIMIT | VS_BUS_OPTION_AFTER;
    VsBusOptions options;

    if (!vs_bus_options_read(message, allowed, &options, error) ||
        !check_id("stop", options.stop, error) ||
        !check_id("host_stop", options.host_stop, error) || !check_cause(options.cause, error))
        return false;
    *ret = (VsRecordQuery){.uri = options.uri,
                           .domain = options.domain,
                           .stop = options.stop,
                           .host_stop = options.host_stop,
                           .cause = options.cause,
                           .since = (int64_t)options.since,
                           .until = (int64_t)options.until,
                           .limit = options.limit,
                           .after = options.after};
    return true;
}

static int
reply_page(sd_bus_message *message, const GPtrArray *lines, const char *mark)
{
    g_autoptr(sd_bus_message) reply = NULL;
    int r;

    if ((r = sd_bus_message_new_method_return(message, &reply)) < 0 ||
        (r = sd_bus_message_open_container(reply, SD_BUS_TYPE_ARRAY, "s")) < 0)
        return r;
    for (unsigned i = 0; i < lines->len; i++) {
        g_autofree char *line = vs_bus_text(lines->pdata[i]);

        if ((r = sd_bus_message_append(reply, "s", line)) < 0)
            return r;
    }
    if ((r = sd_bus_message_close_container(reply)) < 0 ||
        (r = sd_bus_message_append(reply, "s", mark)) < 0)
        return r;
    return sd_bus_send(NULL, reply, NULL);
}

int
vs_bus_list_records(sd_bus_message *message, void *userdata, sd_bus_error *ret_error)
{
    g_autoptr(GPtrArray) lines = NULL;
    g_autoptr(GError) error = NULL;
    g_autofree char *mark = NULL;
    VsBus *bus = userdata;
    VsRecordQuery query;

    if (!read_query(message, &query, &error) ||
        !(lines = bus->ops.records(&query, &mark, &error, bus->userdata)))
        return vs_bus_error_reply(message, error);
    return reply_page(message, lines, mark);
}
