/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <libvirt/virterror.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "candidates/clients.h"
#include "virt/place.h"

/* virtstop-candidates URI: prints who is connected to the libvirt at @URI, beside the process that
 * runs this, as one line of JSON. virtstopd runs it as a guest is ended by somebody else. */

/* Seconds: whoever runs it waits no longer, and a libvirt that hangs keeps nobody. */
#define PATIENCE 5

static void
keep_quiet(void *userdata, virErrorPtr error)
{
}

static void
limit_time(void)
{
    sigset_t alarms;

    signal(SIGALRM, SIG_DFL);
    sigemptyset(&alarms);
    sigaddset(&alarms, SIGALRM);
    sigprocmask(SIG_UNBLOCK, &alarms, NULL);
    alarm(PATIENCE);
}

int
main(int argc, char **argv)
{
    g_autoptr(json_object) clients = NULL;
    g_auto(GStrv) uris = NULL;

    if (argc != 2 || argv[1][0] == '-') {
        fputs("virtstop-candidates is run by virtstopd, with a URI of libvirt\n", stderr);
        return 2;
    }
    limit_time();
    virSetErrorFunc(NULL, keep_quiet);
    uris = vs_place_admin_uris(argv[1]);
    clients = vs_clients_list(uris, (int)getppid());
    puts(vs_json_line(clients));
    return EXIT_SUCCESS;
}
