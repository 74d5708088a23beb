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
            vs_doctor_tell(findings, ctl.client.scope, &found[i]);
        vs_findings_print(findings, &ctl);
        return;
    }
    g_test_trap_subprocess(NULL, 0, 0);
    g_test_trap_assert_passed();
    g_test_trap_assert_stdout(wanted);
}

int
main(int argc, char **argv)
{
    vs_test_init(&argc, &argv);
    g_test_add_data_func("/doctor-words/system", GINT_TO_POINTER(VS_SCOPE_SYSTEM), test_systemctl);
    g_test_add_data_func("/doctor-words/user", GINT_TO_POINTER(VS_SCOPE_USER), test_systemctl);
    return g_test_run();
}
