/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* libvirt's own stopping of guests (11.2 and later), by the text of a qemu.conf. */

#define VS_QEMU_CONF_AUTO_SHUTDOWNS 3

/* The text of the qemu.conf of a user, who may have put anything there: nothing is waited for, or
 * opened, but a file of a size that one has. The caller owns it; NULL: there is none. */
char *vs_qemu_conf_read(const char *path);

/* The versions of libvirt that have it, and that save or shut down a session's guests where nothing
 * is said. As libvirt numbers them. */
#define VS_QEMU_CONF_HAS_AUTO_SHUTDOWN  11002000
#define VS_QEMU_CONF_SESSION_BY_DEFAULT 11003000

/* The lines that turn it on, without comments; @ret_n_none: how many of its
 * VS_QEMU_CONF_AUTO_SHUTDOWNS keys say "none". The caller owns the array. */
GPtrArray *vs_qemu_conf_auto_shutdown(const char *text, unsigned *ret_n_none);
