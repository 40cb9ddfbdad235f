/* SPDX-License-Identifier: MIT */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <libavutil/crc.h>
#include <libavutil/intreadwrite.h>

#include "base/memory.h"
#include "media_fixture.h"

/* In media_input: Ogg with a stream of a codec that nobody knows, then one of FLAC. */
static int set_up(void **state)
{
    enum { CRC = 22 };

    /* RFC 3533 6: the first page of stream 7 and its only packet. */
    static const uint8_t first_page[] = "OggS\0\2\0\0\0\0\0\0\0\0\7\0\0\0\0\0\0\0\0\0\0\0\1\5mines";
    size_t first_size = sizeof(first_page) - 1;
    char *bytes;
    size_t size;

    media_set_up(state);
    media_make_wav(48000, 1, 4800);
    if (!media_transcode("-c:a flac", "a.wav", "a.ogg"))
        return -1;
    size = first_size + (size_t)media_output.size;
    bytes = memory_new(size, 1);
    memcpy(bytes, first_page, first_size);
    /* libav's table gives the bytes turned around. */
    AV_WB32(bytes + CRC, av_crc(av_crc_get_table(AV_CRC_32_IEEE), 0, first_page, first_size));
    memcpy(bytes + first_size, spool_bytes(&media_output), (size_t)media_output.size);
    media_make_bytes(bytes, size);
    free(bytes);
    return 0;
}

static void test_output_describe_copies_a_stream_of_no_type(void **state)
{
    (void)state;
    assert_true(media_transcode("-map 0 -c copy -copy_unknown", "a.ogg", "b.ts"));
    assert_int_equal(media_seen.output.stream_count, 2);
}

static void test_output_describe_leaves_it_out_or_refuses_it(void **state)
{
    (void)state;
    assert_true(media_transcode("-map 0 -c copy -ignore_unknown", "a.ogg", "b.ts"));
    assert_int_equal(media_seen.output.stream_count, 1);
    assert_false(media_transcode("-map 0 -c copy", "a.ogg", "b.ts"));
    assert_string_equal(media_err.word, "Media.Unsupported");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_output_describe_copies_a_stream_of_no_type, set_up,
                                        media_tear_down),
        cmocka_unit_test_setup_teardown(test_output_describe_leaves_it_out_or_refuses_it, set_up,
                                        media_tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
