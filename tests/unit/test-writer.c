/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "daemon/write.h"
#include "record/writer.h"
#include "util/error.h"
#include "util/span.h"
#include "vs-test.h"

/* What is written beside the main thread: in which order, what takes whose place, and what becomes
 * of that which can't be. */

#define PATIENCE (60 * VS_USEC_PER_SEC)

typedef struct Fixture {
    VsThreads *threads;
    VsWriter *writer;
    GString *told;
    pthread_mutex_t gate; /* whoever writes goes through it */
} Fixture;

typedef struct Thing {
    Fixture *f;
    const char *name;
    VsWritten written;
} Thing;

static VsWritten
write_thing(void *data, GError **error)
{
    const Thing *thing = data;

    g_assert_false(vs_threads_is_main(thing->f->threads));
    pthread_mutex_lock(&thing->f->gate);
    pthread_mutex_unlock(&thing->f->gate);
    if (thing->written != VS_WRITTEN)
        g_set_error_literal(error, VS_ERROR, VS_ERROR_IO, "no room");
    return thing->written;
}

static void
tell(void *data, VsWritten written, const GError *error, void *userdata)
{
    const Thing *thing = data;
    Fixture *f = userdata;

    g_assert_true(vs_threads_is_main(f->threads));
    g_assert_cmpint(written, ==, thing->written);
    g_assert_cmpint(error != NULL, ==, written != VS_WRITTEN);
    g_string_append_printf(f->told, "%s ", thing->name);
}

static const VsWriterOps ops = {.write = write_thing, .told = tell, .free_thing = g_free};

static void
set_up(Fixture *f, const void *data)
{
    f->threads = vs_threads_new();
    f->writer = vs_writer_new(f->threads, "test", &ops, f);
    f->told = g_string_new(NULL);
    pthread_mutex_init(&f->gate, NULL);
}

static void
tear_down(Fixture *f, const void *data)
{
    vs_threads_close(f->threads);
    vs_writer_free(f->writer);
    g_assert_true(vs_threads_wait(f->threads, PATIENCE));
    vs_threads_unref(f->threads);
    g_string_free(f->told, TRUE);
    pthread_mutex_destroy(&f->gate);
}

static void
give(Fixture *f, const char *key, const char *name, VsWritten written)
{
    Thing *thing = g_new(Thing, 1);

    *thing = (Thing){.f = f, .name = name, .written = written};
    vs_writer_give(f->writer, key, thing);
}

static void
await(Fixture *f, const char *told)
{
    int64_t end = g_get_monotonic_time() + PATIENCE;

    while (!g_str_equal(f->told->str, told) && g_get_monotonic_time() < end)
        g_main_context_iteration(NULL, strlen(f->told->str) < strlen(told));
    g_assert_cmpstr(f->told->str, ==, told);
}

static void
test_order(Fixture *f, const void *data)
{
    give(f, NULL, "a", VS_WRITTEN);
    give(f, NULL, "b", VS_WRITTEN_NEVER);
    give(f, NULL, "c", VS_WRITTEN);
    g_assert_cmpuint(vs_writer_n_left(f->writer), ==, 3);
    vs_writer_begin(f->writer);
    await(f, "a b c ");
    g_assert_cmpuint(vs_writer_n_left(f->writer), ==, 0);
}

/* What waits is replaced, what is under way isn't. */
static void
test_newest(Fixture *f, const void *data)
{
    vs_writer_begin(f->writer);
    pthread_mutex_lock(&f->gate);
    give(f, "web", "web1", VS_WRITTEN);
    give(f, "web", "web2", VS_WRITTEN);
    give(f, "db", "db1", VS_WRITTEN);
    give(f, "web", "web3", VS_WRITTEN);
    g_assert_cmpuint(vs_writer_n_left(f->writer), ==, 3);
    pthread_mutex_unlock(&f->gate);
    await(f, "web1 db1 web3 ");
}

/* One that fails holds up none with another key, and gives way to a newer one of its own. */
static void
test_failed(Fixture *f, const void *data)
{
    g_autofree char *why = NULL;

    vs_writer_begin(f->writer);
    give(f, "web", "web1", VS_WRITTEN_NOT_YET);
    await(f, "web1 ");
    why = vs_writer_trouble(f->writer);
    g_assert_cmpstr(why, ==, "no room");
    give(f, "db", "db1", VS_WRITTEN);
    await(f, "web1 db1 ");
    g_assert_cmpuint(vs_writer_n_left(f->writer), ==, 1);
    g_free(why);
    why = vs_writer_trouble(f->writer); /* that db could be doesn't mend web */
    g_assert_cmpstr(why, ==, "no room");
    give(f, "web", "web2", VS_WRITTEN);
    await(f, "web1 db1 web2 ");
    g_assert_cmpuint(vs_writer_n_left(f->writer), ==, 0);
    g_assert_null(vs_writer_trouble(f->writer));
}

/* ... but those that have an order wait for it. */
static void
test_failed_in_order(Fixture *f, const void *data)
{
    vs_writer_begin(f->writer);
    give(f, NULL, "a", VS_WRITTEN_NOT_YET);
    await(f, "a ");
    give(f, NULL, "b", VS_WRITTEN);
    while (g_main_context_iteration(NULL, FALSE))
        ;
    g_assert_cmpstr(f->told->str, ==, "a ");
    g_assert_true(vs_writer_finish(f->writer, PATIENCE));
}

/* What has a key waits for no order. */
static void
test_failed_passed(Fixture *f, const void *data)
{
    g_autofree char *why = NULL;

    vs_writer_begin(f->writer);
    give(f, NULL, "a", VS_WRITTEN_NOT_YET);
    await(f, "a ");
    give(f, NULL, "b", VS_WRITTEN);
    give(f, "host", "host1", VS_WRITTEN);
    await(f, "a host1 ");
    why = vs_writer_trouble(f->writer);
    g_assert_cmpstr(why, ==, "no room");
    g_assert_true(vs_writer_finish(f->writer, PATIENCE));
}

/* A thread that hangs is waited for as long as is said. */
static void
test_end(Fixture *f, const void *data)
{
    vs_writer_begin(f->writer);
    pthread_mutex_lock(&f->gate);
    give(f, NULL, "a", VS_WRITTEN);
    give(f, NULL, "b", VS_WRITTEN);
    g_assert_false(vs_writer_finish(f->writer, 1));
    pthread_mutex_unlock(&f->gate);
    g_assert_true(vs_writer_finish(f->writer, PATIENCE));
}

static VsWritten
write_record(const VsWritePlaces *places, const char *text, GError **error)
{
    VsWrite *write = vs_write_new(VS_WRITE_RECORD, places, NULL, text);
    VsWritten written;

    g_strlcpy(write->id.text, "0a1b2c3d-0000-4000-8000-000000000001", sizeof(write->id.text));
    written = vs_write_carry_out(write, error);
    vs_write_free(write);
    return written;
}

/* It has a file of its own, and the ones behind it go on. */
static void
test_record_that_cannot_be(void)
{
    g_autofree char *large = g_strnfill(17 * 1024 * 1024, 'x');
    g_autoptr(GError) error = NULL;
    VsWritePlaces places = {.state_directory = (char *)vs_test_dir()};
    g_autofree char *path = g_build_filename(
        places.state_directory, "unwritten-0a1b2c3d-0000-4000-8000-000000000001.json", NULL);
    g_autofree char *kept = NULL;

    places.history = vs_history_open(places.state_directory, 0, 1, NULL, &error);
    g_assert_no_error(error);
    g_assert_cmpint(write_record(&places, large, &error), ==, VS_WRITTEN_NEVER);
    g_assert_nonnull(strstr(error->message, path));
    g_clear_error(&error);
    kept = vs_test_read(path);
    g_assert_cmpstr(kept, ==, large);
    g_assert_cmpint(write_record(&places, "{}", &error), ==, VS_WRITTEN);
    g_assert_no_error(error);
    vs_history_free(places.history);
}

int
main(int argc, char **argv)
{
    vs_test_init(&argc, &argv);
#define ADD(name, test) g_test_add(name, Fixture, NULL, set_up, test, tear_down)
    ADD("/writer/order", test_order);
    ADD("/writer/newest", test_newest);
    ADD("/writer/failed", test_failed);
    ADD("/writer/failed-in-order", test_failed_in_order);
    ADD("/writer/failed-passed", test_failed_passed);
    ADD("/writer/end", test_end);
    g_test_add_func("/writer/record-that-cannot-be", test_record_that_cannot_be);
    return g_test_run();
}
