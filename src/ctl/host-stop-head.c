/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "ctl/host-stop-head.h"

#include "core/disclosure.h"
#include "core/host-kind.h"
#include "core/part.h"
#include "ctl/host-stop.h"
#include "ctl/own-command.h"
#include "util/i18n.h"
#include "util/span.h"
#include "util/text.h"
#include "util/wallclock.h"
#include "words/story-request.h"
#include "words/when.h"

#define LABEL_COLUMNS 10

/* It was under way when all were asked: by whom is another matter. */
static bool
is_taken_in(json_object *record)
{
    const char *text = vs_json_string(vs_json_object(record, "host_stop"), "asked", "");
    int64_t asked, end, took = 0;

    if (!vs_wallclock_parse(text, &asked, NULL) ||
        !vs_wallclock_parse(vs_json_string(record, "time", ""), &end, NULL))
        return false;
    vs_json_msec(record, "took_ms", &took);
    return end - took < asked - 2 * VS_USEC_PER_MSEC; /* milliseconds are cut off */
}

static void
read_host_stop(VsHostStopHead *head, json_object *record)
{
    json_object *host_stop = vs_json_object(record, "host_stop");
    json_object *request = vs_json_object(record, "request");

    head->id = vs_json_string(host_stop, "id", head->id);
    head->kind = vs_json_string(host_stop, "kind", head->kind);
    if (vs_json_object(host_stop, "part"))
        head->part = vs_json_object(host_stop, "part");
    if (!is_taken_in(record))
        head->reason = vs_json_string(request, "reason", head->reason);
    if (!is_taken_in(record) && vs_json_object(request, "by"))
        head->by = vs_json_object(request, "by");
}

void
vs_host_stop_head_read(VsHostStopHead *ret, const GPtrArray *records)
{
    VsHostStopTally tally = {0};

    *ret = (VsHostStopHead){0};
    for (unsigned i = 0; i < records->len; i++) {
        read_host_stop(ret, records->pdata[i]);
        ret->is_hidden |= vs_disclosure_withheld(records->pdata[i]) != VS_WITHHOLDING_NONE;
        vs_host_stop_tally_add(&tally, records->pdata[i]);
    }
    ret->is_hidden = ret->is_hidden && !ret->by;
    ret->asked = tally.asked;
    ret->summary = vs_summary_of_tally(&tally);
}

const char *
vs_host_stop_head_kind(const VsHostStopHead *head)
{
    static const char *const titles[VS_N_HOST_KINDS] = {
        [VS_HOST_KIND_UNKNOWN] = N_("The host going down"),
        [VS_HOST_KIND_BY_HAND] = N_("Stop of all guests, by hand"),
        [VS_HOST_KIND_POWEROFF] = N_("Poweroff of the host"),
        [VS_HOST_KIND_REBOOT] = N_("Reboot of the host"),
        [VS_HOST_KIND_HALT] = N_("Halt of the host"),
        [VS_HOST_KIND_KEXEC] = N_("The host booting another kernel (kexec)"),
        [VS_HOST_KIND_SOFT_REBOOT] = N_("Soft reboot of the host"),
    };
    VsHostKind kind = VS_HOST_KIND_UNKNOWN;

    vs_host_kind_find(head->kind ? head->kind : "", &kind);
    if (head->part && kind == VS_HOST_KIND_BY_HAND)
        return _("Stop of a part of the guests, by hand");
    return _(titles[kind]);
}

/* "group lab, priority 0-10"; NULL: of all, or that can't be read. The caller owns it. */
static char *
part_of(const VsHostStopHead *head)
{
    g_autoptr(VsPart) part = NULL;

    if (!head->part || !vs_part_from_json(head->part, &part, NULL) || !part)
        return NULL;
    return vs_part_format(part);
}

static void
append_field(GString *text, const char *label, const char *value)
{
    size_t columns = vs_text_columns(label);
    int pad = columns < LABEL_COLUMNS ? (int)(LABEL_COLUMNS - columns) : 0;

    g_string_append_printf(text, "%*s%s: %s\n", pad, "", label, value);
}

/* Of what isn't asked for here, for polkit would have to be waited for. */
static char *
tell_hidden(const VsCtl *ctl)
{
    g_autofree char *own = vs_own_command(ctl);

    return g_strdup_printf(_("not shown here; “%s why DOMAIN” tells who asked, and why, to whoever "
                             "may see it"),
                           own);
}

char *
vs_host_stop_head_tell(const VsHostStopHead *head, const VsCtl *ctl)
{
    g_autofree char *began = vs_when_zoned(head->asked), *id = vs_text_printable(head->id);
    g_autofree char *by = head->by          ? vs_story_requester(head->by, !ctl->client.host)
                          : head->is_hidden ? tell_hidden(ctl)
                                            : NULL;
    g_autofree char *reason = vs_text_quoted(head->reason);
    g_autofree char *part = part_of(head);
    g_autofree char *summary = vs_summary_tell(&head->summary);
    GString *text = g_string_new(NULL);

    append_field(text, _("What"), vs_host_stop_head_kind(head));
    if (part)
        append_field(text, _("Part"), part);
    if (head->id)
        append_field(text, _("Id"), id);
    append_field(text, _("Began"), began);
    if (by)
        append_field(text, _("Asked by"), by);
    if (head->reason && *head->reason)
        append_field(text, _("Reason"), reason);
    append_field(text, _("Outcome"), summary);
    return g_string_free(text, FALSE);
}
