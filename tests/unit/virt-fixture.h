/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <libvirt/libvirt.h>

#include "virt/virt.h"

/* The adapter on libvirt's test driver, which needs no libvirtd: all connections of a process to
 * test:///default share its domains, so that a second one plays the others. */

#define VIRT_FIXTURE_URI "test:///default"

typedef struct VirtSeen {
    VsEvent event;
    VsDomainId domain;
    char *text; /* why, message or error */
    GArray *domains;
} VirtSeen;

typedef struct VirtFixture {
    virConnectPtr other;
    VsVirt *virt;
    GPtrArray *seen; /* of VirtSeen */
} VirtFixture;

/* What has been told so far. Waiting runs the main loop, and fails the test after a minute. */
typedef bool (*VirtFixtureDone)(VirtFixture *f, const void *what);
void virt_fixture_wait_until(VirtFixtureDone done, VirtFixture *f, const void *what,
                             const char *description);
void virt_fixture_run_for(unsigned ms);
unsigned virt_fixture_count(const VirtFixture *f, VsEventType type);

/* The @n-th event of that type, of all lifecycle events; the n-th reply, which is good. */
const VirtSeen *virt_fixture_wait_for(VirtFixture *f, VsEventType type, unsigned n);
const VirtSeen *virt_fixture_wait_for_lifecycle(VirtFixture *f, unsigned n, int type, int detail);
void virt_fixture_assert_done(VirtFixture *f, unsigned n);

/* Starts the adapter; set_up() on the test driver's URI alone, and waits for its connection. */
void virt_fixture_start_uri(VirtFixture *f, const char *const *uris);
void virt_fixture_set_up(VirtFixture *f, gconstpointer unused);
void virt_fixture_tear_down(VirtFixture *f, gconstpointer unused);

/* An action for @domain (or NULL), good until the next one. */
VsAction *virt_fixture_action(VsActionType type, virDomainPtr domain);
void virt_fixture_call(VirtFixture *f, virDomainPtr domain, VsMethod method, uint64_t number);

/* Another one starts a domain; the caller frees it. */
virDomainPtr virt_fixture_create(VirtFixture *f, const char *name);
