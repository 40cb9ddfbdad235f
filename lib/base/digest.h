/* SPDX-License-Identifier: MIT */

/*
 * SHA-256, HMAC-SHA-256, SHA-1, MD5 and hexadecimal text, from OpenSSL.
 * Threads: safe; a struct digest is confined.
 */

#pragma once

#include <stddef.h>
#include <stdint.h>

enum { SHA256_SIZE = 32, SHA256_HEX_SIZE = 65, SHA1_SIZE = 20, MD5_SIZE = 16 };

enum digest_kind { DIGEST_MD5, DIGEST_SHA1, DIGEST_SHA256 };

struct digest;

/* Bytes in any number of pieces; finish frees it, and writes as many bytes as its kind has. */
struct digest *digest_new(enum digest_kind kind);
void digest_add(struct digest *sum, const void *bytes, size_t size);
void digest_finish(struct digest *sum, uint8_t *digest);

void digest_sha256(const void *bytes, size_t size, uint8_t digest[SHA256_SIZE]);
void digest_hmac_sha256(const void *key, size_t key_size, const void *bytes, size_t size,
                        uint8_t digest[SHA256_SIZE]);
/* For names of files that others have named so, not for safety. */
void digest_sha1(const void *bytes, size_t size, uint8_t digest[SHA1_SIZE]);
void digest_md5(const void *bytes, size_t size, uint8_t digest[MD5_SIZE]);

/* Lower-case hexadecimal, 2 * size digits and a NUL. Returns out. */
const char *digest_hex(const uint8_t *digest, size_t size, char *out);
