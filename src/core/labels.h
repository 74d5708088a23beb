/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "core/domain.h"
#include "core/policy.h"
#include "util/json.h"

/* What people have written of a domain into its XML, as far as it is about its policy: its title,
 * the words of its description, and our own element of its metadata. */

#define VS_METADATA_NAMESPACE "https://virtstop.org/xmlns/policy/1.0"
#define VS_METADATA_PREFIX    "virtstop" /* where we write it */
#define VS_METADATA_ELEMENT   "policy"

/* The metadata's own key: words that tag: finds, as those of the description. */
#define VS_METADATA_TAGS "Tags"

/* Bytes of the title, of the description (what is beyond is not read), and of all that the metadata
 * says (more is an error). */
#define VS_LABELS_MAX_TEXT 4096
#define VS_LABELS_MAX_SAID 16384

/* Never changed once it is made, and shared among threads. */
typedef struct VsLabels {
    char *title;     /* "": none */
    char **tags;     /* each once, sorted; never NULL */
    char **written;  /* "KEY=VALUE" of the metadata as they are, in their order, of what is too long
                        as many as are allowed; never NULL */
    char **said;     /* those that count: other ones where they are refused; never NULL */
    VsSection *own;  /* what that comes to; NULL: it says nothing */
    char *complaint; /* what is wrong with the metadata that the domain has: the key, the value, and
                        what is allowed; NULL: nothing */
    bool refused;    /* nothing of it counts for that, and what stands before it does */
} VsLabels;

/* @said: as in VsLabels, or NULL. With a value that isn't allowed nothing of it counts; a key that
 * isn't known is left out: another version may know it. So is a step that libvirt's driver at @uri
 * (NULL: that doesn't matter) hasn't: it is passed over. Of both there is a complaint. */
VsLabels *vs_labels_new(const char *uri, const char *title, const char *description,
                        const char *const *said);
VsLabels *vs_labels_ref(const VsLabels *labels); /* NULL gives NULL */
void vs_labels_unref(VsLabels *labels);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VsLabels, vs_labels_unref)

/* What counts now that @now was read, where @before (or NULL) did: where the metadata is refused,
 * its last good state stays. */
VsLabels *vs_labels_follow(const VsLabels *now, const VsLabels *before);

bool vs_labels_equal(const VsLabels *one, const VsLabels *other); /* either may be NULL */

/* Whether all of @said is right, for a domain at @uri. */
bool vs_labels_check(const char *uri, const char *const *said, GError **error);

/* For the run state, and back: NULL where there is nothing. */
json_object *vs_labels_to_json(const VsLabels *labels);
VsLabels *vs_labels_from_json(json_object *object);

/* @labels: NULL, where they aren't known. The answer is good as long as both are. */
VsWho vs_labels_who(const VsDomainId *domain, const VsLabels *labels);

/* What holds for that domain. */
void vs_labels_resolve(const VsPolicy *policy, const VsDomainId *domain, const VsLabels *labels,
                       VsGuestPolicy *ret);
