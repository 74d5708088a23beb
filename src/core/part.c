/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/part.h"

#include <string.h>

#include "util/error.h"
#include "util/i18n.h"
#include "util/text.h"

/* What Priority= can be. */
#define MIN_PRIORITY (-1000000)
#define MAX_PRIORITY 1000000

typedef struct Range {
    int least, most;
} Range;

struct VsPart {
    gint references;
    GPtrArray *words[VS_N_PART_KINDS]; /* of char * */
    GArray *ranges;                    /* of Range: what the priorities' words mean */
    GArray *matches[VS_N_PART_KINDS]; /* of VsMatch: what those of URI and DOMAIN mean, else NULL */
};

static const char *const names[VS_N_PART_KINDS] = {
    [VS_PART_GROUP] = "groups",
    [VS_PART_PRIORITY] = "priorities",
    [VS_PART_URI] = "uris",
    [VS_PART_DOMAIN] = "domains",
};

const char *
vs_part_kind_name(VsPartKind kind)
{
    return names[kind];
}

static void
clear_match(void *match)
{
    vs_match_clear(match);
}

static GArray *
matches_new(void)
{
    GArray *matches = g_array_new(FALSE, TRUE, sizeof(VsMatch));

    g_array_set_clear_func(matches, clear_match);
    return matches;
}

VsPart *
vs_part_new(void)
{
    VsPart *part = g_new0(VsPart, 1);

    part->references = 1;
    for (VsPartKind kind = 0; kind < VS_N_PART_KINDS; kind++)
        part->words[kind] = g_ptr_array_new_with_free_func(g_free);
    part->ranges = g_array_new(FALSE, FALSE, sizeof(Range));
    part->matches[VS_PART_URI] = matches_new();
    part->matches[VS_PART_DOMAIN] = matches_new();
    return part;
}

VsPart *
vs_part_ref(const VsPart *part)
{
    VsPart *shared = (VsPart *)part;

    if (shared)
        g_atomic_int_inc(&shared->references);
    return shared;
}

void
vs_part_unref(VsPart *part)
{
    if (!part || !g_atomic_int_dec_and_test(&part->references))
        return;
    for (VsPartKind kind = 0; kind < VS_N_PART_KINDS; kind++) {
        g_ptr_array_unref(part->words[kind]);
        g_clear_pointer(&part->matches[kind], g_array_unref);
    }
    g_array_unref(part->ranges);
    g_free(part);
}

/* What stands before or behind a range's middle; nothing there: @otherwise. */
static bool
parse_bound(const char *text, int otherwise, int *ret)
{
    gint64 number;

    *ret = otherwise;
    if (*text == '\0')
        return true;
    if (!g_ascii_string_to_signed(text, 10, MIN_PRIORITY, MAX_PRIORITY, &number, NULL))
        return false;
    *ret = (int)number;
    return true;
}

/* The middle of a range is "..", or a "-" that is no sign. */
static bool
parse_range(const char *word, Range *ret)
{
    const char *dots = strstr(word, ".."), *dash = *word ? strchr(word + 1, '-') : NULL;
    const char *middle = dots ? dots : dash, *rest = dots ? dots + 2 : dash ? dash + 1 : NULL;
    g_autofree char *first = middle ? g_strndup(word, (size_t)(middle - word)) : NULL;

    if (!middle) {
        if (*word == '\0' || !parse_bound(word, 0, &ret->least))
            return false;
        ret->most = ret->least;
        return true;
    }
    if (*first == '\0' && *rest == '\0')
        return false;
    return parse_bound(first, MIN_PRIORITY, &ret->least) &&
           parse_bound(rest, MAX_PRIORITY, &ret->most) && ret->least <= ret->most;
}

static bool
add_range(VsPart *part, const char *word, GError **error)
{
    g_autofree char *quoted = vs_text_quoted(word);
    Range range;

    if (parse_range(word, &range)) {
        g_array_append_val(part->ranges, range);
        return true;
    }
    g_set_error(
        error, VS_ERROR, VS_ERROR_INVALID,
        _("%s is no priority: a number from %d to %d is allowed, or a range of them from the "
          "lower to the higher, such as 0-10, 5- or ..0"),
        quoted, MIN_PRIORITY, MAX_PRIORITY);
    return false;
}

static void
add_match(GArray *matches, const char *word)
{
    VsMatch match;

    vs_match_init(&match, word);
    g_array_append_val(matches, match);
}

static bool
add_uri(VsPart *part, const char *word, GError **error)
{
    g_autofree char *match = g_strconcat("uri:", word, NULL);

    if (!vs_match_check(match, error))
        return false;
    add_match(part->matches[VS_PART_URI], match);
    return true;
}

static bool
add_domain(VsPart *part, const char *word, GError **error)
{
    if (!vs_match_check(word, error))
        return false;
    add_match(part->matches[VS_PART_DOMAIN], word);
    return true;
}

/* As Group= has it. */
static bool
check_group(const char *word, GError **error)
{
    g_autofree char *quoted = vs_text_quoted(word);

    if (!strpbrk(word, "@*? \t\n"))
        return true;
    g_set_error(error, VS_ERROR, VS_ERROR_INVALID,
                _("%s is no group: the name of one is allowed, without @, * and ?"), quoted);
    return false;
}

static bool
check_word(const VsPart *part, VsPartKind kind, const char *word, GError **error)
{
    if (part->words[kind]->len >= VS_PART_MAX_WORDS)
        g_set_error(error, VS_ERROR, VS_ERROR_INVALID,
                    _("There are too many %s (allowed: up to %d)"), names[kind], VS_PART_MAX_WORDS);
    else if (*word == '\0' || strlen(word) > VS_PART_MAX_WORD)
        g_set_error(error, VS_ERROR, VS_ERROR_INVALID,
                    _("A word of %s is %zu bytes long (allowed: 1 to %d)"), names[kind],
                    strlen(word), VS_PART_MAX_WORD);
    else if (g_utf8_validate(word, -1, NULL))
        return true;
    else
        g_set_error(error, VS_ERROR, VS_ERROR_INVALID, _("A word of %s is not UTF-8"), names[kind]);
    return false;
}

bool
vs_part_add(VsPart *part, VsPartKind kind, const char *word, GError **error)
{
    bool good = check_word(part, kind, word, error);

    if (good && kind == VS_PART_GROUP)
        good = check_group(word, error);
    else if (good && kind == VS_PART_PRIORITY)
        good = add_range(part, word, error);
    else if (good && kind == VS_PART_URI)
        good = add_uri(part, word, error);
    else if (good)
        good = add_domain(part, word, error);
    if (good)
        g_ptr_array_add(part->words[kind], g_strdup(word));
    return good;
}

const GPtrArray *
vs_part_words(const VsPart *part, VsPartKind kind)
{
    return part->words[kind];
}

bool
vs_part_is_of_all(const VsPart *part)
{
    for (VsPartKind kind = 0; part && kind < VS_N_PART_KINDS; kind++)
        if (part->words[kind]->len > 0)
            return false;
    return true;
}

static bool
has_all_of(const GPtrArray *other, const GPtrArray *one)
{
    for (unsigned i = 0; i < one->len; i++)
        if (!g_ptr_array_find_with_equal_func((GPtrArray *)other, one->pdata[i], g_str_equal, NULL))
            return false;
    return true;
}

bool
vs_part_equal(const VsPart *one, const VsPart *other)
{
    if (vs_part_is_of_all(one) || vs_part_is_of_all(other))
        return vs_part_is_of_all(one) && vs_part_is_of_all(other);
    for (VsPartKind kind = 0; kind < VS_N_PART_KINDS; kind++)
        if (!has_all_of(one->words[kind], other->words[kind]) ||
            !has_all_of(other->words[kind], one->words[kind]))
            return false;
    return true;
}

static bool
is_in_group(const char *group, const VsPolicy *policy, const VsWho *who, const VsSection *own)
{
    g_autoptr(GArray) numbers = vs_policy_match(policy, who);

    if (own && g_strv_contains((const char *const *)own->groups, group))
        return true;
    for (unsigned i = 0; i < numbers->len; i++) {
        const VsSection *section = policy->sections->pdata[g_array_index(numbers, unsigned, i)];

        if (g_strv_contains((const char *const *)section->groups, group))
            return true;
    }
    return false;
}

bool
vs_part_word_means(const VsPart *part, VsPartKind kind, unsigned i, const VsPolicy *policy,
                   const VsDomainId *domain, const VsLabels *labels)
{
    VsWho who = vs_labels_who(domain, labels);
    VsGuestPolicy resolved;
    const Range *range;

    if (kind == VS_PART_GROUP)
        return is_in_group(part->words[kind]->pdata[i], policy, &who, labels ? labels->own : NULL);
    if (kind != VS_PART_PRIORITY)
        return vs_match_who(&g_array_index(part->matches[kind], VsMatch, i), &who);
    vs_labels_resolve(policy, domain, labels, &resolved);
    range = &g_array_index(part->ranges, Range, i);
    return resolved.priority >= range->least && resolved.priority <= range->most;
}

static bool
any_word_means(const VsPart *part, VsPartKind kind, const VsPolicy *policy,
               const VsDomainId *domain, const VsLabels *labels)
{
    for (unsigned i = 0; i < part->words[kind]->len; i++)
        if (vs_part_word_means(part, kind, i, policy, domain, labels))
            return true;
    return part->words[kind]->len == 0;
}

bool
vs_part_means(const VsPart *part, const VsPolicy *policy, const VsDomainId *domain,
              const VsLabels *labels)
{
    for (VsPartKind kind = 0; part && kind < VS_N_PART_KINDS; kind++)
        if (!any_word_means(part, kind, policy, domain, labels))
            return false;
    return true;
}

/* A title or a tag, which those words look for, a group of its own: they can only add to whom a
 * word means. A priority may become any. */
static bool
may_come_to_mean(const VsPart *part, VsPartKind kind)
{
    if (kind != VS_PART_DOMAIN)
        return kind != VS_PART_URI;
    for (unsigned i = 0; i < part->words[kind]->len; i++) {
        VsMatchKind by = g_array_index(part->matches[kind], VsMatch, i).kind;

        if (by == VS_MATCH_TITLE || by == VS_MATCH_TAG)
            return true;
    }
    return false;
}

bool
vs_part_hangs_on_labels(const VsPart *part, const VsPolicy *policy, const VsDomainId *domain)
{
    bool hangs = false;

    for (VsPartKind kind = 0; part && kind < VS_N_PART_KINDS; kind++) {
        bool means = any_word_means(part, kind, policy, domain, NULL);
        bool sure = part->words[kind]->len == 0 || (means && kind != VS_PART_PRIORITY);

        if (!sure && !may_come_to_mean(part, kind))
            return false;
        hangs |= !sure;
    }
    return hangs;
}

static void
append_words(GString *text, const VsPart *part, VsPartKind kind)
{
    static const char *const kinds[VS_N_PART_KINDS] = {
        [VS_PART_GROUP] = N_("group %s"),
        [VS_PART_PRIORITY] = N_("priority %s"),
        [VS_PART_URI] = N_("libvirt at %s"),
        [VS_PART_DOMAIN] = N_("guest %s"),
    };
    g_autoptr(GString) list = g_string_new(NULL);
    g_autofree char *printable = NULL;

    for (unsigned i = 0; i < part->words[kind]->len; i++)
        g_string_append_printf(list, "%s%s", i > 0 ? _(" or ") : "",
                               (const char *)part->words[kind]->pdata[i]);
    printable = vs_text_printable(list->str);
    if (text->len > 0)
        g_string_append(text, ", ");
    g_string_append_printf(text, _(kinds[kind]), printable);
}

char *
vs_part_format(const VsPart *part)
{
    GString *text = g_string_new(NULL);

    for (VsPartKind kind = 0; part && kind < VS_N_PART_KINDS; kind++)
        if (part->words[kind]->len > 0)
            append_words(text, part, kind);
    return g_string_free(text, FALSE);
}

static json_object *
words_json(const GPtrArray *words)
{
    json_object *array = json_object_new_array();

    for (unsigned i = 0; i < words->len; i++)
        json_object_array_add(array, json_object_new_string(words->pdata[i]));
    return array;
}

json_object *
vs_part_to_json(const VsPart *part)
{
    json_object *object = NULL;

    for (VsPartKind kind = 0; part && kind < VS_N_PART_KINDS; kind++) {
        if (part->words[kind]->len == 0)
            continue;
        if (!object)
            object = json_object_new_object();
        vs_json_set(object, names[kind], words_json(part->words[kind]));
    }
    return object;
}

static bool
words_from_json(VsPart *part, VsPartKind kind, json_object *object, GError **error)
{
    json_object *array = vs_json_array(object, names[kind]);

    if (!vs_json_fits(object, names[kind], json_type_array)) {
        g_set_error(error, VS_ERROR, VS_ERROR_INVALID, _("its “%s” is no list"), names[kind]);
        return false;
    }
    for (size_t i = 0; array && i < json_object_array_length(array); i++) {
        const char *word = json_object_get_string(json_object_array_get_idx(array, i));

        if (!vs_part_add(part, kind, word ? word : "", error))
            return false;
    }
    return true;
}

bool
vs_part_from_json(json_object *object, VsPart **ret, GError **error)
{
    g_autoptr(VsPart) part = vs_part_new();

    for (VsPartKind kind = 0; object && kind < VS_N_PART_KINDS; kind++)
        if (!words_from_json(part, kind, object, error))
            return false;
    *ret = vs_part_is_of_all(part) ? NULL : g_steal_pointer(&part);
    return true;
}
