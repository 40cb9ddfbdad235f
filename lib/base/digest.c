/* SPDX-License-Identifier: MIT */

/* The OpenSSL door. A digest fails only when OpenSSL itself is broken, which ends the program. */

#include "base/digest.h"

#include <stdio.h>
#include <stdlib.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>

struct digest {
    EVP_MD_CTX *context;
};

static void require(int result)
{
    if (result == 1)
        return;
    fputs("avmap: error: OpenSSL cannot compute a digest\n", stderr);
    abort();
}

static const EVP_MD *md_of(enum digest_kind kind)
{
    switch (kind) {
    case DIGEST_MD5:
        return EVP_md5();
    case DIGEST_SHA1:
        return EVP_sha1();
    case DIGEST_SHA256:
        break;
    }
    return EVP_sha256();
}

struct digest *digest_new(enum digest_kind kind)
{
    struct digest *sum = malloc(sizeof(*sum));

    require(sum != NULL);
    sum->context = EVP_MD_CTX_new();
    require(sum->context != NULL);
    require(EVP_DigestInit_ex(sum->context, md_of(kind), NULL));
    return sum;
}

void digest_add(struct digest *sum, const void *bytes, size_t size)
{
    require(EVP_DigestUpdate(sum->context, bytes, size));
}

void digest_finish(struct digest *sum, uint8_t *digest)
{
    require(EVP_DigestFinal_ex(sum->context, digest, NULL));
    EVP_MD_CTX_free(sum->context);
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
