/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A guest's figures, as libvirt tells them. */

#include "virt/domain-stats.h"
#include "vs-test.h"

typedef struct Field {
    const char *name;
    uint64_t value;
} Field;

/* "block.count" is the one that is no virTypedParameter of 64 bits. */
static bool
read_fields(const Field *fields, VsStats *ret)
{
    virTypedParameter params[16] = {0};
    int n = 0;

    for (; fields[n].name; n++) {
        g_strlcpy(params[n].field, fields[n].name, sizeof(params[n].field));
        params[n].type = VIR_TYPED_PARAM_ULLONG;
        params[n].value.ul = fields[n].value;
        if (g_str_equal(fields[n].name, "block.count")) {
            params[n].type = VIR_TYPED_PARAM_UINT;
            params[n].value.ui = (unsigned)fields[n].value;
        }
    }
    return vs_domain_stats_read(params, n, ret);
}

static void
test_adds_up(void)
{
    static const Field fields[] = {{"vcpu.0.time", 10},     {"vcpu.1.time", 5},
                                   {"block.count", 2},      {"block.0.rd.reqs", 1},
                                   {"block.0.wr.reqs", 2},  {"block.0.wr.bytes", 512},
                                   {"block.1.wr.reqs", 40}, {"block.1.wr.bytes", 4096},
                                   {"block.1.fl.reqs", 3},  {NULL, 0}};
    VsStats stats;

    g_assert_true(read_fields(fields, &stats));
    g_assert_cmpuint(stats.cpu, ==, 15);
    g_assert_cmpuint(stats.written, ==, 4608);
    g_assert_cmpuint(stats.writes, ==, 42);
    g_assert_cmpuint(stats.requests, ==, 46);
}

static void
test_has_no_disk(void)
{
    static const Field fields[] = {{"vcpu.0.time", 10}, {"block.count", 0}, {NULL, 0}};
    VsStats stats;

    g_assert_true(read_fields(fields, &stats));
    g_assert_cmpuint(stats.cpu, ==, 10);
    g_assert_cmpuint(stats.requests, ==, 0);
}

/* As libvirt 9.0 has it while a press hangs: figures that lack the disks' would look as if these
 * stood still, and the next ones as if all had been written since. */
static void
test_lacks_the_disks(void)
{
    static const Field fields[] = {{"vcpu.0.time", 10}, {"block.count", 1}, {NULL, 0}};
    VsStats stats;

    g_assert_false(read_fields(fields, &stats));
}

static void
test_lacks_the_cpus(void)
{
    static const Field fields[] = {{"block.count", 1}, {"block.0.wr.reqs", 2}, {NULL, 0}};
    VsStats stats;

    g_assert_false(read_fields(fields, &stats));
    g_assert_false(read_fields(&fields[2], &stats));
}

int
main(int argc, char **argv)
{
    vs_test_init(&argc, &argv);
    g_test_add_func("/virt/stats/adds-up", test_adds_up);
    g_test_add_func("/virt/stats/has-no-disk", test_has_no_disk);
    g_test_add_func("/virt/stats/lacks-the-disks", test_lacks_the_disks);
    g_test_add_func("/virt/stats/lacks-the-cpus", test_lacks_the_cpus);
    return g_test_run();
}
