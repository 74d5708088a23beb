/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "search.h"
#include "vs-test.h"

/* Small scope, exhaustively: everything that can happen to a guest (search-letters.c), in every
 * order, to a depth, breadth first, so what fails first is as short as can be. A state that was
 * seen before is left (search-state.c). In each new one the world is let come to its end, and its
 * judge holds the engine to what it holds it to in the random worlds: one record a run, certain is
 * right, no destroy before its deadline, an engine at rest wants no timer.
 *
 * VS_SEARCH_DEPTH (2) is how many things happen; VS_SEARCH_RARE (0) how many of them may go as they
 * rarely do: an answer that never comes, an event that comes twice. VS_SEARCH_LETTERS is which
 * things, by name and separated by commas, instead of all: with a few the depth can be greater.
 * VS_SEARCH_GUESTS=2: two guests of one libvirt.
 * VS_SEARCH_HISTORIES is a file to which what was heard goes, with its record, a line each, for
 * tests/oracle/test_oracle.py --histories=FILE. */

#define KINDS (KIND_PAUSES | KIND_ENDS | KIND_REACH | KIND_FORCED)

typedef struct Node {
    unsigned parent;
    uint8_t letter, guest, depth, rare; /* so many rare ways are left */
    Picks picks;
} Node;

typedef struct Search {
    GArray *nodes;    /* of Node; the first is the beginning */
    GHashTable *seen; /* the hashes of their states */
    unsigned n_guests, depth, rare, n_tried;
    FILE *histories;
    GHashTable *written;
} Search;

static unsigned
number(const char *name, unsigned fallback)
{
    const char *text = g_getenv(name);

    return text ? (unsigned)strtoul(text, NULL, 10) : fallback;
}

/* Guests that were started, and run, in a libvirt that has settled. */
static World *
begin(unsigned n_guests)
{
    World *world = world_new(1, KINDS);

    sim_open(world, world->guests[0].host);
    world_pass(world, 60 * SEC);
    trace_want(world, 1, 1);
    for (unsigned i = 0; i < n_guests; i++)
        sim_boot(world, search_guest(world, i));
    world_pass(world, 60 * SEC);
    return world;
}

static void
take(World *world, unsigned letter, unsigned guest, Picks *picks, unsigned rare)
{
    world_tell(world, "-- %s, %s", letters[letter].name, search_guest(world, guest)->domain.name);
    chance_begin(world, picks, rare);
    letters[letter].happen(world, search_guest(world, guest));
    world_pass(world, 100); /* no two things happen at the same moment */
    chance_end(picks);
}

/* The world at a node. */
static World *
go_to_node(Search *search, unsigned i)
{
    unsigned path[UINT8_MAX], n = 0;
    World *world = begin(search->n_guests);
    unsigned rare = search->rare;

    for (; i > 0; i = g_array_index(search->nodes, Node, i).parent)
        path[n++] = i;
    while (n > 0) {
        const Node *node = &g_array_index(search->nodes, Node, path[--n]);
        Picks picks = node->picks;

        take(world, node->letter, node->guest, &picks, rare);
        rare = node->rare;
    }
    return world;
}

static bool
is_new(Search *search, World *world, unsigned rare)
{
    g_autofree char *text = state_text(world, search->n_guests);
    char *hash = g_compute_checksum_for_string(G_CHECKSUM_MD5, text, -1);

    hash = g_realloc(hash, strlen(hash) + 2);
    strcat(hash, rare > 0 ? "+" : "-");
    return g_hash_table_add(search->seen, hash);
}

/* Each once; times apart, many are the same. */
static void
write_history(Search *search, const World *world)
{
    if (search->histories && world->history &&
        g_hash_table_add(search->written, g_strdup(world->history)))
        fprintf(search->histories, "%s\n", world->history);
}

static void
judge(Search *search, World *world)
{
    world_tell(world, "-- the end");
    world_settle(world);
    check_end(world);
    write_history(search, world);
}

/* One letter from a node, with one way to decide what is left to chance; these become the next. */
static bool
try(Search *search, unsigned parent, unsigned letter, unsigned guest, Picks *picks)
{
    Node from = g_array_index(search->nodes, Node, parent);
    World *world = go_to_node(search, parent);
    bool can = letters[letter].can(world, search_guest(world, guest));

    if (can) {
        take(world, letter, guest, picks, from.rare);
        search->n_tried++;
    }
    if (can && is_new(search, world, from.rare - picks_rare(picks))) {
        Node node = {.parent = parent, .letter = letter, .guest = guest, .picks = *picks};

        node.depth = from.depth + 1;
        node.rare = from.rare - picks_rare(picks);
        g_array_append_val(search->nodes, node);
        judge(search, world);
    }
    world_free(world);
    return can && picks_next(picks);
}

static bool
is_wanted(const Search *search, const Letter *letter)
{
    const char *text = g_getenv("VS_SEARCH_LETTERS");
    g_auto(GStrv) names = g_strsplit(text ? text : "", ",", -1);

    if (!text)
        return !letter->is_of_many || search->n_guests > 1;
    return g_strv_contains((const char *const *)names, letter->name);
}

static void
try_all(Search *search, unsigned parent)
{
    for (unsigned letter = 0; letter < letters_count(); letter++) {
        for (unsigned guest = 0; guest < (letters[letter].is_of_host ? 1 : search->n_guests);
             guest++) {
            Picks picks = {0};

            while (is_wanted(search, &letters[letter]) &&
                   try(search, parent, letter, guest, &picks))
                ;
        }
    }
}

static void
test_search(void)
{
    Search search = {.nodes = g_array_new(FALSE, TRUE, sizeof(Node)),
                     .seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL),
                     .n_guests = CLAMP(number("VS_SEARCH_GUESTS", 1), 1, MAX_GUESTS),
                     .depth = number("VS_SEARCH_DEPTH", 2),
                     .rare = number("VS_SEARCH_RARE", 0)};
    Node first = {.rare = search.rare};
    const char *histories = g_getenv("VS_SEARCH_HISTORIES");
    unsigned reached = 0;

    search.written = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    search.histories = histories ? fopen(histories, "we") : NULL;
    g_assert_true(search.histories || !histories);
    g_array_append_val(search.nodes, first);
    for (unsigned i = 0; i < search.nodes->len; i++) {
        const Node *node = &g_array_index(search.nodes, Node, i);

        if (node->depth > reached) {
            reached = node->depth;
            g_test_message("depth %u: %u states, %u tried", reached, search.nodes->len - 1,
                           search.n_tried);
        }
        if (node->depth == search.depth)
            break;
        try_all(&search, i);
    }
    g_test_message("%u states, %u tried", search.nodes->len, search.n_tried);
    if (search.histories)
        fclose(search.histories);
    g_array_unref(search.nodes);
    g_hash_table_unref(search.written);
    g_hash_table_unref(search.seen);
}

int
main(int argc, char **argv)
{
    vs_test_init(&argc, &argv);
    g_test_add_func("/search/guests", test_search);
    return g_test_run();
}
