/* SPDX-License-Identifier: MIT */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "media/transcode.h"
#include "media_fixture.h"
#include "scratch.h"

static int set_up(void **state)
{
    int status = media_set_up(state);

    media_make_wav(8000, 1, 20000);
    return status;
}

/* The names of the set in their order, each with a blank behind it. */
static const char *names(void)
{
    static char text[4096];

    text[0] = '\0';
    for (unsigned i = 0; i < media_files.count; i++) {
        size_t used = strlen(text);

        snprintf(text + used, sizeof(text) - used, "%s ", media_files.members[i].name);
    }
    return text;
}

/* The bytes of a member as text, until the next call. */
static const char *text_of(const char *name)
{
    static char text[4096];
    struct spool spool;
    int index = file_set_find(&media_files, name);
    size_t got;

    assert_int_not_equal(index, FILE_SET_NONE);
    spool_init(&spool, media_files.pack.budget);
    assert_true(file_set_read(&media_files, (unsigned)index, &spool, &media_err));
    assert_true(spool_read(&spool, 0, text, sizeof(text) - 1, &got, &media_err));
    text[got] = '\0';
    spool_release(&spool);
    return text;
}

static void make(const char *options, const char *name)
{
    if (!media_transcode(options, "in/tone.wav", name))
        fail_msg("%s: %s", media_err.word, media_err.text);
    assert_int_equal(media_output.size, 0);
}

static void refuse(const char *options, const char *name, const char *why)
{
    struct recipe *recipe = media_recipe(options);

    assert_non_null(recipe);
    assert_false(recipe_check(recipe, name, &media_err));
    assert_int_equal(media_err.kind, ERROR_USAGE);
    if (!strstr(media_err.text, why))
        fail_msg("%s", media_err.text);
    recipe_free(recipe);
}

static void test_output_files_number_segments(void **state)
{
    (void)state;
    make("-f segment -segment_time 1", "out/a%03d.wav");
    assert_string_equal(names(), "a000.wav a001.wav a002.wav ");
    make("-f segment -segment_time 1 -segment_start_number 9", "a%d.flac");
    assert_string_equal(names(), "a9.flac a10.flac a11.flac ");
}

static void test_output_files_have_a_list_named_after_the_item(void **state)
{
    (void)state;
    make("-f segment -segment_time 1 -segment_list {stem}.m3u8", "out/a%03d.wav");
    assert_string_equal(names(), "a000.wav a001.wav tone.m3u8 a002.wav ");
    assert_non_null(strstr(text_of("tone.m3u8"), "\na001.wav\n"));
    assert_null(strstr(text_of("tone.m3u8"), "result.invalid"));
}

static void test_output_files_of_hls_end_with_the_playlist(void **state)
{
    (void)state;
    make("-c:a mp2 -hls_time 1 -hls_list_size 0", "out/a.m3u8");
    assert_string_equal(names(), "a0.ts a1.ts a2.ts a.m3u8 ");
    assert_non_null(strstr(text_of("a.m3u8"), "\na2.ts\n#EXT-X-ENDLIST"));
    make("-c:a aac -hls_time 1 -hls_segment_type fmp4 -hls_fmp4_init_filename {stem}.mp4 "
         "-hls_segment_filename {stem}/%d.m4s -hls_flags temp_file",
         "a.m3u8");
    assert_string_equal(names(), "tone.mp4 tone/0.m4s tone/1.m4s tone/2.m4s a.m3u8 ");
    assert_non_null(strstr(text_of("a.m3u8"), "\"tone.mp4\""));
}

static void test_output_files_that_the_muxer_deletes_are_gone(void **state)
{
    (void)state;
    make("-c:a mp2 -hls_time 0.4 -hls_list_size 2 -hls_flags delete_segments", "a.m3u8");
    assert_int_equal(file_set_find(&media_files, "a0.ts"), FILE_SET_NONE);
    assert_int_not_equal(file_set_find(&media_files, "a5.ts"), FILE_SET_NONE);
    make("-c:a aac -seg_duration 0.4 -window_size 1 -extra_window_size 0", "a.mpd");
    assert_int_equal(file_set_find(&media_files, "chunk-stream0-00001.m4s"), FILE_SET_NONE);
}

static void test_output_files_are_encrypted_with_the_key_of_the_operator(void **state)
{
    char key[256];
    char options[1024];
    FILE *file;

    scratch_make(state);
    snprintf(key, sizeof(key), "%s/key", scratch_path());
    file = fopen(key, "w");
    assert_true(file && fputs("0123456789abcdef", file) >= 0 && fclose(file) == 0);
    snprintf(options, sizeof(options), "%s/info", scratch_path());
    file = fopen(options, "w");
    assert_true(file && fprintf(file, "https://keys/1\n%s\n", key) > 0 && fclose(file) == 0);
    snprintf(options, sizeof(options), "-c:a mp2 -hls_time 9 -hls_key_info_file %s/info",
             scratch_path());
    make(options, "a.m3u8");
    assert_string_equal(names(), "a0.ts a.m3u8 ");
    assert_non_null(strstr(text_of("a.m3u8"), "METHOD=AES-128,URI=\"https://keys/1\""));
    assert_int_equal(media_files.members[0].size % 16, 0);
    assert_int_not_equal(text_of("a0.ts")[0], 'G');
    scratch_remove(state);
}

static void test_output_files_stay_below_the_folder_of_the_result(void **state)
{
    (void)state;
    refuse("-f segment -segment_list ../a.txt", "a%d.wav", "\"..\"");
    refuse("-f segment -segment_list /tmp/a.txt", "a%d.wav", "below its folder");
    refuse("-hls_segment_filename http://host/%d.ts", "a.m3u8", "below its folder");
    refuse("-hls_segment_filename {stem}/../../%d.ts", "a.m3u8", "\"..\"");
    refuse("-hls_flags append_list", "a.m3u8", "made anew");
    refuse("-single_file 1 -f dash", "a.mpd", "by itself");
    refuse("-hls_enc 1", "a.m3u8", "-hls_key_info_file");
    refuse("-strftime_mkdir 1", "a.m3u8", "folders");
    refuse("-f tee", "a.wav", "several results");
    refuse("-f hds", "a.f4m", "folders");
    refuse("-f rtp", "a.rtp", "does not write files");
}

static void test_output_files_of_names_that_the_muxer_writes_itself_may_not_escape(void **state)
{
    (void)state;
    assert_false(media_transcode("-c:a aac -f dash -init_seg_name ../i.$ext$", "a.wav", "a.mpd"));
    assert_string_equal(media_err.word, "Media.BadFileName");
    assert_false(media_transcode("-c:a mp2 -master_pl_name a/../../m.m3u8", "a.wav", "b.m3u8"));
    assert_int_equal(file_set_find(&media_files, "m.m3u8"), FILE_SET_NONE);
}

static void check_limit(const char *options, const char *name, struct transcode_limits limits,
                        const char *word)
{
    struct recipe *recipe = media_recipe(options);
    struct writer output = writer_of_spool(&media_output);
    struct transcode_request request = {
        .recipe = recipe,
        .inputs = &(struct transcode_input){ "a.wav", reader_of_spool(&media_input) },
        .output_name = name,
        .output = &output,
        .files = &media_files,
        .limits = limits,
    };

    media_report_release(&media_seen);
    assert_false(transcode(&request, &media_seen, &media_err));
    assert_string_equal(media_err.word, word);
    recipe_free(recipe);
}

static void test_output_files_together_have_a_size_limit(void **state)
{
    const struct transcode_limits limits = { .output_bytes = 30000 };

    (void)state;
    check_limit("-f segment -segment_time 1", "a%d.wav", limits, "Media.ResultTooLarge");
    assert_non_null(strstr(media_err.text, "limit of 30000 bytes"));
}

/* A check for leaks sees whether HLS frees the segment that it was at. */
static void test_output_files_end_with_a_failure_in_the_middle(void **state)
{
    const struct transcode_limits limits = { .duration_ratio = 2 };

    (void)state;
    check_limit("-af apad -c:a mp2 -ar 48000 -hls_time 20", "a.m3u8", limits,
                "Media.ResultTooLong");
}

static void test_output_files_name_the_one_that_is_written_last(void **state)
{
    static const struct {
        const char *options;
        const char *name;
        const char *last;
    } rows[] = {
        { "", "x/a.m3u8", "a.m3u8" },
        { "", "x/a%v.m3u8", NULL },
        { "", "x/a-%03d.jpg", "a-001.jpg" },
        { "-start_number 7", "a-%03d.jpg", "a-007.jpg" },
        { "-strftime 1", "a-%Y.jpg", NULL },
        { "-f segment", "x/a%%b-%03d.wav", "a%b-000.wav" },
        { "-f segment -segment_start_number 3", "a%d.wav", "a3.wav" },
        { "-f segment -segment_list {stem}.txt", "a%d.wav", "tone.txt" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct recipe *recipe = media_recipe(rows[i].options);
        char *last = recipe_last_file(recipe, rows[i].name, "in/tone.wav");

        assert_int_equal(!!last, !!rows[i].last);
        if (last)
            assert_string_equal(last, rows[i].last);
        free(last);
        recipe_free(recipe);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_output_files_number_segments, set_up, media_tear_down),
        cmocka_unit_test_setup_teardown(test_output_files_have_a_list_named_after_the_item, set_up,
                                        media_tear_down),
        cmocka_unit_test_setup_teardown(test_output_files_of_hls_end_with_the_playlist, set_up,
                                        media_tear_down),
        cmocka_unit_test_setup_teardown(test_output_files_that_the_muxer_deletes_are_gone, set_up,
                                        media_tear_down),
        cmocka_unit_test_setup_teardown(
            test_output_files_are_encrypted_with_the_key_of_the_operator, set_up, media_tear_down),
        cmocka_unit_test_setup_teardown(test_output_files_stay_below_the_folder_of_the_result,
                                        set_up, media_tear_down),
        cmocka_unit_test_setup_teardown(
            test_output_files_of_names_that_the_muxer_writes_itself_may_not_escape, set_up,
            media_tear_down),
        cmocka_unit_test_setup_teardown(test_output_files_together_have_a_size_limit, set_up,
                                        media_tear_down),
        cmocka_unit_test_setup_teardown(test_output_files_end_with_a_failure_in_the_middle, set_up,
                                        media_tear_down),
        cmocka_unit_test_setup_teardown(test_output_files_name_the_one_that_is_written_last, set_up,
                                        media_tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
