/* SPDX-License-Identifier: MIT */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <libavutil/error.h>

#include "media/spool_io.h"
#include "media_fixture.h"

static void test_spool_io_reads_seeks_and_ends(void **state)
{
    struct spool_io *io;
    uint8_t bytes[8] = { 0 };

    (void)state;
    media_make_bytes("0123456789", 10);
    io = spool_io_read(reader_of_spool(&media_input));
    assert_int_equal(avio_size(io->context), 10);
    assert_int_equal(avio_read(io->context, bytes, 4), 4);
    assert_memory_equal(bytes, "0123", 4);
    assert_int_equal(avio_seek(io->context, 8, SEEK_SET), 8);
    assert_int_equal(avio_read(io->context, bytes, 8), 2);
    assert_memory_equal(bytes, "89", 2);
    assert_int_equal(avio_read(io->context, bytes, 8), AVERROR_EOF);
    assert_true(avio_seek(io->context, -1, SEEK_SET) < 0);
    assert_int_equal(avio_seek(io->context, 5, SEEK_SET), 5);
    assert_int_equal(avio_r8(io->context), '5');
    spool_io_close(io);
}

static void test_spool_io_writes_and_patches(void **state)
{
    struct writer writer = writer_of_spool(&media_output);
    struct spool_io *io;
    struct error err = { 0 };

    (void)state;
    spool_clear(&media_output);
    io = spool_io_write(&writer);
    avio_write(io->context, (const uint8_t *)"header..body", 12);
    avio_seek(io->context, 6, SEEK_SET);
    avio_write(io->context, (const uint8_t *)"12", 2);
    avio_flush(io->context);
    assert_int_equal(media_output.size, 12);
    assert_memory_equal(spool_bytes(&media_output), "header12body", 12);
    assert_false(spool_io_failed(io, &err));
    spool_io_close(io);
}

static int count_down(void *opaque)
{
    int *left = opaque;

    return (*left)-- <= 0;
}

/* As libavformat does after each packet. */
static void write_packet(struct spool_io *io, size_t size)
{
    static const uint8_t packet[1000];

    assert_true(size <= sizeof(packet));
    avio_write(io->context, packet, (int)size);
    avio_write_marker(io->context, AV_NOPTS_VALUE, AVIO_DATA_MARKER_FLUSH_POINT);
}

static void test_spool_io_passes_many_packets_on_at_once(void **state)
{
    struct writer writer = writer_of_spool(&media_output);
    struct spool_io *io = spool_io_write(&writer);

    (void)state;
    spool_clear(&media_output);
    for (int i = 0; i < 16; i++)
        write_packet(io, 1000);
    assert_int_equal(media_output.size, 0);
    write_packet(io, 384);
    assert_int_equal(media_output.size, 16 * 1024);
    write_packet(io, 1000);
    avio_flush(io->context);
    assert_int_equal(media_output.size, 16 * 1024 + 1000);
    spool_io_close(io);
}

static void test_spool_io_stops_when_it_is_interrupted(void **state)
{
    static const char zeros[100000];
    struct spool_io *io;
    struct error err = { 0 };
    int left = 1;

    (void)state;
    media_make_bytes(zeros, sizeof(zeros));
    io = spool_io_read(reader_of_spool(&media_input));
    io->interrupt = (AVIOInterruptCB){ count_down, &left };
    assert_int_equal(avio_r8(io->context), 0);
    assert_false(spool_io_failed(io, &err));
    avio_skip(io->context, 90000);
    assert_int_equal(avio_r8(io->context), 0);
    assert_int_equal(io->context->error, AVERROR_EXIT);
    assert_true(spool_io_failed(io, &err));
    assert_int_equal(err.kind, ERROR_CANCELLED);
    spool_io_close(io);
}

static void test_spool_io_keeps_why_the_spool_failed(void **state)
{
    struct spool_io *io;
    struct error err = { 0 };
    struct spool broken = { .budget = media_input.budget, .file = -2, .size = 100 };

    (void)state;
    broken.file = dup(STDIN_FILENO);
    close(broken.file);
    io = spool_io_read(reader_of_spool(&broken));
    assert_true(avio_r8(io->context) == 0);
    assert_true(spool_io_failed(io, &err));
    assert_int_equal(err.kind, ERROR_LOCAL);
    spool_io_close(io);
    assert_false(spool_io_failed(NULL, &err));
    spool_io_close(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_spool_io_reads_seeks_and_ends),
        cmocka_unit_test(test_spool_io_writes_and_patches),
        cmocka_unit_test(test_spool_io_passes_many_packets_on_at_once),
        cmocka_unit_test(test_spool_io_stops_when_it_is_interrupted),
        cmocka_unit_test(test_spool_io_keeps_why_the_spool_failed),
    };

    return cmocka_run_group_tests(tests, media_set_up, media_tear_down);
}
