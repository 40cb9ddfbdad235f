/* SPDX-License-Identifier: MIT */

/*
 * Files that hls encrypts (AES-128 in CBC mode with PKCS #7 padding, RFC 8216 4.3.2.4).
 * Threads: confined.
 */

#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <libavutil/dict.h>

#include "base/error.h"
#include "base/spool.h"

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
