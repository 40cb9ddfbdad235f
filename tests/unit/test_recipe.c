/* SPDX-License-Identifier: MIT */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "media/recipe.h"
#include "media/recipe_fields.h"
#include "media_fixture.h"

static AVFormatContext *format;
static struct stream_place video;
static struct stream_place audio;

static struct stream_place add_stream(enum AVMediaType type)
{
    struct stream_place place = { format, avformat_new_stream(format, NULL) };

    assert_non_null(place.stream);
    place.stream->codecpar->codec_type = type;
    return place;
}

static int set_up(void **state)
{
    media_set_up(state);
    if (avformat_alloc_output_context2(&format, NULL, "matroska", "a.mkv") < 0)
        return -1;
    video = add_stream(AVMEDIA_TYPE_VIDEO);
    audio = add_stream(AVMEDIA_TYPE_AUDIO);
    return 0;
}

static int tear_down(void **state)
{
    avformat_free_context(format);
    return media_tear_down(state);
}

static void test_recipe_parse_keeps_stream_settings(void **state)
{
    struct recipe *recipe = media_recipe("-ac 1 -ar:a 48k -ac 2 -c:a flac -vcodec mpeg4 -q:v 3");

    (void)state;
    assert_non_null(recipe);
    assert_string_equal(recipe_setting(&recipe->output, RECIPE_CHANNELS, &audio), "2");
    assert_string_equal(recipe_setting(&recipe->output, RECIPE_SAMPLE_RATE, &audio), "48k");
    assert_string_equal(recipe_setting(&recipe->output, RECIPE_CODEC, &audio), "flac");
    assert_string_equal(recipe_setting(&recipe->output, RECIPE_CODEC, &video), "mpeg4");
    assert_null(recipe_setting(&recipe->output, RECIPE_QUALITY, &audio));
    assert_null(recipe_setting(&recipe->output, RECIPE_SAMPLE_RATE, &video));
    recipe_free(recipe);
}

static void test_recipe_parse_takes_no_options(void **state)
{
    struct recipe *recipe = media_recipe("");

    (void)state;
    assert_non_null(recipe);
    assert_true(recipe_check(recipe, "a.wav", &media_err));
    recipe_free(recipe);
}

static void test_recipe_parse_reads_times(void **state)
{
    static const struct {
        const char *options;
        int64_t start_us, duration_us;
    } cases[] = {
        { "-ss 1.5", 1500000, INT64_MAX },
        { "-t 2", AV_NOPTS_VALUE, 2000000 },
        { "-ss 00:00:01 -to 3", 1000000, 2000000 },
        { "-to 3 -ss 200ms", 200000, 2800000 },
        { "-t 2 -to 9", AV_NOPTS_VALUE, 2000000 },
        { "-ss -9000000000000 -to 9000000000000", INT64_C(-9000000000000000000), INT64_MAX },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct recipe *recipe = media_recipe(cases[i].options);

        print_message("case: %s\n", cases[i].options);
        assert_non_null(recipe);
        assert_int_equal(recipe->output.start_us, cases[i].start_us);
        assert_int_equal(recipe->output.duration_us, cases[i].duration_us);
        recipe_free(recipe);
    }
}

static void test_recipe_parse_refuses_by_name(void **state)
{
    static const struct {
        const char *options;
        const char *text;
    } cases[] = {
        { "-acc 1", "Unrecognized option '-acc'; did you mean '-ac'?" },
        { "-compresion_level 3", "did you mean '-compression_level'?" },
        { "-qqqqqqqqqqqqqqqq 3", "Unrecognized option '-qqqqqqqqqqqqqqqq'" },
        { "-map 1", "-map 1: Invalid input file index" },
        { "-map 0:zz", "-map 0:zz: Invalid stream specifier" },
        { "-pass 1", "option '-pass' is not supported: avmap encodes in one pass" },
        { "-attach a.nope", "read a.nope: No such file" },
        { "-filter_script a.nope", "read a.nope: No such file" },
        { "-report", "option '-report' is not supported: it writes a file" },
        { "-encoders", "option '-encoders' is not supported: it prints" },
        { "-map_channel 1.0.0", "-map_channel 1.0.0: invalid input file" },
        { "-cpuflags nope", "-cpuflags nope: " },
        { "-itsoffset 1", "option '-itsoffset' cannot be applied to the result" },
        { "-af nope", "-af nope: No such filter: 'nope'" },
        { "-af atempo=2,volum=2", "No such filter: 'volum'; did you mean volume?" },
        { "-filter_complex [0:v]hfip[v]", "No such filter: 'hfip'; did you mean hflip?" },
        { "-c:a pcm_s61le", "-c:a pcm_s61le: Unknown encoder; did you mean pcm_s16le?" },
        { "-f matroksa",
          "-f matroksa: Requested output format is not known; did you mean matroska?" },
        { "-pix_fmt yuv402p", "Unknown pixel format requested; did you mean yuv420p?" },
        { "-vf split", "exactly 1 input and 1 output" },
        { "-filter_complex [0:a", "-filter_complex [0:a: " },
        { "-metadata x", "-metadata x: No '=' character" },
        { "-metadata:z a=b", "-metadata:z a=b: Invalid metadata type" },
        { "-r x", "-r x: Invalid framerate value" },
        { "-target pal-xcd", "-target pal-xcd: Unknown target" },
        { "-intra_matrix 1,2,3", "Syntax error in matrix" },
        { "-rc_override 1,2", "error parsing rc_override" },
        { "-timestamp x", "-timestamp x: Invalid date" },
        { "-s 3", "-s 3: Invalid frame size" },
        { "-pix_fmt q", "-pix_fmt q: Unknown pixel format" },
        { "-bsf:a nope", "-bsf:a nope: Error parsing bitstream filter" },
        { "-fps_mode q", "-fps_mode q: Invalid value" },
        { "-vsync q", "-vsync q: unknown method" },
        { "-abort_on q", "-abort_on q: expected empty_output" },
        { "-force_key_frames q", "-force_key_frames q: neither times" },
        { "-force_key_frames 1,", "-force_key_frames 1,: neither times" },
        { "-force_key_frames expr:q", "-force_key_frames expr:q: neither times" },
        { "-filter_threads q", "-filter_threads q: expected a number or auto" },
        { "-t -1", "-t value must not be negative" },
        { "-disposition q", "-disposition q: Unknown disposition" },
        { "-drc_scale 1", "is not an encoding option" },
        { "-autoscale", "option '-autoscale' has no value" },
        { "-autoscale x", "-autoscale x: expected a number" },
        { "-noautoscale 0", "'0' is not an option" },
        { "-ac x", "-ac x: expected a number" },
        { "-ac 1.5", "-ac 1.5: expected a whole number" },
        { "-ar -1", "-ar -1: expected a whole number" },
        { "-q:a", "option '-q:a' has no value" },
        { "-b:a", "option '-b:a' has no value" },
        { "-c:a nope", "-c:a nope: Unknown encoder" },
        { "-f nope", "-f nope: " },
        { "-t 1:2:x", "-t 1:2:x: Invalid duration specification" },
        { "-ss 2 -to 1", "-to value smaller than -ss" },
        { "-sample_fmt q", "-sample_fmt q: Invalid sample format" },
        { "-ch_layout q", "-ch_layout q: Unknown channel layout" },
        { "-b:zz 1", "Invalid stream specifier: zz" },
        { "-c:zz copy", "Invalid stream specifier: zz" },
        { "out.wav", "'out.wav' is not an option" },
        { "-", "'-' is not an option" },
        { "-: 1", "Unrecognized option '-:'" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        print_message("case: %s\n", cases[i].options);
        assert_null(media_recipe(cases[i].options));
        assert_int_equal(media_err.kind, ERROR_USAGE);
        if (!strstr(media_err.text, cases[i].text))
            fail_msg("said: %s", media_err.text);
    }
}

static void test_recipe_unused_lists_what_nothing_takes(void **state)
{
    static const struct {
        const char *options;
        const char *name;
        const char *unused; /* NULL: none */
    } cases[] = {
        { "-crf 23 -preset fast -b:v 3M -lpc_type 3 -b:a 96k", "a.wav",
          "-crf, -preset, -b:v, -lpc_type" },
        { "-movflags +faststart -hls_time 4", "a.wav", "-movflags, -hls_time" },
        { "-strict -2 -flags +bitexact -fflags +bitexact -ab 64k", "a.wav", NULL },
        { "-movflags +faststart -crf 23 -preset fast -b:v:1 3M -c:a:0 flac -lpc_type 3", "a.mp4",
          NULL },
        { "-crf 23 -vn", "a.mp4", "-crf" },
        { "-crf 23 -c:v mpeg4", "a.mp4", "-crf" },
        { "-crf 23 -c copy", "a.mp4", NULL },
        { "-b:s 1 -sn", "a.mkv", "-b:s" },
        { "-f hls -hls_time 4", "a.m3u8", NULL },
        { "-timecode 00:00:00:00", "a.wav", NULL },
        { "", "a.nope", NULL },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct recipe *recipe = media_recipe(cases[i].options);
        char *unused;

        print_message("case: %s %s\n", cases[i].options, cases[i].name);
        assert_non_null(recipe);
        unused = recipe_unused(recipe, cases[i].name);
        if (!cases[i].unused)
            assert_null(unused);
        else
            assert_string_equal(unused, cases[i].unused);
        free(unused);
        recipe_free(recipe);
    }
}

static void test_recipe_check_finds_what_cannot_be_made(void **state)
{
    static const struct {
        const char *options;
        const char *name;
        const char *text; /* NULL: it can be made */
    } cases[] = {
        { "-ac 1 -ar 48000", "a.wav", NULL },
        { "-c:a libmp3lame -b:a 64k -q:a 2", "b.mp3", NULL },
        { "-f flac -compression_level 5", "without-extension", NULL },
        { "-movflags +faststart -vn", "a.m4a", NULL },
        { "", "a.nope", "Unable to find a suitable output format for 'a.nope'" },
        { "", "without-extension", "Unable to find a suitable output format" },
        { "-vn -an", "a.wav", "would not contain any stream" },
        { "-an", "a.wav", "would not contain any stream" },
        { "-c:a mpeg4", "a.wav", "Invalid encoder type 'mpeg4' for audio" },
        { "-b:a 12zz", "a.wav", "-b 12zz: not a value for pcm_s16le" },
        { "-movflags nope", "a.m4a", "-movflags nope: not a value for ipod" },
        { "", "a.m3u8", NULL },
        { "", "a%d.jpg", NULL },
        { "-frames:v 1", "a.jpg", NULL },
        { "-c copy", "a.mkv", NULL },
        { "-c copy -af volume=2", "a.mkv", "Filtering and streamcopy cannot be used together" },
        { "-map 0 -c copy", "a.mp4", NULL },
        { "-c:s mov_text", "a.mp4", NULL },
        { "-f segment", "a%d.wav", NULL },
        { "-f rtsp", "a.wav", "does not write files" },
        { "-f null", "a.wav", "a name of format wav" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct recipe *recipe = media_recipe(cases[i].options);

        print_message("case: %s %s\n", cases[i].options, cases[i].name);
        assert_non_null(recipe);
        if (!cases[i].text) {
            assert_true(recipe_check(recipe, cases[i].name, &media_err));
        } else {
            assert_false(recipe_check(recipe, cases[i].name, &media_err));
            assert_int_equal(media_err.kind, ERROR_USAGE);
            if (!strstr(media_err.text, cases[i].text))
                fail_msg("said: %s", media_err.text);
        }
        recipe_free(recipe);
    }
}

static void test_recipe_encoder_options_go_where_they_are_known(void **state)
{
    struct recipe *recipe =
        media_recipe("-b:a 64k -b:v 1M -compression_level:a 7 -ab 96k -flags +bitexact -flags "
                     "+low_delay -crf 3");
    const AVCodec *flac = avcodec_find_encoder(AV_CODEC_ID_FLAC);
    AVDictionary *options;

    (void)state;
    assert_non_null(recipe);
    options = recipe_codec_options(&recipe->output, flac, &audio, true);
    assert_string_equal(av_dict_get(options, "b", NULL, 0)->value, "96k");
    assert_string_equal(av_dict_get(options, "compression_level", NULL, 0)->value, "7");
    assert_string_equal(av_dict_get(options, "flags", NULL, 0)->value, "+bitexact+low_delay");
    assert_null(av_dict_get(options, "crf", NULL, 0));
    av_dict_free(&options);
    recipe_free(recipe);
}

static void test_recipe_content_type_follows_the_container(void **state)
{
    struct recipe *recipe = media_recipe("");
    struct recipe *forced = media_recipe("-f flac");

    (void)state;
    assert_string_equal(recipe_content_type(recipe, "a.wav"), "audio/x-wav");
    assert_string_equal(recipe_content_type(recipe, "a-%03d.jpg"), "image/jpeg");
    assert_string_equal(recipe_content_type(recipe, "a.png"), "image/png");
    assert_null(recipe_content_type(recipe, "a.nope"));
    assert_string_equal(recipe_content_type(forced, "a.nope"), "audio/x-flac");
    recipe_free(recipe);
    recipe_free(forced);
}

static void test_stream_specifier_matches_streams(void **state)
{
    const struct stream_place second = add_stream(AVMEDIA_TYPE_AUDIO);

    static const struct {
        const char *specifier;
        bool valid, matches;
    } cases[] = {
        { "", true, true },
        { "a", true, true },
        { "v", true, false },
        { "a:1", true, true },
        { "a:0", true, false },
        { "2", true, true },
        { "1", true, false },
        { "s:1", true, false },
        { "x", false, false },
        { "a1", false, false },
        { "i:0x21", true, true },
        { "#33", true, true },
        { "i:5", true, false },
        { "m:language", true, true },
        { "m:language:eng", true, true },
        { "m:language:deu", true, false },
        { "a:m:language:eng", true, true },
        { "u", true, false },
    };

    (void)state;
    second.stream->id = 33;
    av_dict_set(&second.stream->metadata, "language", "eng", 0);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        print_message("case: %s\n", cases[i].specifier);
        assert_int_equal(stream_specifier_is_valid(cases[i].specifier), cases[i].valid);
        if (cases[i].valid)
            assert_int_equal(stream_specifier_matches(cases[i].specifier, &second),
                             cases[i].matches);
    }
}

static void test_recipe_parse_takes_options_of_the_input(void **state)
{
    static char words[][20] = {
        "-y", "-ss", "5", "-noaccurate_seek", "-f", "s16le", "-ar", "8000"
    };
    char *input[sizeof(words) / sizeof(words[0])];
    struct recipe *recipe;

    (void)state;
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        input[i] = words[i];
    recipe = recipe_parse(
        &(struct recipe_words){
            .global = input, .global_count = 3, .input = input + 3, .input_count = 5 },
        &media_err);
    assert_non_null(recipe);
    assert_int_equal(recipe->inputs[0].start_us, 5000000);
    assert_false(recipe->inputs[0].accurate_seek);
    assert_string_equal(recipe->inputs[0].format, "s16le");
    assert_int_equal(recipe->output.start_us, AV_NOPTS_VALUE);
    recipe_free(recipe);
}

static void test_recipe_parse_refuses_by_name_for_the_input(void **state)
{
    static char words[][2][16] = {
        { "-discard", "nonsense" },
        { "-discard:a", "nonsense" },
        { "-skip_frame", "nonsense" },
        { "-skip_frame:v", "nonsense" },
        { "-t", "-1" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        char *input[] = { words[i][0], words[i][1] };

        print_message("case: %s\n", words[i][0]);
        assert_null(
            recipe_parse(&(struct recipe_words){ .input = input, .input_count = 2 }, &media_err));
        assert_int_equal(media_err.kind, ERROR_USAGE);
        assert_memory_equal(media_err.text, words[i][0], strlen(words[i][0]));
    }
}

static void test_recipe_idle_words_are_those_of_options_that_change_nothing(void **state)
{
    static const struct {
        const char *words[3];
        size_t idle;
        size_t taken;
    } cases[] = {
        { { "-y" }, 1, 1 },
        { { "-nostdin", "-ac" }, 1, 1 },
        { { "-loglevel", "-y" }, 2, 2 },
        { { "-v" }, 1, 1 }, /* is refused for its missing value */
        { { "-ac", "-y" }, 0, 2 },
        { { "-ac:a", "1" }, 0, 2 },
        { { "-copyinkf:v", "-y" }, 0, 1 },
        { { "-q:a", "2" }, 0, 2 },
        { { "-compression_level", "-y" }, 0, 2 },
        { { "y" }, 0, 1 },
        { { "-" }, 0, 1 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        size_t count = 0;
        size_t taken;

        while (cases[i].words[count])
            count++;
        if (recipe_idle_words((char *const *)cases[i].words, count, &taken) != cases[i].idle ||
            taken != cases[i].taken)
            fail_msg("%s: %zu", cases[i].words[0], taken);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_recipe_parse_keeps_stream_settings),
        cmocka_unit_test(test_recipe_parse_takes_no_options),
        cmocka_unit_test(test_recipe_parse_reads_times),
        cmocka_unit_test(test_recipe_parse_refuses_by_name),
        cmocka_unit_test(test_recipe_check_finds_what_cannot_be_made),
        cmocka_unit_test(test_recipe_unused_lists_what_nothing_takes),
        cmocka_unit_test(test_recipe_encoder_options_go_where_they_are_known),
        cmocka_unit_test(test_recipe_content_type_follows_the_container),
        cmocka_unit_test(test_stream_specifier_matches_streams),
        cmocka_unit_test(test_recipe_parse_takes_options_of_the_input),
        cmocka_unit_test(test_recipe_parse_refuses_by_name_for_the_input),
        cmocka_unit_test(test_recipe_idle_words_are_those_of_options_that_change_nothing),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
