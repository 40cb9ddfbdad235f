/* SPDX-License-Identifier: MIT */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/shell_words.h"
#include "media/transcode.h"
#include "media_fixture.h"

/* The first input; the second one is media_input. */
static struct budget budget;
static struct spool first;

static int set_up(void **state)
{
    struct spool spool;

    media_set_up(state);
    budget_init(&budget, UINT64_C(16) * 1024 * 1024);
    spool_init(&first, &budget);
    media_make_wav(48000, 1, 4800);
    spool = first;
    first = media_input;
    media_input = spool;
    media_make_wav(48000, 2, 9600);
    return 0;
}

static int tear_down(void **state)
{
    spool_release(&first);
    return media_tear_down(state);
}

/* line is ffmpeg's, with the names of both inputs in it but not that of the result. */
static struct recipe *parse_line(const char *line)
{
    struct shell_words words = { 0 };
    struct recipe_words split = { .several_inputs = true };
    struct recipe *recipe;

    assert_true(shell_words_split(line, &words, &media_err));
    split.input = words.words;
    for (size_t i = 0; i + 1 < words.count; i++) {
        if (strcmp(words.words[i], "-i") == 0)
            split.input_count = i + 2;
    }
    split.output = words.words + split.input_count;
    split.output_count = words.count - split.input_count;
    recipe = recipe_parse(&split, &media_err);
    shell_words_release(&words);
    return recipe;
}

static bool transcode_both(const char *line, const char *output_name)
{
    const struct transcode_input inputs[] = { { "0.wav", reader_of_spool(&first) },
                                              { "1.wav", reader_of_spool(&media_input) } };
    struct recipe *recipe = parse_line(line);
    struct writer output = writer_of_spool(&media_output);
    struct transcode_request request = {
        .recipe = recipe, .inputs = inputs, .output_name = output_name, .output = &output
    };
    bool ok;

    if (!recipe)
        fail_msg("said: %s", media_err.text);
    assert_int_equal(recipe_input_count(recipe), 2);
    media_report_release(&media_seen);
    spool_clear(&media_output);
    ok = transcode(&request, &media_seen, &media_err);
    recipe_free(recipe);
    return ok;
}

static void test_pipeline_takes_the_best_stream_of_all_inputs(void **state)
{
    size_t count;
    int16_t *samples;

    (void)state;
    assert_true(transcode_both("-i 0.wav -i 1.wav", "b.wav"));
    samples = media_wav_samples(&count);
    assert_int_equal(count, 9600 * 2);
    assert_memory_equal(samples, spool_bytes(&media_input) + 44, count * 2);
    free(samples);
}

static void test_pipeline_maps_streams_of_any_input(void **state)
{
    size_t count;
    int16_t *samples;

    (void)state;
    assert_true(transcode_both("-i 0.wav -i 1.wav -map 0:a", "b.wav"));
    samples = media_wav_samples(&count);
    assert_int_equal(count, 4800);
    assert_memory_equal(samples, spool_bytes(&first) + 44, count * 2);
    free(samples);
    assert_true(transcode_both("-i 0.wav -i 1.wav -map 1 -map 0 -map -1:a -map 1:0", "b.mka"));
    assert_int_equal(media_seen.output.stream_count, 2);
    assert_int_equal(media_seen.output.streams[0].channels, 1);
    assert_int_equal(media_seen.output.streams[1].channels, 2);
}

static void test_pipeline_filters_across_inputs(void **state)
{
    (void)state;
    assert_true(transcode_both("-i 0.wav -i 1.wav -filter_complex [0:a][1:a]amix", "b.wav"));
    assert_int_equal(media_seen.output.streams[0].samples, 9600);
    assert_true(transcode_both("-i 0.wav -i 1.wav -filter_complex "
                               "[0:a]aformat=channel_layouts=stereo[a];[a][1:a]concat=v=0:a=1",
                               "b.wav"));
    assert_int_equal(media_seen.output.streams[0].samples, 4800 + 9600);
    assert_true(transcode_both("-i 0.wav -i 1.wav -filter_complex amerge", "b.wav"));
    assert_int_equal(media_seen.output.streams[0].channels, 3);
    assert_int_equal(media_seen.output.streams[0].samples, 4800);
}

static void test_pipeline_gives_options_to_the_input_they_stand_before(void **state)
{
    static const struct {
        const char *line;
        int64_t samples[2];
    } cases[] = {
        { "-t 0.05 -i 0.wav -i 1.wav -map 0 -map 1", { 2400, 9600 } },
        { "-i 0.wav -ss 0.1 -i 1.wav -map 0 -map 1", { 4800, 4800 } },
        { "-i 0.wav -i 1.wav -map 0 -map 1 -t 0.05", { 2400, 2400 } },
        { "-stream_loop 2 -i 0.wav -i 1.wav -map 0 -map 1", { UINT64_C(3) * 4800, 9600 } },
        { "-stream_loop -1 -i 0.wav -i 1.wav -map 0 -map 1 -t 0.5", { 24000, 9600 } },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        print_message("case: %s\n", cases[i].line);
        assert_true(transcode_both(cases[i].line, "b.mka"));
        assert_int_equal(media_seen.output.streams[0].samples, cases[i].samples[0]);
        assert_int_equal(media_seen.output.streams[1].samples, cases[i].samples[1]);
    }
}

static void test_pipeline_shortest_ends_with_the_shorter_input(void **state)
{
    (void)state;
    assert_true(transcode_both("-i 0.wav -i 1.wav -map 0 -map 1 -c copy -shortest", "b.mka"));
    assert_true(media_seen.output.duration_us < 150000);
}

static void test_pipeline_says_which_input_is_broken(void **state)
{
    (void)state;
    media_make_bytes("nothing", 7);
    assert_false(transcode_both("-i 0.wav -i 1.wav", "b.wav"));
    assert_int_equal(media_err.kind, ERROR_MEDIA);
    assert_int_equal(strncmp(media_err.text, "input 1: ", 9), 0);
}

static void test_pipeline_refuses_inputs_that_are_not_there(void **state)
{
    static const char *const lines[] = {
        "-i 0.wav -i 1.wav -map 2:a",        "-i 0.wav -i 1.wav -map_metadata 2",
        "-i 0.wav -i 1.wav -map_chapters 2", "-i 0.wav -map 1",
        "-i 0.wav -i 1.wav -ss 1 -i",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        print_message("case: %s\n", lines[i]);
        assert_null(parse_line(lines[i]));
        assert_int_equal(media_err.kind, ERROR_USAGE);
    }
    assert_false(transcode_both("-i 0.wav -i 1.wav -filter_complex [0:a][2:a]amix", "b.wav"));
    assert_string_equal(media_err.word, "Media.NoStream");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_pipeline_takes_the_best_stream_of_all_inputs, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_pipeline_maps_streams_of_any_input, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_pipeline_filters_across_inputs, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_pipeline_gives_options_to_the_input_they_stand_before,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_pipeline_shortest_ends_with_the_shorter_input, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_pipeline_says_which_input_is_broken, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_pipeline_refuses_inputs_that_are_not_there, set_up,
                                        tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
