/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "ctl/findings.h"

/* The name of the check that finds libvirt-guests in use. */
#define VS_DOCTOR_LIBVIRT_GUESTS "libvirt-guests"

/* What systemd would do to the guests. @worst: as vs_doctor_check_daemon() returns it. */
void vs_doctor_check_units(VsFindings *findings, VsCtl *ctl, int64_t worst);

/* libvirt's own stopping of guests, by the text of its qemu.conf. */
void vs_doctor_check_qemu_conf(VsFindings *findings, const char *path, const char *text);
