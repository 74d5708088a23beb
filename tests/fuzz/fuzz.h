/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* A fuzz target has libFuzzer's form, and works with it as it is:
 *
 *     clang -g -fsanitize=fuzzer,address,undefined -include config.h -Isrc -Itests/fuzz \
 *         tests/fuzz/fuzz-trace.c src/core/ *.c src/util/ *.c \
 *         $(pkg-config --cflags --libs glib-2.0 json-c) -o fuzz-trace
 *     ./fuzz-trace -max_len=65536 work-dir tests/traces/libvirt-9.0 tests/traces/own
 *
 * (without the blank before each asterisk). Linked with standalone.c instead it is one of the
 * checks, and needs neither. */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Directories of inputs to begin with, below the source tree; NULL-terminated. */
extern const char *const vs_fuzz_corpus[];

/* More than anybody would feed it. */
#define VS_FUZZ_MAX_SIZE (64 * 1024)
