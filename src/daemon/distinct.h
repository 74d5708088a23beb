/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* @uris without those that reach a libvirt which one before them reaches, too: its guests would be
 * there twice, and be stopped twice. Each that is left out is said. The caller owns the result. */
char **vs_distinct_uris(char *const *uris);
