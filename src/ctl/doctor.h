/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "client/objects.h"
#include "ctl/findings.h"

/* The checks of doctor, each adding what it finds. */

/* What virtstopd knows, or that it isn't there. Returns what stopping all guests takes at most, µs;
 * VS_USEC_INFINITY: no limit, -1: not known. */
int64_t vs_doctor_check_daemon(VsFindings *findings, VsCtl *ctl);

/* A guest that runs, by its properties. @longest: what it needed at most, of the stops that are on
 * record and in which it came down in order, µs; 0: there is none. @budget: what all guests have
 * together, µs, or VS_USEC_INFINITY. */
void vs_doctor_check_guest(VsFindings *findings, const VsDomainObject *domain, int64_t longest,
                           int64_t budget);

/* What systemd would do to the guests. @worst: as vs_doctor_check_daemon() returns it. */
void vs_doctor_check_units(VsFindings *findings, VsCtl *ctl, int64_t worst);

/* libvirt's own stopping of guests, by the text of its qemu.conf. */
void vs_doctor_check_qemu_conf(VsFindings *findings, const char *path, const char *text);
