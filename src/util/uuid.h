/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define VS_UUID_LEN 36

typedef struct VsUuid {
    char text[VS_UUID_LEN + 1];
} VsUuid;

/* A UUID in version 4's form made from @seed and @counter alone: the same pair gives the same UUID.
 * With a random @seed of 16 bytes they are as unique as random ones. Reads no randomness itself, so
 * that core may call it. */
VsUuid vs_uuid_derive(const uint8_t seed[16], uint64_t counter);

/* Whether @text is a UUID in the usual 8-4-4-4-12 form. */
bool vs_uuid_is_valid(const char *text);
