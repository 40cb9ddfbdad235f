/* SPDX-License-Identifier: MIT */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <zlib.h>
#include <zstd.h>

#include "base/buffer.h"
#include "base/unpack.h"

enum { LENGTH = 500000 };

static struct budget budget;
static struct spool spool;
static struct buffer unpacked;
static char plain[LENGTH];
static char packed[2 * LENGTH];

static int set_up(void **state)
{
    unsigned noise = 1;

    (void)state;
    budget_init(&budget, UINT64_C(1) << 30);
    spool_init(&spool, &budget);
    buffer_init(&unpacked, SIZE_MAX);
    for (size_t i = 0; i < LENGTH; i++) {
        noise = noise * 1103515245 + 12345;
        plain[i] = (char)('a' + (noise >> 16) % 16);
    }
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    spool_release(&spool);
    buffer_release(&unpacked);
    return 0;
}

static size_t gzip(const char *bytes, size_t size)
{
    z_stream stream = { 0 };

    assert_int_equal(deflateInit2(&stream, 6, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY), Z_OK);
    stream.next_in = (Bytef *)bytes;
    stream.avail_in = (uInt)size;
    stream.next_out = (Bytef *)packed;
    stream.avail_out = sizeof(packed);
    assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
    deflateEnd(&stream);
    return stream.total_out;
}

static size_t zstd(const char *bytes, size_t size)
{
    size_t length = ZSTD_compress(packed, sizeof(packed), bytes, size, 3);

    assert_false(ZSTD_isError(length));
    return length;
}

static void add(size_t size)
{
    struct error err;

    assert_true(spool_write(&spool, spool.size, packed, size, &err));
}

static bool read_all(size_t piece_size, struct error *err)
{
    struct unpack *unpack = unpack_new(&spool);
    char *piece = malloc(piece_size);
    size_t got = 1;
    bool ok = true;

    buffer_clear(&unpacked);
    while (ok && got > 0) {
        ok = unpack_read(unpack, piece, piece_size, &got, err);
        buffer_append(&unpacked, piece, ok ? got : 0);
    }
    free(piece);
    unpack_free(unpack);
    return ok;
}

static void check_twice(size_t count)
{
    static const size_t sizes[] = { 100, 65536, 1000000 };
    struct error err;

    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        assert_true(read_all(sizes[i], &err));
        assert_int_equal(unpacked.size, count * LENGTH);
        for (size_t part = 0; part < count; part++)
            assert_memory_equal(unpacked.bytes + part * LENGTH, plain, LENGTH);
    }
}

static void test_unpack_read_gives_plain_bytes_as_they_are(void **state)
{
    struct error err;

    (void)state;
    assert_true(read_all(10, &err));
    assert_int_equal(unpacked.size, 0);
    assert_true(spool_write(&spool, 0, plain, LENGTH, &err));
    check_twice(1);
}

static void test_unpack_read_undoes_gzip_and_zstandard(void **state)
{
    (void)state;
    add(gzip(plain, LENGTH));
    check_twice(1);
    spool_clear(&spool);
    add(zstd(plain, LENGTH));
    check_twice(1);
}

static void test_unpack_read_joins_streams(void **state)
{
    (void)state;
    add(gzip(plain, LENGTH));
    add(gzip("", 0));
    add(gzip(plain, LENGTH));
    check_twice(2);
    spool_clear(&spool);
    add(zstd(plain, LENGTH));
    add(zstd(plain, LENGTH));
    check_twice(2);
}

static void test_unpack_read_refuses_what_is_cut_off(void **state)
{
    static const size_t lost[] = { 1, 4, 8, 1000, 100000 };
    struct error err;

    (void)state;
    for (size_t i = 0; i < sizeof(lost) / sizeof(lost[0]); i++) {
        for (int kind = 0; kind < 2; kind++) {
            size_t size = kind ? gzip(plain, LENGTH) : zstd(plain, LENGTH);

            spool_clear(&spool);
            add(size - lost[i]);
            assert_false(read_all(65536, &err));
            assert_string_equal(err.word, "Avmap.BadArchive");
            assert_non_null(strstr(err.text, "cut off"));
        }
    }
}

static void test_unpack_read_refuses_what_is_damaged(void **state)
{
    struct error err;

    (void)state;
    for (int kind = 0; kind < 2; kind++) {
        size_t size = kind ? gzip(plain, LENGTH) : zstd(plain, LENGTH);

        memset(packed + size / 2, 0xff, 64);
        spool_clear(&spool);
        add(size);
        if (read_all(65536, &err)) /* a frame of zstd without a checksum may not notice */
            assert_true(kind == 0 && memcmp(unpacked.bytes, plain, unpacked.size) != 0);
        else
            assert_string_equal(err.word, "Avmap.BadArchive");
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_unpack_read_gives_plain_bytes_as_they_are),
        TEST(test_unpack_read_undoes_gzip_and_zstandard),
        TEST(test_unpack_read_joins_streams),
        TEST(test_unpack_read_refuses_what_is_cut_off),
        TEST(test_unpack_read_refuses_what_is_damaged),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
