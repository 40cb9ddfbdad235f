/* SPDX-License-Identifier: MIT */

/* The OpenSSL door. A digest fails only when OpenSSL itself is broken, which ends the program. */

#include "base/digest.h"

#include <stdio.h>
#include <stdlib.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>

struct sha256 {
    EVP_MD_CTX *context;
};

struct sha1 {
    EVP_MD_CTX *context;
};

struct md5 {
    EVP_MD_CTX *context;
};

static void require(int result)
{
    if (result == 1)
        return;
    fputs("avmap: error: OpenSSL cannot compute a digest\n", stderr);
    abort();
}

static EVP_MD_CTX *begin(const EVP_MD *kind)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();

    require(context != NULL);
    require(EVP_DigestInit_ex(context, kind, NULL));
    return context;
}

static void finish(EVP_MD_CTX *context, uint8_t *digest)
{
    require(EVP_DigestFinal_ex(context, digest, NULL));
    EVP_MD_CTX_free(context);
}

struct sha256 *sha256_new(void)
{
    struct sha256 *sum = malloc(sizeof(*sum));

    require(sum != NULL);
    sum->context = begin(EVP_sha256());
    return sum;
}

void sha256_add(struct sha256 *sum, const void *bytes, size_t size)
{
    require(EVP_DigestUpdate(sum->context, bytes, size));
}

void sha256_finish(struct sha256 *sum, uint8_t digest[SHA256_SIZE])
{
    finish(sum->context, digest);
    free(sum);
}

struct sha1 *sha1_new(void)
{
    struct sha1 *sum = malloc(sizeof(*sum));

    require(sum != NULL);
    sum->context = begin(EVP_sha1());
    return sum;
}

void sha1_add(struct sha1 *sum, const void *bytes, size_t size)
{
    require(EVP_DigestUpdate(sum->context, bytes, size));
}

void sha1_finish(struct sha1 *sum, uint8_t digest[SHA1_SIZE])
{
    finish(sum->context, digest);
    free(sum);
}

struct md5 *md5_new(void)
{
    struct md5 *sum = malloc(sizeof(*sum));

    require(sum != NULL);
    sum->context = begin(EVP_md5());
    return sum;
}

void md5_add(struct md5 *sum, const void *bytes, size_t size)
{
    require(EVP_DigestUpdate(sum->context, bytes, size));
}

void md5_finish(struct md5 *sum, uint8_t digest[MD5_SIZE])
{
    finish(sum->context, digest);
    free(sum);
}

void digest_sha256(const void *bytes, size_t size, uint8_t digest[SHA256_SIZE])
{
    require(EVP_Digest(bytes, size, digest, NULL, EVP_sha256(), NULL));
}

void digest_hmac_sha256(const void *key, size_t key_size, const void *bytes, size_t size,
                        uint8_t digest[SHA256_SIZE])
{
    require(HMAC(EVP_sha256(), key, (int)key_size, bytes, size, digest, NULL) != NULL);
}

void digest_sha1(const void *bytes, size_t size, uint8_t digest[SHA1_SIZE])
{
    require(EVP_Digest(bytes, size, digest, NULL, EVP_sha1(), NULL));
}

void digest_md5(const void *bytes, size_t size, uint8_t digest[MD5_SIZE])
{
    require(EVP_Digest(bytes, size, digest, NULL, EVP_md5(), NULL));
}

const char *digest_hex(const uint8_t *digest, size_t size, char *out)
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < size; i++) {
        out[2 * i] = digits[digest[i] >> 4];
        out[2 * i + 1] = digits[digest[i] & 15];
    }
    out[2 * size] = '\0';
    return out;
}
