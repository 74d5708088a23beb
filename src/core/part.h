/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "core/labels.h"
#include "core/policy.h"
#include "util/json.h"

/* A part of a host's guests: those of some groups, priorities, libvirt connections or names. Words
 * of one kind mean whoever any of them means; of several kinds all have to hold. */

typedef enum VsPartKind {
    VS_PART_GROUP,    /* Group= of a section, or of the guest's own metadata */
    VS_PART_PRIORITY, /* a number, or a range: 0-10, -10--5, 5-, 5.., ..5, 0..10 */
    VS_PART_URI,      /* of libvirt, or a glob */
    VS_PART_DOMAIN,   /* as a [Guest ...] section has it: a name, a glob, a UUID, tag:..., title:...
                       */
    VS_N_PART_KINDS
} VsPartKind;

#define VS_PART_MAX_WORDS 64   /* of a kind */
#define VS_PART_MAX_WORD  1024 /* bytes of one */

/* Not changed any more once it is shared, be it among threads. */
typedef struct VsPart VsPart;

VsPart *vs_part_new(void);
VsPart *vs_part_ref(const VsPart *part); /* NULL gives NULL */
void vs_part_unref(VsPart *part);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VsPart, vs_part_unref)

/* "groups", "priorities", "uris", "domains": as they are called on the bus, and where it is kept.
 */
const char *vs_part_kind_name(VsPartKind kind);

/* The error names the word, and what is allowed. */
bool vs_part_add(VsPart *part, VsPartKind kind, const char *word, GError **error);

/* Its words of that kind, of const char *. Belongs to @part. */
const GPtrArray *vs_part_words(const VsPart *part, VsPartKind kind);

/* Without a word: all guests. NULL is that, too. */
bool vs_part_is_of_all(const VsPart *part);
bool vs_part_equal(const VsPart *one, const VsPart *other);

/* Whether that guest is of it. @labels: NULL, where they aren't known. */
bool vs_part_means(const VsPart *part, const VsPolicy *policy, const VsDomainId *domain,
                   const VsLabels *labels);

/* Whether what isn't known of that guest's labels may decide whether it is of it. */
bool vs_part_hangs_on_labels(const VsPart *part, const VsPolicy *policy, const VsDomainId *domain);

/* The same as vs_part_means() for one word of it alone: number @i of that kind. */
bool vs_part_word_means(const VsPart *part, VsPartKind kind, unsigned i, const VsPolicy *policy,
                        const VsDomainId *domain, const VsLabels *labels);

/* For people: "group lab or test, priority 0-10". The caller owns it. */
char *vs_part_format(const VsPart *part);

/* NULL where it is of all; and back, false with @error where it can't be read. */
json_object *vs_part_to_json(const VsPart *part);
bool vs_part_from_json(json_object *object, VsPart **ret, GError **error);
