/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bus/plan.h"

#include "bus/errors.h"
#include "bus/message.h"
#include "bus/options.h"
#include "bus/questions.h"
#include "engine/part-check.h"

static void
run(VsBusQuestion *question)
{
    question->text = question->ops.plan(question->view, question->budget, question->part,
                                        &question->dropped, &question->error);
}

static int
reply(VsBus *bus, sd_bus_message *message, const VsBusQuestion *question)
{
    g_autofree char *text = vs_bus_text(question->text);

    return sd_bus_reply_method_return(message, "s", text);
}

static const VsBusQuestionKind kind = {.guests = true, .run = run, .reply = reply};

int
vs_bus_plan(sd_bus_message *message, void *userdata, sd_bus_error *ret_error)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(VsPart) part = NULL;
    VsBusOptions options = {0};
    VsBus *bus = userdata;
    VsBusQuestion *question;

    if (!vs_bus_options_read(message, VS_BUS_OPTION_BUDGET | VS_BUS_OPTIONS_PART, &options,
                             &error) ||
        !vs_bus_options_part(&options, &part, &error) || !vs_part_check(bus->engine, part, &error))
        return vs_bus_error_reply(message, error);
    question = vs_bus_question_new(bus, &kind);
    question->budget = (int64_t)options.budget;
    question->part = g_steal_pointer(&part);
    return vs_bus_ask(bus, message, question);
}
