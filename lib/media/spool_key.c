/* SPDX-License-Identifier: MIT */

/* Encrypts and decrypts files. */

#include "media/spool_key.h"

#include <stdlib.h>
#include <string.h>

#include <libavutil/aes.h>
#include <libavutil/mem.h>

enum {
    PIECE_SIZE = 64 * 1024,
    KEY_BITS = 128,
    KEY_DIGITS = 2 * SPOOL_KEY_SIZE,
};

static int digit(char letter)
{
    static const char digits[] = "0123456789abcdef";
    const char *at = letter ? strchr(digits, letter | ('a' ^ 'A')) : NULL;

    return at ? (int)(at - digits) : -1;
}

static bool read_hex(const AVDictionary *options, const char *name, uint8_t out[SPOOL_KEY_SIZE])
{
    const AVDictionaryEntry *entry = av_dict_get(options, name, NULL, 0);

    if (!entry || strlen(entry->value) != KEY_DIGITS)
        return false;
    for (size_t i = 0; i < SPOOL_KEY_SIZE; i++) {
        int high = digit(entry->value[2 * i]);
        int low = digit(entry->value[2 * i + 1]);

        if (high < 0 || low < 0)
            return false;
        out[i] = (uint8_t)(high * 16 + low);
    }
    return true;
}

void spool_key_of_reader(struct spool_key *key, const AVDictionary *options)
{
    key->given = read_hex(options, "key", key->key) && read_hex(options, "iv", key->start);
}

void spool_key_of_writer(struct spool_key *key, const AVDictionary *options)
{
    key->given = read_hex(options, "encryption_key", key->key) &&
                 read_hex(options, "encryption_iv", key->start);
}

static bool encrypt_piece(struct AVAES *aes, uint8_t *start, struct spool *spool, uint64_t *offset,
                          struct error *err)
{
    uint8_t piece[PIECE_SIZE];
    size_t got;
    size_t padding = 0;

    if (!spool_read(spool, *offset, piece, sizeof(piece), &got, err))
        return false;
    if (got < sizeof(piece)) {
        padding = SPOOL_KEY_SIZE - got % SPOOL_KEY_SIZE;
        memset(piece + got, (int)padding, padding);
    }
    got += padding;
    av_aes_crypt(aes, piece, piece, (int)(got / SPOOL_KEY_SIZE), start, 0);
    if (!spool_write(spool, *offset, piece, got, err))
        return false;
    *offset += got;
    return true;
}

static struct AVAES *open_aes(const struct spool_key *key, bool decrypts, struct error *err)
{
    struct AVAES *aes = av_aes_alloc();

    if (aes && av_aes_init(aes, key->key, KEY_BITS, decrypts) == 0)
        return aes;
    av_free(aes);
    error_set(err, ERROR_LOCAL, "Avmap.MemoryLimit", "no memory to encrypt with");
    return NULL;
}

bool spool_key_encrypt(const struct spool_key *key, struct spool *spool, struct error *err)
{
    struct AVAES *aes;
    uint8_t start[SPOOL_KEY_SIZE];
    uint64_t plain = spool->size;
    uint64_t offset = 0;
    bool ok;

    if (!key->given)
        return true;
    aes = open_aes(key, false, err);
    ok = aes != NULL;
    memcpy(start, key->start, sizeof(start));
    /* There is always padding, so the last piece is the one that reaches beyond the old end. */
    while (ok && offset <= plain)
        ok = encrypt_piece(aes, start, spool, &offset, err);
    av_free(aes);
    return ok;
}

/* The padding stays at the end as bytes that no container needs. */
bool spool_key_decrypt(const struct spool_key *key, struct spool *spool, struct error *err)
{
    uint8_t piece[PIECE_SIZE];
    uint8_t start[SPOOL_KEY_SIZE];
    struct AVAES *aes;
    size_t got = 0;
    bool ok;

    if (!key->given)
        return true;
    aes = open_aes(key, true, err);
    ok = aes != NULL;
    memcpy(start, key->start, sizeof(start));
    for (uint64_t offset = 0; ok && offset < spool->size; offset += got) {
        ok = spool_read(spool, offset, piece, sizeof(piece), &got, err);
        if (!ok)
            break;
        av_aes_crypt(aes, piece, piece, (int)(got / SPOOL_KEY_SIZE), start, 1);
        ok = spool_write(spool, offset, piece, got, err);
    }
    av_free(aes);
    return ok;
}
