/* SPDX-License-Identifier: MIT */

/*
 * Files that hls encrypts (AES-128 in CBC mode with PKCS #7 padding, RFC 8216 4.3.2.4), and the two
 * local files that the operator's -hls_key_info_file names for it.
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

enum { SPOOL_KEY_SIZE = 16 };

struct spool_key {
    uint8_t key[SPOOL_KEY_SIZE];
    uint8_t start[SPOOL_KEY_SIZE]; /* the initialization vector */
    bool given;
};

/* From the options with which libav opens the file: those of its writer, or those of its reader. */
void spool_key_of_writer(struct spool_key *key, const AVDictionary *options);
void spool_key_of_reader(struct spool_key *key, const AVDictionary *options);

/* Encrypts or decrypts all of spool in place; without a key it stays. */
bool spool_key_encrypt(const struct spool_key *key, struct spool *spool, struct error *err);
bool spool_key_decrypt(const struct spool_key *key, struct spool *spool, struct error *err);

struct key_files {
    const char *description; /* borrowed; what the option names; NULL: nothing */
    char *key;               /* owned; what that names; NULL: not read yet */
};

void key_files_init(struct key_files *files, const struct recipe *recipe);
void key_files_release(struct key_files *files);

/* Whether path is one of the two. */
bool key_files_has(const struct key_files *files, const char *path);

/* Reads it into an empty spool. Fails with ERROR_LOCAL. */
bool key_files_read(struct key_files *files, const char *path, struct spool *to, struct error *err);
