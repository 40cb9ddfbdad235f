/* SPDX-License-Identifier: MIT */

/*
 * CRC32 by libdeflate, which folds whole registers, many times as fast as zlib; the other reflected
 * CRCs eight bytes at a time by tables.
 */

#include "base/checksum.h"

#include <assert.h>
#include <pthread.h>

#include <libdeflate.h>

enum { SLICES = 8, ENTRIES = 256 };

/* Of reflected polynomials; those of 32 bits use the lower half. */
struct tables {
    uint64_t polynomial;
    uint64_t slices[SLICES][ENTRIES];
};

static struct tables crc32c = { .polynomial = UINT64_C(0x82f63b78) };
static struct tables crc64nvme = { .polynomial = UINT64_C(0x9a6c9329ac4bc9b5) };
static pthread_once_t filled = PTHREAD_ONCE_INIT;

static void fill(struct tables *tables)
{
    for (unsigned byte = 0; byte < ENTRIES; byte++) {
        uint64_t rest = byte;

        for (int bit = 0; bit < 8; bit++)
            rest = rest >> 1 ^ (rest & 1 ? tables->polynomial : 0);
        tables->slices[0][byte] = rest;
    }
    for (unsigned byte = 0; byte < ENTRIES; byte++) {
        for (int slice = 1; slice < SLICES; slice++) {
            uint64_t before = tables->slices[slice - 1][byte];

            tables->slices[slice][byte] = before >> 8 ^ tables->slices[0][before & 0xff];
        }
    }
}

static void fill_all(void)
{
    fill(&crc32c);
    fill(&crc64nvme);
}

static uint64_t little_endian(const uint8_t *bytes)
{
    uint64_t number = 0;

    for (int i = 7; i >= 0; i--)
        number = number << 8 | bytes[i];
    return number;
}

static uint64_t add(const struct tables *tables, uint64_t rest, const uint8_t *bytes, size_t size)
{
    for (; size >= 8; size -= 8, bytes += 8) {
        uint64_t next = rest ^ little_endian(bytes);

        rest = 0;
        for (int slice = 0; slice < SLICES; slice++)
            rest ^= tables->slices[SLICES - 1 - slice][next >> 8 * slice & 0xff];
    }
    for (; size > 0; size--, bytes++)
        rest = rest >> 8 ^ tables->slices[0][(rest ^ *bytes) & 0xff];
    return rest;
}

uint32_t checksum_crc32(uint32_t crc, const void *bytes, size_t size)
{
    return libdeflate_crc32(crc, bytes, size);
}

uint32_t checksum_crc32c(uint32_t crc, const void *bytes, size_t size)
{
    pthread_once(&filled, fill_all);
    return (uint32_t)~add(&crc32c, ~crc & UINT32_MAX, bytes, size);
}

uint64_t checksum_crc64nvme(uint64_t crc, const void *bytes, size_t size)
{
    pthread_once(&filled, fill_all);
    return ~add(&crc64nvme, ~crc, bytes, size);
}

const char *checksum_base64(const void *bytes, size_t size, char out[CHECKSUM_BASE64_SIZE])
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const uint8_t *from = bytes;
    char *to = out;

    assert(size <= 64);
    for (size_t i = 0; i < size; i += 3) {
        size_t left = size - i;
        unsigned group = (unsigned)from[i] << 16 | (left > 1 ? (unsigned)from[i + 1] << 8 : 0) |
                         (left > 2 ? from[i + 2] : 0u);

        *to++ = digits[group >> 18];
        *to++ = digits[group >> 12 & 63];
        *to++ = (char)(left > 1 ? digits[group >> 6 & 63] : '=');
        *to++ = (char)(left > 2 ? digits[group & 63] : '=');
    }
    *to = '\0';
    return out;
}

const char *checksum_base64_number(uint64_t number, size_t size, char out[CHECKSUM_BASE64_SIZE])
{
    uint8_t bytes[8];

    for (size_t i = 0; i < size; i++)
        bytes[i] = (uint8_t)(number >> 8 * (size - 1 - i));
    return checksum_base64(bytes, size, out);
}
