/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "client/manager.h"

#include "client/properties.h"
void
vs_manager_object_clear(VsManagerObject *manager)
{
    g_clear_pointer(&manager->away, g_ptr_array_unref);
    g_clear_pointer(&manager->open, g_ptr_array_unref);
    g_clear_pointer(&manager->config_error, g_free);
    g_clear_pointer(&manager->config_digest, g_free);
    g_clear_pointer(&manager->unwritten, g_ptr_array_unref);
}

static void
free_unwritten(void *data)
{
    VsUnwritten *unwritten = data;

    g_free(unwritten->what);
    g_free(unwritten->why);
    g_free(unwritten);
}

static int
read_unwritten(VsManagerObject *manager, sd_bus_message *message)
{
    g_autoptr(GPtrArray) all = g_ptr_array_new_with_free_func(free_unwritten);
    const char *what, *why;
    uint32_t n;
    int r;

    if ((r = sd_bus_message_enter_container(message, 'v', "a(sus)")) < 0 ||
        (r = sd_bus_message_enter_container(message, 'a', "(sus)")) < 0)
        return r;
    while ((r = sd_bus_message_read(message, "(sus)", &what, &n, &why)) > 0) {
        VsUnwritten *unwritten = g_new(VsUnwritten, 1);

        *unwritten = (VsUnwritten){g_strdup(what), n, g_strdup(why)};
        g_ptr_array_add(all, unwritten);
    }
    if (r < 0 || (r = sd_bus_message_exit_container(message)) < 0)
        return r;
    g_clear_pointer(&manager->unwritten, g_ptr_array_unref);
    manager->unwritten = g_steal_pointer(&all);
    return sd_bus_message_exit_container(message);
}

static int
read_connections(VsManagerObject *manager, sd_bus_message *message)
{
    g_autoptr(GPtrArray) away = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GPtrArray) open = g_ptr_array_new_with_free_func(g_free);
    const char *uri;
    int is_open, r;

    if ((r = sd_bus_message_enter_container(message, 'v', "a(sb)")) < 0 ||
        (r = sd_bus_message_enter_container(message, 'a', "(sb)")) < 0)
        return r;
    while ((r = sd_bus_message_read(message, "(sb)", &uri, &is_open)) > 0)
        g_ptr_array_add(is_open ? open : away, g_strdup(uri));
    if (r < 0 || (r = sd_bus_message_exit_container(message)) < 0)
        return r;
    g_clear_pointer(&manager->away, g_ptr_array_unref);
    g_clear_pointer(&manager->open, g_ptr_array_unref);
    manager->away = g_steal_pointer(&away);
    manager->open = g_steal_pointer(&open);
    return sd_bus_message_exit_container(message);
}

static int
read_text(sd_bus_message *message, char **ret)
{
    const char *text;
    int r = sd_bus_message_read(message, "v", "s", &text);

    if (r >= 0) {
        g_free(*ret);
        *ret = g_strdup(text);
    }
    return r;
}

static int
read_value(void *object, const char *name, sd_bus_message *message)
{
    VsManagerObject *manager = object;
    const char *contents;
    int r = sd_bus_message_peek_type(message, NULL, &contents);

    if (r < 0)
        return r;
    if (g_str_equal(name, "Connections") && g_str_equal(contents, "a(sb)"))
        return read_connections(manager, message);
    if (g_str_equal(name, "Unwritten") && g_str_equal(contents, "a(sus)"))
        return read_unwritten(manager, message);
    if (g_str_equal(name, "ConfigError") && g_str_equal(contents, "s"))
        return read_text(message, &manager->config_error);
    if (g_str_equal(name, "ConfigDigest") && g_str_equal(contents, "s"))
        return read_text(message, &manager->config_digest);
    if (g_str_equal(name, "StoppingAll") && g_str_equal(contents, "b"))
        return sd_bus_message_read(message, "v", "b", &manager->stopping_all);
    if (g_str_equal(name, "HostShutdown") && g_str_equal(contents, "b"))
        return sd_bus_message_read(message, "v", "b", &manager->host_shutdown);
    return sd_bus_message_skip(message, "v");
}

int
vs_manager_object_read(VsManagerObject *manager, sd_bus_message *message)
{
    return vs_properties_read(message, read_value, manager);
}

bool
vs_manager_object_get(VsClient *client, VsManagerObject *ret, GError **error)
{
    g_autoptr(sd_bus_message) reply = vs_client_get_all(client, VS_BUS_PATH, VS_BUS_MANAGER, error);
    g_auto(VsManagerObject) manager = {0};

    if (!reply || !vs_client_check(vs_manager_object_read(&manager, reply), error))
        return false;
    *ret = manager;
    manager = (VsManagerObject){0};
    return true;
}
