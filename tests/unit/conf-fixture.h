/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "conf/conf-load.h"

/* What the tests of the configuration share. */

/* A configuration from a file with @text, which must load. */
VsConf *vs_test_conf_load_text(const char *text);

/* The message, from behind the file's path, of a file that must not load. The caller owns it. */
char *vs_test_conf_refuse_bytes(const char *text, size_t len);
char *vs_test_conf_refuse(const char *text);
void vs_test_conf_check_refused(const char *text, const char *message);

void vs_test_conf_check_ladder(const VsConf *conf, const char *expected);
void vs_test_conf_check_uris(const VsConf *conf, const char *expected);
void vs_test_conf_check_defaults(const VsConf *conf);
