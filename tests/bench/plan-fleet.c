/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>
#include <stdlib.h>

#include "rehearsal/plan.h"
#include "util/span.h"

/* How long a plan takes for a simulated host of GUESTS guests (10000) in a random order: each has a
 * section of its own that puts it before one to three others, and half of them a history. */

#define SEED 20261123

static VsPlanGuest
make_guest(GRand *random, unsigned i)
{
    static const uint8_t seed[16] = {1};
    VsPlanGuest guest = {.info = {.state = VS_STATE_RUNNING, .persistent = true}};

    guest.info.domain.uri = (char *)"test:///default";
    guest.info.domain.name = g_strdup_printf("guest%u", i);
    guest.info.domain.uuid = vs_uuid_derive(seed, i);
    guest.info.domain.id = (int)i + 1;
    guest.info.description.agent = VS_AGENT_CONNECTED;
    if (g_rand_boolean(random)) {
        int64_t usual = g_rand_int_range(random, 1, 200) * VS_USEC_PER_SEC;
        int64_t slowest = usual + g_rand_int_range(random, 1, 100) * VS_USEC_PER_SEC;

        guest.past.answers[VS_METHOD_AGENT] =
            (VsAnswer){3, {usual, usual, usual}, {slowest, slowest, slowest}, 0};
    }
    return guest;
}

/* Later ones only, so that nothing goes round in a circle. */
static void
add_section(VsPolicy *policy, GRand *random, unsigned i, unsigned n)
{
    g_autofree char *name = g_strdup_printf("guest%u", i);
    VsSection *section = vs_section_new(name, "bench:1");
    unsigned n_before = g_rand_int_range(random, 1, 4);

    g_strfreev(section->before);
    section->before = g_new0(char *, n_before + 1);
    for (unsigned k = 0; k < n_before; k++)
        section->before[k] =
            g_strdup_printf("guest%d", g_rand_int_range(random, (int)i + 1, (int)n));
    section->says = VS_POLICY_PRIORITY;
    section->policy.priority = g_rand_int_range(random, 0, 5);
    g_ptr_array_add(policy->sections, section);
}

int
main(int argc, char **argv)
{
    unsigned n = argc > 1 ? (unsigned)atoi(argv[1]) : 10000;
    unsigned n_sections = argc > 2 ? (unsigned)atoi(argv[2]) : 300;
    GRand *random = g_rand_new_with_seed(SEED);
    VsPlanGuest *guests = g_new0(VsPlanGuest, n);
    json_object *plan;
    int64_t began, took;
    VsPolicy policy;

    vs_policy_init(&policy);
    for (unsigned i = 0; i < n; i++)
        guests[i] = make_guest(random, i);
    for (unsigned i = 0; i < n_sections && n > 1; i++)
        add_section(&policy, random, (unsigned)g_rand_int_range(random, 0, (int)n - 1), n);
    began = g_get_monotonic_time();
    plan = vs_plan_make(&policy, guests, n, 3600 * VS_USEC_PER_SEC, false);
    took = g_get_monotonic_time() - began;
    printf("plan of %u guests with %u sections: %zu in it, %.2f s\n", n, n_sections,
           json_object_array_length(vs_json_array(plan, "guests")), (double)took / 1e6);
    json_object_put(plan);
    vs_policy_clear(&policy);
    for (unsigned i = 0; i < n; i++)
        g_free(guests[i].info.domain.name);
    g_free(guests);
    g_rand_free(random);
    return 0;
}
