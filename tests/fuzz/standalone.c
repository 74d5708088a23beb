/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fuzz.h"

/* Drives a fuzz target without libFuzzer: the files named on the command line, or the corpus and
 * some thousand changed copies of it, always the same ones. VS_FUZZ_RUNS says how many,
 * VS_FUZZ_FIRST where to begin: the number of the one that failed is told. */

static volatile unsigned long current;

static void
tell_current(void)
{
    char text[64];
    int length = snprintf(text, sizeof(text), "# failed at VS_FUZZ_FIRST=%lu\n", current);

    if (write(STDOUT_FILENO, text, length) != length)
        return;
}

static void
on_abort(int number)
{
    tell_current();
    signal(number, SIG_DFL);
    raise(number);
}

/* The sanitizers' runtimes have it; they don't all die by a signal. */
void __sanitizer_set_death_callback(void (*callback)(void)) __attribute__((weak));

static GBytes *
load(const char *path)
{
    g_autoptr(GError) error = NULL;
    char *text = NULL;
    size_t size = 0;

    if (!g_file_get_contents(path, &text, &size, &error)) {
        fprintf(stderr, "%s\n", error->message);
        exit(EXIT_FAILURE);
    }
    return g_bytes_new_take(text, size);
}

static int
by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Sorted, so that the same numbers give the same inputs everywhere. */
static void
load_directory(GPtrArray *inputs, const char *path)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
    const char *name;

    while (dir && (name = g_dir_read_name(dir)))
        g_ptr_array_add(names, g_build_filename(path, name, NULL));
    g_ptr_array_sort(names, by_text);
    for (unsigned i = 0; i < names->len; i++) {
        if (g_file_test(names->pdata[i], G_FILE_TEST_IS_REGULAR))
            g_ptr_array_add(inputs, load(names->pdata[i]));
    }
}

static void
run(const void *data, size_t size)
{
    g_autofree uint8_t *copy =
        g_malloc(MAX(size, 1)); /* exactly as long: one byte more is caught */

    memcpy(copy, data, size);
    LLVMFuzzerTestOneInput(copy, size);
}

static const void *
some_input(GPtrArray *inputs, GRand *chance, size_t *ret_size)
{
    return g_bytes_get_data(inputs->pdata[g_rand_int_range(chance, 0, inputs->len)], ret_size);
}

/* A place, and how many bytes of it. */
static unsigned
pick(GRand *chance, const GByteArray *input, unsigned *ret_length)
{
    unsigned at = input->len > 0 ? g_rand_int_range(chance, 0, input->len) : 0;
    unsigned some = g_rand_boolean(chance) ? 8 : 400, most = MIN(input->len - at, some);

    *ret_length = most > 0 ? g_rand_int_range(chance, 0, most + 1) : 0;
    return at;
}

static void
insert(GByteArray *input, unsigned at, const void *data, unsigned size)
{
    g_autofree void *copy = NULL;
    unsigned old = input->len;

    if (size == 0 || old + size > VS_FUZZ_MAX_SIZE)
        return;
    copy = g_malloc(size); /* @data may be a part of @input */
    memcpy(copy, data, size);
    g_byte_array_set_size(input, old + size);
    memmove(input->data + at + size, input->data + at, old - at);
    memcpy(input->data + at, copy, size);
}

/* What a parser may stumble over, and what turns an engine round. */
static const char words[] =
    "0|-1|1|9223372036854775807|-9223372036854775808|18446744073709551616|1e99|null|true|[]|{}|"
    "\"\"|"
    "\"|\\u0000|\n|shutdown|stopped|destroyed|RESET|SHUTDOWN|closed|opened|"
    "2026-11-22 19:46:32.651+0000: starting up|terminating on signal 15 from pid 1 (x)|"
    ": shutting down, reason=";

static void
insert_word(GByteArray *input, unsigned at, GRand *chance)
{
    g_auto(GStrv) all = g_strsplit(words, "|", -1);
    const char *word = all[g_rand_int_range(chance, 0, g_strv_length(all))];

    insert(input, at, word, strlen(word));
}

/* Another number where one stands: that still parses, and means something else. */
static void
change_number(GByteArray *input, unsigned at, GRand *chance)
{
    static const char *const numbers[] = {"0",
                                          "1",
                                          "2",
                                          "3",
                                          "4",
                                          "5",
                                          "6",
                                          "7",
                                          "-1",
                                          "64",
                                          "0.5",
                                          "1000000000",
                                          "9223372036854775807"};
    const char *other = numbers[g_rand_int_range(chance, 0, G_N_ELEMENTS(numbers))];
    unsigned end;

    while (at < input->len && !g_ascii_isdigit(input->data[at]))
        at++;
    for (end = at; end < input->len && g_ascii_isdigit(input->data[end]);)
        end++;
    if (end == at)
        return;
    g_byte_array_remove_range(input, at, end - at);
    insert(input, at, other, strlen(other));
}

static void
change(GByteArray *input, GPtrArray *inputs, GRand *chance)
{
    unsigned length, at = pick(chance, input, &length);
    const char *other;
    size_t size;

    switch (g_rand_int_range(chance, 0, 10)) {
    case 0:
        if (input->len > 0)
            input->data[at] ^= 1 << g_rand_int_range(chance, 0, 8);
        break;
    case 1:
        if (input->len > 0)
            input->data[at] = g_rand_int_range(chance, 0, 256);
        break;
    case 2:
        if (length > 0)
            g_byte_array_remove_range(input, at, length);
        break;
    case 3:
        insert(input, at, input->data + at, length);
        break;
    case 4:
        insert_word(input, at, chance);
        break;
    case 5:
        other = some_input(inputs, chance, &size);
        if (size > 0) {
            unsigned from = g_rand_int_range(chance, 0, size);

            insert(input, at, other + from, g_rand_int_range(chance, 0, MIN(size - from, 400) + 1));
        }
        break;
    default:
        change_number(input, at, chance);
        break;
    }
}

static void
run_changed(GPtrArray *inputs, unsigned long number)
{
    g_autoptr(GByteArray) input = g_byte_array_new();
    GRand *chance = g_rand_new_with_seed(number);
    size_t size;
    const void *data = some_input(inputs, chance, &size);
    int n_changes = 1 << g_rand_int_range(chance, 0, 6);

    g_byte_array_append(input, data, MIN(size, VS_FUZZ_MAX_SIZE));
    for (int i = 0; i < n_changes; i++)
        change(input, inputs, chance);
    run(input->data, input->len);
    g_rand_free(chance);
}

static unsigned long
number(const char *name, unsigned long fallback)
{
    const char *text = g_getenv(name);

    return text ? strtoul(text, NULL, 10) : fallback;
}

static int
check(void)
{
    g_autoptr(GPtrArray) inputs = g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
    const char *top = g_getenv("top_srcdir") ? g_getenv("top_srcdir") : ".";
    unsigned long first = number("VS_FUZZ_FIRST", 0), n = number("VS_FUZZ_RUNS", 10000);

    printf("1..2\n");
    for (const char *const *dir = vs_fuzz_corpus; *dir; dir++) {
        g_autofree char *path = g_build_filename(top, *dir, NULL);

        load_directory(inputs, path);
    }
    if (inputs->len == 0) {
        printf("Bail out! There is no corpus below %s\n", top);
        return EXIT_FAILURE;
    }
    for (unsigned i = 0; i < inputs->len; i++)
        run(g_bytes_get_data(inputs->pdata[i], NULL), g_bytes_get_size(inputs->pdata[i]));
    printf("ok 1 corpus: %u inputs\n", inputs->len);
    fflush(stdout);

    for (current = first; current < first + n; current++)
        run_changed(inputs, current);
    printf("ok 2 changed: %lu inputs\n", n);
    return EXIT_SUCCESS;
}

int
main(int argc, char **argv)
{
    signal(SIGABRT, on_abort);
    signal(SIGTRAP, on_abort);
    if (__sanitizer_set_death_callback)
        __sanitizer_set_death_callback(tell_current);
    if (argc == 1)
        return check();
    for (int i = 1; i < argc; i++) {
        g_autoptr(GBytes) input = load(argv[i]);

        run(g_bytes_get_data(input, NULL), g_bytes_get_size(input));
    }
    return EXIT_SUCCESS;
}
