/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/labels.h"

#include <stdlib.h>
#include <string.h>

#include "core/conf-keys.h"
#include "core/conf-value.h"
#include "core/conf-words.h"
#include "core/driver.h"
#include "util/error.h"
#include "util/i18n.h"
#include "util/text.h"

/* Between the words of a description. */
#define SEPARATORS " \t\r\n,;"

static int
compare_words(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* @words as an array that ends with NULL, sorted, each once; takes them over. */
static char **
sort_words(GPtrArray *words)
{
    unsigned n = 0;

    if (words->len > 0)
        qsort(words->pdata, words->len, sizeof(void *), compare_words);
    for (unsigned i = 0; i < words->len; i++) {
        if (n > 0 && g_str_equal(words->pdata[i], words->pdata[n - 1]))
            g_free(words->pdata[i]);
        else
            words->pdata[n++] = words->pdata[i];
    }
    g_ptr_array_set_size(words, (int)n);
    g_ptr_array_add(words, NULL);
    return (char **)g_ptr_array_free(words, FALSE);
}

/* A word has no dot or colon at its end: "for production." has the word production. */
static void
add_description(GPtrArray *words, const char *description)
{
    g_autofree char *start = vs_text_cut(description, VS_LABELS_MAX_TEXT);
    g_auto(GStrv) parts = g_strsplit_set(start, SEPARATORS, -1);

    for (char **part = parts; *part; part++) {
        size_t len = strlen(*part);

        while (len > 0 && strchr(".:", (*part)[len - 1]))
            len--;
        if (len > 0)
            g_ptr_array_add(words, g_strndup(*part, len));
    }
}

static bool
read_tags(const char *value, GPtrArray *words, GError **error)
{
    g_autofree char **tags = vs_conf_words_parse(value, error);

    for (char **tag = tags; tag && *tag; tag++)
        g_ptr_array_add(words, *tag);
    return tags != NULL;
}

static char *
unknown_key(const char *key)
{
    g_autofree char *quoted = vs_text_quoted(key);
    g_autoptr(GString) allowed = g_string_new(VS_METADATA_TAGS);

    for (const VsConfKey *known = vs_conf_policy_keys; known->name; known++)
        g_string_append_printf(allowed, ", %s", known->name);
    for (const VsConfKey *known = vs_conf_guest_keys; known->name; known++)
        g_string_append_printf(allowed, ", %s", known->name);
    return g_strdup_printf(_("unknown key %s (allowed: %s)"), quoted, allowed->str);
}

/* What is being read. */
typedef struct Reading {
    VsSection *section;
    GPtrArray *words;
    char *unknown; /* of the first key that isn't known */
} Reading;

static bool
say(Reading *reading, const char *assignment, GError **error)
{
    const char *value = strchr(assignment, '=');
    g_autofree char *name = g_strndup(assignment, (size_t)(value - assignment));
    const VsConfKey *key = vs_conf_key_find(name);
    bool ok = true;

    value++;
    if (strcmp(name, VS_METADATA_TAGS) == 0)
        ok = read_tags(value, reading->words, error);
    else if (key)
        ok = vs_conf_key_set(key, reading->section, value, error);
    else if (!reading->unknown)
        reading->unknown = unknown_key(name);
    if (!ok)
        g_prefix_error(error, "%s=: ", name);
    return ok;
}

static bool
check_size(const char *const *said, GError **error)
{
    size_t size = 0;

    for (; *said; said++)
        size += strlen(*said) + 1;
    if (size <= VS_LABELS_MAX_SAID)
        return true;
    g_set_error(error, VS_ERROR, VS_ERROR_INVALID,
                _("a policy of %zu bytes is too long (allowed: %d)"), size, VS_LABELS_MAX_SAID);
    return false;
}

static bool
read_all(Reading *reading, const char *const *said, GError **error)
{
    bool ok = check_size(said, error);

    for (; ok && *said; said++)
        ok = say(reading, *said, error);
    return ok;
}

/* Those of @said, in their order, that there is room for. */
static char **
keep_written(const char *const *said)
{
    GPtrArray *written = g_ptr_array_new();
    size_t size = 0;

    for (; *said; said++) {
        size_t more = strlen(*said) + 1;

        if (more > VS_LABELS_MAX_SAID - size)
            continue;
        size += more;
        g_ptr_array_add(written, g_strdup(*said));
    }
    g_ptr_array_add(written, NULL);
    return (char **)g_ptr_array_free(written, FALSE);
}

/* Takes @said, and adds its tags to @words, where all of it is allowed. */
static void
take_said(VsLabels *labels, const char *const *said, GPtrArray *words)
{
    g_autoptr(GPtrArray) tags = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GError) error = NULL;
    Reading reading = {vs_section_new("", ""), tags, NULL};
    const char *nothing = NULL;

    if (!said)
        said = &nothing;
    labels->written = keep_written(said);
    labels->refused = !read_all(&reading, said, &error);
    if (labels->refused) {
        labels->complaint = g_strdup(error->message);
        g_free(reading.unknown);
        said = &nothing;
    } else {
        labels->complaint = reading.unknown;
        g_ptr_array_set_free_func(tags, NULL);
        g_ptr_array_extend(words, tags, NULL, NULL);
    }
    labels->said = g_strdupv((char **)said);
    if (*said)
        labels->own = reading.section;
    else
        vs_section_free(reading.section);
}

/* As check-config has it of a section: of a driver that nobody here knows libvirt will say. */
static char *
missing_step(const VsLabels *labels, const char *uri)
{
    const VsDriver *driver = vs_driver_of(uri);
    const VsStep *step = NULL;
    g_autofree char *steps = NULL;

    if (driver->scheme && labels->own && (labels->own->says & VS_POLICY_LADDER))
        step = vs_driver_refuses(driver, &labels->own->policy.ladder);
    if (!step)
        return NULL;
    steps = vs_driver_steps(driver);
    return g_strdup_printf(
        _("Ladder=: libvirt's driver at %s has no step “%s” (allowed at %s: %s)"), uri,
        vs_method_name(step->method), uri, steps);
}

VsLabels *
vs_labels_new(const char *uri, const char *title, const char *description, const char *const *said)
{
    VsLabels *labels = g_atomic_rc_box_new0(VsLabels);
    GPtrArray *words = g_ptr_array_new();

    labels->title = vs_text_cut(title, VS_LABELS_MAX_TEXT);
    add_description(words, description);
    take_said(labels, said, words);
    labels->tags = sort_words(words);
    if (uri && !labels->complaint)
        labels->complaint = missing_step(labels, uri);
    return labels;
}

/* The same, of what was taken apart before. */
static VsLabels *
rebuild(const char *title, char *const *tags, char *const *said)
{
    VsLabels *labels = g_atomic_rc_box_new0(VsLabels);
    GPtrArray *words = g_ptr_array_new();

    labels->title = g_strdup(title);
    for (; *tags; tags++)
        g_ptr_array_add(words, g_strdup(*tags));
    take_said(labels, (const char *const *)said, words);
    labels->tags = sort_words(words);
    return labels;
}

/* What is said is wrong with the metadata that the domain has now. */
static void
refuse(VsLabels *labels, const char *complaint)
{
    g_free(labels->complaint);
    labels->complaint = g_strdup(complaint);
    labels->refused = true;
}

VsLabels *
vs_labels_ref(const VsLabels *labels)
{
    return labels ? g_atomic_rc_box_acquire((VsLabels *)labels) : NULL;
}

static void
clear(void *data)
{
    VsLabels *labels = data;

    g_free(labels->title);
    g_strfreev(labels->tags);
    g_strfreev(labels->written);
    g_strfreev(labels->said);
    g_clear_pointer(&labels->own, vs_section_free);
    g_free(labels->complaint);
}

void
vs_labels_unref(VsLabels *labels)
{
    if (labels)
        g_atomic_rc_box_release_full(labels, clear);
}

VsLabels *
vs_labels_follow(const VsLabels *now, const VsLabels *before)
{
    VsLabels *labels;

    if (!now->refused || !before)
        return vs_labels_ref(now);
    labels = rebuild(now->title, now->tags, before->said);
    g_strfreev(labels->written);
    labels->written = g_strdupv(now->written);
    refuse(labels, now->complaint);
    return labels;
}

bool
vs_labels_equal(const VsLabels *one, const VsLabels *other)
{
    if (!one || !other)
        return one == other;
    return g_str_equal(one->title, other->title) && one->refused == other->refused &&
           g_strcmp0(one->complaint, other->complaint) == 0 &&
           g_strv_equal((const char *const *)one->tags, (const char *const *)other->tags) &&
           g_strv_equal((const char *const *)one->said, (const char *const *)other->said);
}

/* What an XML attribute holds, and stays on its line in a file. */
static bool
is_plain(const char *text)
{
    if (!g_utf8_validate(text, -1, NULL))
        return false;
    for (; *text; text = g_utf8_next_char(text)) {
        gunichar c = g_utf8_get_char(text);

        if ((g_unichar_iscntrl(c) && c != '\t') || c == 0xfffe || c == 0xffff)
            return false;
    }
    return true;
}

static bool
check_value(const char *value, GError **error)
{
    size_t size = strlen(value);

    if (size > VS_LABELS_MAX_SAID) {
        g_set_error(error, VS_ERROR, VS_ERROR_INVALID,
                    _("a value of %zu bytes is too long (allowed: %d for all of a policy)"), size,
                    VS_LABELS_MAX_SAID);
        return false;
    }
    return is_plain(value) ||
           vs_conf_value_fail(
               value, _("text without control characters; in a name \\x0a or \\u{85} is one"),
               error);
}

static bool
check_values(const char *const *said, GError **error)
{
    for (; *said; said++) {
        const char *value = strchr(*said, '=') + 1;

        if (!check_value(value, error)) {
            g_prefix_error(error, "%.*s=: ", (int)(value - 1 - *said), *said);
            return false;
        }
    }
    return true;
}

bool
vs_labels_check(const char *uri, const char *const *said, GError **error)
{
    g_autoptr(VsLabels) labels = NULL;

    if (!check_values(said, error))
        return false;
    labels = vs_labels_new(uri, "", "", said);
    if (!labels->complaint)
        return true;
    g_set_error_literal(error, VS_ERROR, VS_ERROR_INVALID, labels->complaint);
    return false;
}

static json_object *
words_json(char *const *words)
{
    json_object *array = json_object_new_array();

    for (; *words; words++)
        json_object_array_add(array, json_object_new_string(*words));
    return array;
}

json_object *
vs_labels_to_json(const VsLabels *labels)
{
    json_object *object;

    if (!labels)
        return NULL;
    object = json_object_new_object();
    vs_json_set_string(object, "title", labels->title);
    vs_json_set(object, "tags", words_json(labels->tags));
    vs_json_set(object, "policy", words_json(labels->said));
    if (labels->refused)
        vs_json_set_string(object, "refused", labels->complaint);
    return object;
}

/* Those of the array's strings that @check takes. */
static char **
words_from_json(json_object *array, bool (*check)(const char *word))
{
    GPtrArray *words = g_ptr_array_new();

    for (size_t i = 0; array && i < json_object_array_length(array); i++) {
        json_object *item = json_object_array_get_idx(array, i);

        if (json_object_is_type(item, json_type_string) && check(json_object_get_string(item)))
            g_ptr_array_add(words, g_strdup(json_object_get_string(item)));
    }
    g_ptr_array_add(words, NULL);
    return (char **)g_ptr_array_free(words, FALSE);
}

static bool
is_word(const char *word)
{
    return *word != '\0';
}

static bool
is_assignment(const char *word)
{
    return *word != '=' && strchr(word, '=');
}

VsLabels *
vs_labels_from_json(json_object *object)
{
    const char *refused = vs_json_string(object, "refused", NULL);
    g_auto(GStrv) tags = NULL, said = NULL;
    VsLabels *labels;

    if (!object)
        return NULL;
    tags = words_from_json(vs_json_array(object, "tags"), is_word);
    said = words_from_json(vs_json_array(object, "policy"), is_assignment);
    labels = rebuild(vs_json_string(object, "title", ""), tags, said);
    if (refused)
        refuse(labels, refused);
    return labels;
}

VsWho
vs_labels_who(const VsDomainId *domain, const VsLabels *labels)
{
    return (VsWho){
        .name = domain->name,
        .uuid = domain->uuid.text,
        .uri = domain->uri,
        .title = labels && *labels->title ? labels->title : NULL,
        .tags = labels ? (const char *const *)labels->tags : NULL,
    };
}

void
vs_labels_resolve(const VsPolicy *policy, const VsDomainId *domain, const VsLabels *labels,
                  VsGuestPolicy *ret)
{
    VsWho who = vs_labels_who(domain, labels);

    vs_policy_resolve(policy, &who, labels ? labels->own : NULL, ret);
}
