/* SPDX-License-Identifier: MIT */

/*
 * SHA-256, HMAC-SHA-256, SHA-1, MD5 and hexadecimal text, from OpenSSL.
 * Threads: safe; a struct sha256 or md5 is confined.
 */

#pragma once

#include <stddef.h>
#include <stdint.h>

enum { SHA256_SIZE = 32, SHA256_HEX_SIZE = 65, SHA1_SIZE = 20, MD5_SIZE = 16 };

struct sha256;
struct sha1;
struct md5;

/* Bytes in any number of pieces; finish frees it. */
struct sha256 *sha256_new(void);
void sha256_add(struct sha256 *sum, const void *bytes, size_t size);
void sha256_finish(struct sha256 *sum, uint8_t digest[SHA256_SIZE]);

struct sha1 *sha1_new(void);
void sha1_add(struct sha1 *sum, const void *bytes, size_t size);
void sha1_finish(struct sha1 *sum, uint8_t digest[SHA1_SIZE]);

struct md5 *md5_new(void);
void md5_add(struct md5 *sum, const void *bytes, size_t size);
void md5_finish(struct md5 *sum, uint8_t digest[MD5_SIZE]);

void digest_sha256(const void *bytes, size_t size, uint8_t digest[SHA256_SIZE]);
void digest_hmac_sha256(const void *key, size_t key_size, const void *bytes, size_t size,
                        uint8_t digest[SHA256_SIZE]);
/* For names of files that others have named so, not for safety. */
void digest_sha1(const void *bytes, size_t size, uint8_t digest[SHA1_SIZE]);
void digest_md5(const void *bytes, size_t size, uint8_t digest[MD5_SIZE]);

/* Lower-case hexadecimal, 2 * size digits and a NUL. Returns out. */
const char *digest_hex(const uint8_t *digest, size_t size, char *out);
