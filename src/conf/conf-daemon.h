/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/conf-type.h"

extern const VsConfKey vs_conf_daemon_keys[]; /* [Daemon], in VsConf; else as core/conf-keys.h */
