/* SPDX-License-Identifier: MIT */

/*
 * Bytes of a fuzzer as a list of items.
 * Threads: the fuzzer's.
 */

#pragma once

#include <stddef.h>
#include <stdint.h>

#include "items/item_source.h"

/* Puts bytes into a file and reads it to its end, as a list of that format. */
void list_file_read(const uint8_t *bytes, size_t size, enum items_format format,
                    const char *pointer);
