/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <systemd/sd-bus.h>

/* virtstopctl's client, with somebody who can be asked for a password. */

/* Stops web1, db1 and web1 on @bus, and waits. 0: all were refused for want of rights, though no
 * call has time but those for which a person is asked. */
int person_client_stop(sd_bus *bus);
