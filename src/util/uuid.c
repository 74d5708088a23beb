/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "util/uuid.h"

#include <glib.h>

#define SEED_LEN 16
#define SHA1_LEN 20

VsUuid
vs_uuid_derive(const uint8_t seed[SEED_LEN], uint64_t counter)
{
    g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA1);
    uint64_t big_endian = GUINT64_TO_BE(counter);
    uint8_t b[SHA1_LEN];
    gsize len = sizeof b;
    VsUuid uuid;

    g_checksum_update(sum, seed, SEED_LEN);
    g_checksum_update(sum, (const guchar *)&big_endian, sizeof big_endian);
    g_checksum_get_digest(sum, b, &len);
    b[6] = (b[6] & 0x0f) | 0x40; /* version 4 */
    b[8] = (b[8] & 0x3f) | 0x80; /* the variant of RFC 4122 */
    g_snprintf(uuid.text, sizeof uuid.text,
               "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", b[0], b[1],
               b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13], b[14],
               b[15]);
    return uuid;
}

bool
vs_uuid_is_valid(const char *text)
{
    return g_uuid_string_is_valid(text);
}
