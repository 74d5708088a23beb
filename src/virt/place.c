/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "virt/place.h"

#include <string.h>
#include <unistd.h>

#include "util/error.h"
#include "util/i18n.h"
#include "util/text.h"

typedef enum VsInstance {
    VS_INSTANCE_NONE, /* no QEMU driver on this host */
    VS_INSTANCE_SYSTEM,
    VS_INSTANCE_SESSION,
} VsInstance;

static bool
is_local(GUri *uri)
{
    const char *host = g_uri_get_host(uri);
    const char *transport = strchr(g_uri_get_scheme(uri), '+');

    return (!host || !*host) && (!transport || strcmp(transport, "+unix") == 0);
}

bool
vs_place_is_local(const char *uri)
{
    g_autoptr(GUri) parsed = g_uri_parse(uri, G_URI_FLAGS_NONE, NULL);

    return parsed && is_local(parsed);
}

static VsInstance
find_instance(const char *uri)
{
    g_autoptr(GUri) parsed = g_uri_parse(uri, G_URI_FLAGS_NONE, NULL);

    if (!parsed || !is_local(parsed))
        return VS_INSTANCE_NONE;
    if (strcmp(g_uri_get_scheme(parsed), "qemu") != 0 &&
        strcmp(g_uri_get_scheme(parsed), "qemu+unix") != 0)
        return VS_INSTANCE_NONE;
    if (strcmp(g_uri_get_path(parsed), "/system") == 0)
        return VS_INSTANCE_SYSTEM;
    if (strcmp(g_uri_get_path(parsed), "/session") == 0)
        /* root's session is the system's */
        return geteuid() == 0 ? VS_INSTANCE_SYSTEM : VS_INSTANCE_SESSION;
    return VS_INSTANCE_NONE;
}

static bool
is_file_name(const char *name)
{
    return *name && !strchr(name, '/') && strcmp(name, ".") != 0 && strcmp(name, "..") != 0;
}

static char *
find_file(const VsDomainId *domain, const char *system, const char *session_base,
          const char *session, const char *suffix, GError **error)
{
    VsInstance instance = find_instance(domain->uri);

    if (instance == VS_INSTANCE_NONE) {
        g_set_error(error, VS_ERROR, VS_ERROR_FAILED, _("%s is no QEMU driver of this host"),
                    domain->uri);
        return NULL;
    }
    if (!is_file_name(domain->name)) {
        g_autofree char *name = vs_text_quoted(domain->name);

        g_set_error(error, VS_ERROR, VS_ERROR_INVALID,
                    _("a domain named %s can have no file of its own"), name);
        return NULL;
    }
    if (instance == VS_INSTANCE_SYSTEM)
        return g_strdup_printf("%s/%s%s", system, domain->name, suffix);
    return g_strdup_printf("%s/%s/%s%s", session_base, session, domain->name, suffix);
}

char *
vs_place_pid_file(const VsDomainId *domain, GError **error)
{
    return find_file(domain, "/run/libvirt/qemu", g_get_user_runtime_dir(), "libvirt/qemu/run",
                     ".pid", error);
}

char *
vs_place_log_file(const VsDomainId *domain, GError **error)
{
    return find_file(domain, "/var/log/libvirt/qemu", g_get_user_cache_dir(), "libvirt/qemu/log",
                     ".log", error);
}
