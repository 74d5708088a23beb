/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "engine-lab.h"
#undef SEC /* each has one */
#include "fleet.h"
#include "util/json.h"
#include "vs-test.h"

/* Guests that somebody manages beside libvirt. */

static VsSection *
owner_section(Fleet *fleet, const char *glob, VsOwnerSaid said)
{
    VsSection *section = fleet_section(fleet, glob, "");

    section->policy.owner = said;
    section->says |= VS_POLICY_OWNER;
    return section;
}

/* As logind says that the host goes down. */
static void
stop_early(Fleet *fleet, const char *const *in_cluster)
{
    VsEvent event = {.type = VS_EVENT_STOP_ALL};

    event.stop_all.shutdown = event.stop_all.early = true;
    event.stop_all.in_cluster = in_cluster;
    fleet_step(fleet, &event);
}

/* The early start leaves them alone, and the hook's unit doesn't: who manages them had its turn.
 * None of them is started again by us. */
static void
test_early(void)
{
    g_autofree char *key = NULL;
    const char *in_cluster[2] = {NULL};
    Fleet fleet;

    fleet_set_up(&fleet, "cloud cluster mine said");
    fleet_info(&fleet, "cloud")->description.owner = VS_OWNER_NOVA;
    fleet_info(&fleet, "said")->description.owner = VS_OWNER_NOVA;
    owner_section(&fleet, "said", VS_OWNER_SAID_NONE);
    fleet_begin(&fleet);
    key = vs_domain_key(URI, fleet_info(&fleet, "cluster")->domain.uuid.text);
    in_cluster[0] = key;
    stop_early(&fleet, in_cluster);
    fleet_expect(&fleet, "mine power-button, said power-button");
    fleet_go_off(&fleet, "mine", false);
    fleet_pass(&fleet, 10 * SEC);
    g_ptr_array_set_size(fleet.said, 0);
    fleet_restart(&fleet);
    fleet_pass(&fleet, 10 * SEC);
    g_assert_nonnull(strstr(fleet.kept, "\"mine\""));
    g_ptr_array_set_size(fleet.said, 0);
    fleet_stop_all(&fleet, 0, true);
    fleet_expect(&fleet, "cloud power-button, cluster power-button");
    g_assert_nonnull(strstr(fleet.kept, "\"mine\""));
    g_assert_null(strstr(fleet.kept, "\"cloud\""));
    g_assert_null(strstr(fleet.kept, "\"cluster\""));
    stop_early(&fleet, NULL); /* what was begun goes on */
    fleet_expect(&fleet, "");
    fleet_tear_down(&fleet);
}

/* By hand they are stopped as any: somebody asked for it. */
static void
test_by_hand(void)
{
    Fleet fleet;

    fleet_set_up(&fleet, "cloud");
    fleet_info(&fleet, "cloud")->description.owner = VS_OWNER_NOVA;
    fleet_begin(&fleet);
    fleet_stop_all(&fleet, 0, false);
    fleet_expect(&fleet, "cloud power-button");
    fleet_tear_down(&fleet);
}

static void
set_up(Lab *lab, const void *data)
{
    lab_set_up(lab, NULL);
}

static void
assert_owner(Lab *lab, const char *owner)
{
    g_autoptr(json_object) record = vs_record_to_json(lab_last_record(lab), "boot");

    g_assert_cmpstr(vs_json_string(record, "owner", "-"), ==, owner);
}

/* Restart= leaves it alone, and that is said; the record names who it is. */
static void
test_restart(Lab *lab, const void *data)
{
    const VsOwnerSaid *said = data;

    lab->policy.all.restart = VS_RESTART_ALWAYS;
    lab->policy.all.owner = *said;
    lab->guest.description.owner = VS_OWNER_OVIRT;
    vs_engine_set_policy(lab->engine, &lab->policy);
    lab_run_guest(lab);
    lab->guest.state = VS_STATE_SHUTOFF;
    lab->guest.reason = VS_SHUTOFF_CRASHED;
    lab->guest.domain.id = -1;
    lab_lifecycle(lab, VS_LIFECYCLE_STOPPED, VS_STOPPED_FAILED);
    lab_pass(lab, 2 * SEC);
    if (*said == VS_OWNER_SAID_NONE) {
        lab_expect_call(lab, VS_METHOD_START);
        assert_owner(lab, "-");
        return;
    }
    lab_expect_no_call(lab);
    lab_expect_note(lab, "somebody else manages it");
    assert_owner(lab, *said == VS_OWNER_SAID_AUTO ? "ovirt" : "kubevirt");
}

/* Known from the run before, where this one ended before it was described; and over a restart. */
static void
test_remembered(Lab *lab, const void *data)
{
    lab->guest.description.owner = VS_OWNER_CLOUDSTACK;
    lab_run_guest(lab);
    lab_restart(lab, 1 * SEC);
    lab->hung = true;
    lab_connect(lab);
    lab_be_destroyed(lab);
    lab_pass(lab, 20 * SEC);
    assert_owner(lab, "cloudstack");
    lab_boot(lab);
    lab_be_destroyed(lab);
    lab_pass(lab, 20 * SEC);
    assert_owner(lab, "cloudstack");
}

static void
test_names(void)
{
    static const struct {
        const char *uri;
        VsOwner owner;
    } rows[] = {
        {"http://openstack.org/xmlns/libvirt/nova/1.0", VS_OWNER_NOVA},
        {"http://openstack.org/xmlns/libvirt/nova/1.1", VS_OWNER_NOVA},
        {"http://ovirt.org/vm/1.0", VS_OWNER_OVIRT},
        {"http://ovirt.org/vm/tune/1.0", VS_OWNER_OVIRT},
        {"http://kubevirt.io", VS_OWNER_KUBEVIRT},
        {"http://libosinfo.org/xmlns/libvirt/domain/1.0", VS_OWNER_NONE},
        {"https://virtstop.org/xmlns/policy/1.0", VS_OWNER_NONE},
        {"", VS_OWNER_NONE},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
        g_assert_cmpint(vs_owner_of_namespace(rows[i].uri), ==, rows[i].owner);
    for (int owner = VS_OWNER_NONE; owner < VS_N_OWNERS; owner++)
        g_assert_cmpint(vs_owner_parse(vs_owner_name((VsOwner)owner)), ==, owner);
    g_assert_cmpint(vs_owner_parse("somebody"), ==, VS_OWNER_NONE);
}

int
main(int argc, char **argv)
{
    static const VsOwnerSaid automatic = VS_OWNER_SAID_AUTO, none = VS_OWNER_SAID_NONE,
                             other = (VsOwnerSaid)(VS_OWNER_SAID_NONE + VS_OWNER_KUBEVIRT);

    vs_test_init(&argc, &argv);
    g_test_add_func("/owner/early", test_early);
    g_test_add_func("/owner/by-hand", test_by_hand);
    g_test_add("/owner/restart", Lab, &automatic, set_up, test_restart, lab_tear_down);
    g_test_add("/owner/restart-of-none", Lab, &none, set_up, test_restart, lab_tear_down);
    g_test_add("/owner/restart-of-another", Lab, &other, set_up, test_restart, lab_tear_down);
    lab_add("/owner/remembered", test_remembered);
    g_test_add_func("/owner/names", test_names);
    return g_test_run();
}
