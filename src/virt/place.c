/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "virt/place.h"

#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/domain.h"
#include "util/error.h"
#include "util/i18n.h"
#include "util/text.h"
#include "virt/way.h"

#define SYSTEM_SOCKETS "/run/libvirt"

typedef enum VsInstance {
    VS_INSTANCE_NONE,  /* none on this host */
    VS_INSTANCE_OTHER, /* with a socket of its own: another user's, or in a place of its own */
    VS_INSTANCE_SYSTEM,
    VS_INSTANCE_SESSION,
} VsInstance;

/* The driver's name in @uri, without the transport. The caller owns it. */
static char *
driver_of(GUri *uri)
{
    const char *scheme = g_uri_get_scheme(uri);

    return g_strndup(scheme, strcspn(scheme, "+"));
}

/* A parameter's value, NULL: it has none. The caller owns it. */
static char *
param_of(GUri *uri, const char *name)
{
    const char *query = g_uri_get_query(uri);
    g_autoptr(GHashTable) params =
        query ? g_uri_parse_params(query, -1, "&;", G_URI_PARAMS_NONE, NULL) : NULL;

    return params ? g_strdup(g_hash_table_lookup(params, name)) : NULL;
}

/* The path that the URI names for the daemon's socket, NULL: it leaves that to libvirt. The caller
 * owns it. */
static char *
socket_of(GUri *uri)
{
    return param_of(uri, "socket");
}

static bool
is_same_file(const char *path, const char *other)
{
    struct stat one, two;

    return stat(path, &one) == 0 && stat(other, &two) == 0 && one.st_dev == two.st_dev &&
           one.st_ino == two.st_ino;
}

/* Whether libvirt's daemons, of all drivers or of that one, listen there in @directory. Where the
 * daemon is away the name has to do. */
static bool
is_socket_in(const char *path, const char *directory, const char *driver)
{
    g_autofree char *modular = g_strdup_printf("virt%sd-sock", driver);
    const char *const names[] = {"libvirt-sock", modular};

    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *usual = g_build_filename(directory, names[i], NULL);

        if (strcmp(path, usual) == 0 || is_same_file(path, usual))
            return true;
    }
    return false;
}

/* The usual ones of the host, and of this user. Debian still has the first under its old name. */
static VsInstance
instance_of_socket(const char *path, const char *driver)
{
    g_autofree char *own = g_build_filename(g_get_user_runtime_dir(), "libvirt", NULL);

    if (is_socket_in(path, SYSTEM_SOCKETS, driver) ||
        is_socket_in(path, "/var/run/libvirt", driver))
        return VS_INSTANCE_SYSTEM;
    if (geteuid() != 0 && is_socket_in(path, own, driver))
        return VS_INSTANCE_SESSION;
    return VS_INSTANCE_OTHER;
}

/* The libvirt of this host that @uri, a local one, reaches, whatever its driver. It is the socket
 * that decides: a libvirt of another user's takes no look at the path. */
static VsInstance
find_local(GUri *uri, const char *driver)
{
    g_autofree char *socket = socket_of(uri);
    const char *path = g_uri_get_path(uri);

    if (socket)
        return instance_of_socket(socket, driver);
    if (strcmp(path, "/session") == 0)
        /* root's session is the system's */
        return geteuid() == 0 ? VS_INSTANCE_SYSTEM : VS_INSTANCE_SESSION;
    return strcmp(path, "/system") == 0 ? VS_INSTANCE_SYSTEM : VS_INSTANCE_NONE;
}

static VsInstance
find_instance(const char *uri)
{
    g_autoptr(GUri) parsed = g_uri_parse(uri, G_URI_FLAGS_NONE, NULL);
    g_autofree char *driver = parsed ? driver_of(parsed) : NULL;

    return g_strcmp0(driver, "qemu") == 0 && vs_domain_uri_is_local(uri)
               ? find_local(parsed, driver)
               : VS_INSTANCE_NONE;
}

bool
vs_place_is_system(const char *uri)
{
    g_autoptr(GUri) parsed = g_uri_parse(uri, G_URI_FLAGS_NONE, NULL);
    g_autofree char *driver = parsed ? driver_of(parsed) : NULL;

    return vs_domain_uri_is_local(uri) && find_local(parsed, driver) == VS_INSTANCE_SYSTEM;
}

/* The same, where the driver is none that has a path of that name for the system's. */
static bool
is_of_containers(const char *driver, const char *path)
{
    return strcmp(driver, "lxc") == 0 && (strcmp(path, "/") == 0 || strcmp(path, "") == 0);
}

/* One file may have many paths. */
static char *
name_by_socket(const char *driver, const char *path)
{
    struct stat status;

    if (stat(path, &status) < 0)
        return g_strdup_printf("%s:%s", driver, path);
    return g_strdup_printf("%s:%ju:%ju", driver, (uintmax_t)status.st_dev,
                           (uintmax_t)status.st_ino);
}

char *
vs_place_of(const char *uri)
{
    g_autoptr(GUri) parsed = g_uri_parse(uri, G_URI_FLAGS_NONE, NULL);
    g_autofree char *driver = parsed ? driver_of(parsed) : NULL;
    g_autofree char *socket = parsed ? socket_of(parsed) : NULL;

    if (!parsed || !vs_domain_uri_is_local(uri) || strcmp(driver, "test") == 0)
        return g_strdup(uri);
    if (!socket && is_of_containers(driver, g_uri_get_path(parsed)))
        return g_strdup_printf("%s:system", driver);
    switch (find_local(parsed, driver)) {
    case VS_INSTANCE_SYSTEM:
        return g_strdup_printf("%s:system", driver);
    case VS_INSTANCE_SESSION:
        return g_strdup_printf("%s:session", driver);
    case VS_INSTANCE_OTHER:
        return name_by_socket(driver, socket);
    default:
        return g_strdup(uri);
    }
}

/* The name of the socket by which libvirt's client reaches the system's @uri, which is modular
 * where that is there. The caller owns it. */
static char *
socket_name_of(GUri *uri, const char *driver)
{
    g_autofree char *socket = socket_of(uri);
    g_autofree char *mode = param_of(uri, "mode");
    g_autofree char *modular = g_strdup_printf("virt%sd-sock", driver);
    g_autofree char *path = g_build_filename(SYSTEM_SOCKETS, modular, NULL);

    if (socket)
        return g_path_get_basename(socket);
    if (access(path, F_OK) == 0 && g_strcmp0(mode, "legacy") != 0)
        return g_steal_pointer(&modular);
    return g_strdup("libvirt-sock");
}

/* The same URI, but by that socket. */
static char *
through(GUri *uri, const char *driver, const char *socket)
{
    const char *query = g_uri_get_query(uri);
    g_auto(GStrv) params = g_strsplit(query ? query : "", "&", -1);
    GString *text = g_string_new(NULL);

    g_string_printf(text, "%s+unix://%s?socket=%s", driver, g_uri_get_path(uri), socket);
    for (char **param = params; *param; param++) {
        g_autofree char *name = g_strndup(*param, strcspn(*param, "="));

        if (*name && strcmp(name, "socket") != 0)
            g_string_append_printf(text, "&%s", *param);
    }
    return g_string_free(text, FALSE);
}

char *
vs_place_way(const char *uri)
{
    g_autoptr(GUri) parsed = g_uri_parse(uri, G_URI_FLAGS_NONE, NULL);
    g_autofree char *driver = parsed ? driver_of(parsed) : NULL;
    g_autofree char *name = NULL, *way = NULL;

    if (!parsed || strcmp(driver, "test") == 0 || !vs_domain_uri_is_local(uri) ||
        !(find_local(parsed, driver) == VS_INSTANCE_SYSTEM ||
          is_of_containers(driver, g_uri_get_path(parsed))))
        return g_strdup(uri);
    name = socket_name_of(parsed, driver);
    way = vs_way_to(name);
    return way ? through(parsed, driver, way) : g_strdup(uri);
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

    if (instance == VS_INSTANCE_NONE || instance == VS_INSTANCE_OTHER) {
        g_set_error(error, VS_ERROR, VS_ERROR_FAILED,
                    instance == VS_INSTANCE_NONE
                        ? _("%s is no QEMU driver of this host")
                        : _("where the libvirt at %s has its files isn't known"),
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

/* Where daemons listen, and where their pid files are. */
typedef struct AdminPlace {
    const char *sockets;
    const char *pids;
    const char *path;
} AdminPlace;

/* The one has its socket by another name. The caller owns it. */
static char *
admin_socket_name(const char *daemon)
{
    bool is_one = strcmp(daemon, "libvirtd") == 0;

    return g_strdup_printf("%s-admin-sock", is_one ? "libvirt" : daemon);
}

static bool
runs(const AdminPlace *place, const char *daemon)
{
    g_autofree char *name = admin_socket_name(daemon);
    g_autofree char *pid_name = g_strdup_printf("%s.pid", daemon);
    g_autofree char *socket = g_build_filename(place->sockets, name, NULL);
    g_autofree char *pid = g_build_filename(place->pids, pid_name, NULL);

    return access(socket, F_OK) == 0 && access(pid, F_OK) == 0;
}

static void
add_admin_uri(GPtrArray *uris, const AdminPlace *place, const char *daemon)
{
    g_autofree char *name = admin_socket_name(daemon);
    g_autofree char *way = strcmp(place->path, "/system") == 0 ? vs_way_to(name) : NULL;

    g_ptr_array_add(uris, g_strdup_printf("%s://%s%s%s", daemon, place->path, way ? "?socket=" : "",
                                          way ? way : ""));
}

static void
add_admin_uris(GPtrArray *uris, const AdminPlace *place)
{
    static const char *const serving[] = {"virtqemud", "libvirtd"};

    for (size_t i = 0; i < G_N_ELEMENTS(serving) && uris->len == 0; i++)
        if (runs(place, serving[i]))
            add_admin_uri(uris, place, serving[i]);
    if (runs(place, "virtproxyd"))
        add_admin_uri(uris, place, "virtproxyd");
}

char **
vs_place_admin_uris(const char *uri)
{
    GPtrArray *uris = g_ptr_array_new();
    g_autofree char *own = g_build_filename(g_get_user_runtime_dir(), "libvirt", NULL);
    VsInstance instance = find_instance(uri);

    if (instance == VS_INSTANCE_SYSTEM)
        add_admin_uris(uris, &(AdminPlace){SYSTEM_SOCKETS, "/run", "/system"});
    else if (instance == VS_INSTANCE_SESSION)
        add_admin_uris(uris, &(AdminPlace){own, own, "/session"});
    g_ptr_array_add(uris, NULL);
    return (char **)g_ptr_array_free(uris, FALSE);
}
