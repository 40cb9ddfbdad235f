/* SPDX-License-Identifier: MIT */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "media_fixture.h"

static void assert_refused(const char *word, const char *text)
{
    assert_int_equal(media_err.kind, ERROR_MEDIA);
    assert_string_equal(media_err.word, word);
    if (!strstr(media_err.text, text))
        fail_msg("\"%s\" is not in: %s", text, media_err.text);
}

/* A second of sound in FLAC of which some packets are damaged. */
static void make_damaged_flac(void)
{
    char *bytes;
    size_t size;

    media_make_wav(48000, 1, 48000);
    assert_true(media_transcode("", "a.wav", "b.flac"));
    media_swap();
    size = (size_t)media_input.size;
    bytes = memory_copy_bytes(spool_bytes(&media_input), size);
    memset(bytes + size / 2, 0, 400);
    media_make_bytes(bytes, size);
    free(bytes);
}

/* A second of sound in FLAC that declares two. */
static void make_short_flac(void)
{
    static const uint8_t samples[] = { 0, 1, 0x77, 0 };
    const size_t place = 4 + 4 + 14; /* after "fLaC", the block's header and its first fields */
    char *bytes;
    size_t size;

    media_make_wav(48000, 1, 48000);
    assert_true(media_transcode("", "a.wav", "b.flac"));
    media_swap();
    size = (size_t)media_input.size;
    bytes = memory_copy_bytes(spool_bytes(&media_input), size);
    for (size_t i = 0; i < sizeof(samples); i++)
        bytes[place + i] = (char)samples[i];
    media_make_bytes(bytes, size);
    free(bytes);
}

static void test_verdict_wants_something_decoded(void **state)
{
    (void)state;
    media_make_wav(48000, 1, 0);
    assert_false(media_transcode("", "a.wav", "b.wav"));
    assert_refused("Media.NothingDecoded", "stream 0: no frame could be decoded from 0 packets");
    media_demands.rules.allows_empty = true;
    assert_true(media_transcode("", "a.wav", "b.wav"));
    assert_string_equal(media_seen.warning, "the result is empty");
}

static void test_verdict_wants_something_in_the_result(void **state)
{
    static const char *const options[] = { "-ss 5", "-t 0", "-af atrim=start=9", "-c copy -ss 5" };

    (void)state;
    media_make_wav(48000, 1, 4800);
    for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
        media_demands.rules.allows_empty = false;
        assert_false(media_transcode(options[i], "a.wav", "b.wav"));
        assert_refused("Media.EmptyResult", "nothing has got into the result");
        media_demands.rules.allows_empty = true;
        assert_true(media_transcode(options[i], "a.wav", "b.wav"));
    }
}

static void test_verdict_wants_nothing_where_no_packets_go(void **state)
{
    (void)state;
    media_make_wav(48000, 1, 4800);
    assert_true(media_transcode("-f ffmetadata", "a.wav", "b.txt"));
}

static void test_verdict_counts_errors_as_it_is_told(void **state)
{
    (void)state;
    make_damaged_flac();
    assert_true(media_transcode("", "a.flac", "b.wav"));
    assert_true(media_seen.decode_errors > 0);
    assert_false(media_transcode("-max_error_rate 0", "a.flac", "b.wav"));
    assert_refused("Media.TooManyErrors", "stream 0, first at 0.");
    media_demands.rules.has_error_rate = true;
    assert_false(media_transcode("-max_error_rate 1", "a.flac", "b.wav"));
    assert_refused("Media.TooManyErrors", "packets could not be decoded");
    media_demands.rules.max_error_rate = 1;
    assert_true(media_transcode("-max_error_rate 0", "a.flac", "b.wav"));
}

/* As in ffmpeg a rate below 0 is passed by everything. */
static void test_verdict_takes_a_rate_that_nothing_keeps(void **state)
{
    (void)state;
    media_make_wav(48000, 1, 4800);
    assert_false(media_transcode("-max_error_rate -1", "a.wav", "b.wav"));
    assert_refused("Media.TooManyErrors", "0 of ");
}

/* With -ss behind its end a result has no packets. */
static void test_verdict_counts_empty_results_as_abort_on_says(void **state)
{
    (void)state;
    media_make_wav(48000, 1, 4800);
    media_demands.rules.allows_empty = true;
    assert_true(media_transcode("-ss 1", "a.wav", "b.wav"));
    assert_false(media_transcode("-ss 1 -abort_on empty_output", "a.wav", "b.wav"));
    assert_refused("Media.EmptyResult", "Empty output");
    assert_false(media_transcode("-ss 1 -abort_on empty_output_stream", "a.wav", "b.wav"));
    assert_refused("Media.EmptyResult", "Empty output on stream 0");
    assert_true(media_transcode("-ss 1 -abort_on empty_output-empty_output", "a.wav", "b.wav"));
    assert_false(media_transcode("-ss 1 -abort_on empty_output+empty_output_stream "
                                 "-abort_on -empty_output_stream",
                                 "a.wav", "b.wav"));
    assert_string_equal(media_err.text, "Empty output");
}

static void test_verdict_names_where_the_damage_is_when_strict(void **state)
{
    (void)state;
    make_damaged_flac();
    media_demands.rules = (struct verdict_rules){ .strict = true, .tolerance_s = 10 };
    assert_false(media_transcode("", "a.flac", "b.wav"));
    assert_refused("Media.DecodeError", "stream 0, first at 0.");
    assert_refused("Media.DecodeError", "failed"); /* what the decoder said */
}

static void test_verdict_names_where_the_input_is_cut_off(void **state)
{
    (void)state;
    media_make_wav(48000, 1, 48000);
    media_input.size -= 40000;
    assert_true(media_transcode("", "a.wav", "b.wav"));
    assert_string_equal(media_seen.warning, "1 packet was cut off or corrupt");
    assert_false(media_transcode("-xerror", "a.wav", "b.wav"));
    assert_string_equal(media_err.text,
                        "stream 0, first at 0.555 s: corrupt input packet (-xerror)");
    media_demands.rules = (struct verdict_rules){ .strict = true, .tolerance_s = 10 };
    assert_false(media_transcode("", "a.wav", "b.wav"));
    assert_string_equal(media_err.text,
                        "stream 0, first at 0.555 s: 1 packet was cut off or corrupt (--strict)");
}

/* The muxer refuses the only packet, which ffmpeg only prints when it happens at the end. */
static void test_verdict_counts_what_the_muxer_lost_at_its_end_when_strict(void **state)
{
    (void)state;
    media_make_wav(44100, 1, 900);
    assert_true(media_transcode("-filter_complex color=s=16x16:d=0.04[v] -map [v] -map 0:a "
                                "-c:v mpeg4 -c:a adpcm_ms",
                                "a.wav", "b.avi"));
    media_swap();
    assert_true(media_transcode("-c copy", "b.avi", "c.mov"));
    assert_non_null(strstr(media_seen.warning, "finishing the result failed"));
    media_demands.rules = (struct verdict_rules){ .strict = true, .tolerance_s = 10 };
    assert_false(media_transcode("-c copy", "b.avi", "c.mov"));
    assert_string_equal(media_err.word, "Media.MuxerFailed");
}

static void test_verdict_compares_lengths_when_strict(void **state)
{
    (void)state;
    make_short_flac();
    assert_true(media_transcode("", "a.flac", "b.wav"));
    media_demands.rules = (struct verdict_rules){ .strict = true, .tolerance_s = 0.9 };
    assert_false(media_transcode("", "a.flac", "b.wav"));
    assert_refused("Media.LengthMismatch", "stream 0: 1.000 s were decoded");
    assert_refused("Media.LengthMismatch", "declares 2.000 s");
    media_demands.rules.tolerance_s = 1;
    assert_true(media_transcode("", "a.flac", "b.wav"));
}

/* Two seconds of sound as name, of which only so many percent of the bytes are left. */
static void make_cut(const char *options, const char *name, size_t percent)
{
    char *bytes;
    size_t size;

    media_make_wav(48000, 1, 96000);
    assert_true(media_transcode(options, "a.wav", name));
    media_swap();
    size = (size_t)media_input.size * percent / 100;
    bytes = memory_copy_bytes(spool_bytes(&media_input), size);
    media_make_bytes(bytes, size);
    free(bytes);
}

static void test_verdict_sees_what_is_cut_off_where_libav_does_not_when_strict(void **state)
{
    static const struct {
        const char *options;
        const char *name;
        const char *text;
    } cases[] = {
        { "-c:a flac", "a.ogg", "the input is cut off" },
        { "-c:a flac -page_duration 50000", "a.ogg", "the input is cut off" },
        { "-c:a mp2", "a.avi", "the input is cut off" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        media_demands.rules = (struct verdict_rules){ .strict = false };
        make_cut(cases[i].options, cases[i].name, 60);
        assert_true(media_transcode("", cases[i].name, "b.wav"));
        media_demands.rules = (struct verdict_rules){ .strict = true, .tolerance_s = 0.5 };
        assert_false(media_transcode("", cases[i].name, "b.wav"));
        assert_refused("Media.DecodeError", cases[i].text);
        media_demands.rules = (struct verdict_rules){ .strict = false };
        make_cut(cases[i].options, cases[i].name, 100);
        media_demands.rules = (struct verdict_rules){ .strict = true, .tolerance_s = 0.5 };
        assert_true(media_transcode("", cases[i].name, "b.wav"));
    }
}

/* The stream itself declares the right length here. */
static void test_verdict_compares_the_length_of_the_whole_when_strict(void **state)
{
    const size_t duration = 4 + 1 + 3 + 4 + 4 + 4; /* behind the box's name, version ... scale */
    char *bytes;
    char *box;
    size_t size;

    (void)state;
    make_cut("-c:a pcm_s16le", "a.mov", 100);
    size = (size_t)media_input.size;
    bytes = memory_copy_bytes(spool_bytes(&media_input), size);
    box = memmem(bytes, size, "mvhd", 4);
    assert_non_null(box);
    box[duration + 2] = 0x7f;
    media_make_bytes(bytes, size);
    free(bytes);
    assert_true(media_transcode("", "a.mov", "b.wav"));
    media_demands.rules = (struct verdict_rules){ .strict = true, .tolerance_s = 0.5 };
    assert_false(media_transcode("", "a.mov", "b.wav"));
    assert_refused("Media.LengthMismatch", "2.000 s were decoded");
}

static void test_verdict_compares_no_lengths_of_parts(void **state)
{
    static const char *const options[] = { "-t 0.2", "-c copy" };

    (void)state;
    media_make_wav(48000, 1, 48000);
    media_demands.rules = (struct verdict_rules){ .strict = true };
    for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
        assert_true(media_transcode(options[i], "a.wav", "b.wav"));
    assert_true(media_transcode("", "a.wav", "b.wav"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_verdict_wants_something_decoded, media_set_up,
                                        media_tear_down),
        cmocka_unit_test_setup_teardown(test_verdict_wants_something_in_the_result, media_set_up,
                                        media_tear_down),
        cmocka_unit_test_setup_teardown(test_verdict_wants_nothing_where_no_packets_go,
                                        media_set_up, media_tear_down),
        cmocka_unit_test_setup_teardown(test_verdict_counts_errors_as_it_is_told, media_set_up,
                                        media_tear_down),
        cmocka_unit_test_setup_teardown(test_verdict_takes_a_rate_that_nothing_keeps, media_set_up,
                                        media_tear_down),
        cmocka_unit_test_setup_teardown(test_verdict_counts_empty_results_as_abort_on_says,
                                        media_set_up, media_tear_down),
        cmocka_unit_test_setup_teardown(test_verdict_names_where_the_damage_is_when_strict,
                                        media_set_up, media_tear_down),
        cmocka_unit_test_setup_teardown(test_verdict_names_where_the_input_is_cut_off, media_set_up,
                                        media_tear_down),
        cmocka_unit_test_setup_teardown(
            test_verdict_counts_what_the_muxer_lost_at_its_end_when_strict, media_set_up,
            media_tear_down),
        cmocka_unit_test_setup_teardown(test_verdict_compares_lengths_when_strict, media_set_up,
                                        media_tear_down),
        cmocka_unit_test_setup_teardown(
            test_verdict_sees_what_is_cut_off_where_libav_does_not_when_strict, media_set_up,
            media_tear_down),
        cmocka_unit_test_setup_teardown(test_verdict_compares_the_length_of_the_whole_when_strict,
                                        media_set_up, media_tear_down),
        cmocka_unit_test_setup_teardown(test_verdict_compares_no_lengths_of_parts, media_set_up,
                                        media_tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
