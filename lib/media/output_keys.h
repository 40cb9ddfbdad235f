/* SPDX-License-Identifier: MIT */

/*
 * Encryption of a result's files (hls: AES-128 in CBC mode with PKCS #7 padding, RFC 8216 4.3.2.4),
 * and the two local files that the operator's -hls_key_info_file names for it.
 * Threads: confined.
 */

#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <libavutil/dict.h>

#include "base/error.h"
#include "base/spool.h"
#include "media/recipe.h"

enum { OUTPUT_KEY_SIZE = 16 };

struct output_key {
    uint8_t key[OUTPUT_KEY_SIZE];
    uint8_t start[OUTPUT_KEY_SIZE]; /* the initialization vector */
    bool given;
};

/* From the options with which the muxer opens the file. */
void output_key_read(struct output_key *key, const AVDictionary *options);

/* Encrypts all of spool in place; without a key it stays. */
bool output_key_encrypt(const struct output_key *key, struct spool *spool, struct error *err);

struct output_key_files {
    const char *description; /* borrowed; what the option names; NULL: nothing */
    char *key;               /* owned; what that names; NULL: not read yet */
};

void output_key_files_init(struct output_key_files *files, const struct recipe *recipe);
void output_key_files_release(struct output_key_files *files);

/* Whether path is one of the two. */
bool output_key_files_has(const struct output_key_files *files, const char *path);

/* Reads it into an empty spool. Fails with ERROR_LOCAL. */
bool output_key_files_read(struct output_key_files *files, const char *path, struct spool *to,
                           struct error *err);
