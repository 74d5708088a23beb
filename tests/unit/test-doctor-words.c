/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "ctl/doctor-guests.h"
#include "vs-test.h"

/* What doctor says is to be done, to those who run virtstopd for the host, and for themselves. */

static const VsFinding found[] = {
    {.kind = VS_FINDING_NOT_CONNECTED, .domain.uri = (char *)"qemu:///session"},
    {.kind = VS_FINDING_HOOK, .message = (char *)"/h: it is not executable"},
    {.kind = VS_FINDING_HOOK_UNREAD, .message = (char *)"/h"},
};

static void
test_systemctl(const void *scope)
{
    VsCtl ctl = {.client.scope = GPOINTER_TO_INT(scope)};
    g_autoptr(VsFindings) findings = vs_findings_new();
    const char *systemctl = ctl.client.scope == VS_SCOPE_USER ? "systemctl --user" : "systemctl";
    g_autofree char *wanted =
        g_strdup_printf("*right? %s status virtstopd.service says why*then %s reload virtstopd\n*"
                        "    %s reload virtstopd\n*",
                        systemctl, systemctl, systemctl);

    if (g_test_subprocess()) {
        for (unsigned i = 0; i < G_N_ELEMENTS(found); i++)
            vs_doctor_tell(findings, &ctl, &found[i]);
        vs_findings_print(findings, &ctl);
        return;
    }
    g_test_trap_subprocess(NULL, 0, 0);
    g_test_trap_assert_passed();
    g_test_trap_assert_stdout(wanted);
}

static const VsFinding short_budget = {
    .kind = VS_FINDING_CUT_SHORT, .domain.name = (char *)"db1", .took = 30 * G_USEC_PER_SEC};

/* What is to be pasted is quoted for the shell that it is pasted into. */
static void
check_paste(const char *host, const char *wanted)
{
    VsCtl ctl = {.client.host = host};
    g_autoptr(VsFindings) findings = vs_findings_new();

    if (g_test_subprocess()) {
        vs_doctor_tell(findings, &ctl, &short_budget);
        vs_findings_print(findings, &ctl);
        return;
    }
    g_test_trap_subprocess(NULL, 0, 0);
    g_test_trap_assert_passed();
    g_test_trap_assert_stdout(wanted);
}

#define FAR_BUDGET                                                                                 \
    "'mkdir -p */virtstop.conf.d && printf '\\''[Daemon]\\nBudget=1min\\n'\\'' "                   \
    ">*/virtstop.conf.d/50-budget.conf && systemctl reload virtstopd.service'\n*"

static void
test_host(void)
{
    check_paste("root@far:2222", "*\n    ssh -t -p 2222 root@far " FAR_BUDGET);
}

static void
test_host_of_digits(void)
{
    check_paste("[::1]:22", "*\n    ssh -t -p 22 ::1 " FAR_BUDGET);
}

static void
test_host_without_port(void)
{
    check_paste("fe80::1", "*\n    ssh -t fe80::1 " FAR_BUDGET);
}

static void
test_directory(void)
{
    g_setenv("CONFIGURATION_DIRECTORY", "/a directory", TRUE);
    check_paste(NULL, "*\n    mkdir -p '/a directory/virtstop.conf.d' && printf "
                      "'[Daemon]\\nBudget=1min\\n' >'/a directory/virtstop.conf.d'/50-budget.conf "
                      "&& systemctl reload virtstopd.service\n*");
}

int
main(int argc, char **argv)
{
    vs_test_init(&argc, &argv);
    g_test_add_data_func("/doctor-words/system", GINT_TO_POINTER(VS_SCOPE_SYSTEM), test_systemctl);
    g_test_add_data_func("/doctor-words/user", GINT_TO_POINTER(VS_SCOPE_USER), test_systemctl);
    g_test_add_func("/doctor-words/host", test_host);
    g_test_add_func("/doctor-words/host-of-digits", test_host_of_digits);
    g_test_add_func("/doctor-words/host-without-port", test_host_without_port);
    g_test_add_func("/doctor-words/directory", test_directory);
    return g_test_run();
}
