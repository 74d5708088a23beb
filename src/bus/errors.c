/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bus/errors.h"

#include <string.h>

#include "util/error.h"

/* Messages quote what the caller sent, and that can be as long as the bus lets a message be: an
 * answer that is longer than it allows would cost us the connection. */
#define MAX_MESSAGE 4096

static const char *const names[] = {
    [VS_ERROR_FAILED] = "org.virtstop1.Error.Failed",
    [VS_ERROR_INVALID] = SD_BUS_ERROR_INVALID_ARGS,
    [VS_ERROR_NO_SUCH_DOMAIN] = "org.virtstop1.Error.NoSuchDomain",
    [VS_ERROR_AMBIGUOUS] = "org.virtstop1.Error.AmbiguousDomain",
    [VS_ERROR_NO_STOP] = "org.virtstop1.Error.NoStopInFlight",
    [VS_ERROR_ACCESS] = SD_BUS_ERROR_ACCESS_DENIED,
    [VS_ERROR_NOT_CONNECTED] = "org.virtstop1.Error.NotConnected",
    [VS_ERROR_IO] = SD_BUS_ERROR_IO_ERROR,
    [VS_ERROR_LIMITS] = SD_BUS_ERROR_LIMITS_EXCEEDED,
    [VS_ERROR_MARK_GONE] = "org.virtstop1.Error.MarkGone",
};

static const char *
name_of(const GError *error)
{
    if (error->domain != VS_ERROR || error->code < 0 || error->code >= (int)G_N_ELEMENTS(names))
        return names[VS_ERROR_FAILED];
    return names[error->code];
}

int
vs_bus_error_set(sd_bus_error *ret, const GError *error)
{
    g_autofree char *message = vs_bus_text(error->message);
    const char *end;

    if (strlen(message) > MAX_MESSAGE) {
        g_utf8_validate(message, MAX_MESSAGE, &end);
        message[end - message] = '\0';
    }
    return sd_bus_error_set(ret, name_of(error), message);
}

int
vs_bus_error_reply(sd_bus_message *message, const GError *error)
{
    g_auto(sd_bus_error) bus_error = SD_BUS_ERROR_NULL;

    vs_bus_error_set(&bus_error, error);
    return sd_bus_reply_method_error(message, &bus_error);
}
