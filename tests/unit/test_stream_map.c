/* SPDX-License-Identifier: MIT */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "media/stream_map.h"
#include "media_fixture.h"

static const AVIOInterruptCB no_interrupt = { NULL, NULL };
static const bool no_graphs[AVMEDIA_TYPE_NB];

/* In media_input: pictures as stream 0, a mono sound as 1 and a stereo one as 2. */
static int set_up(void **state)
{
    media_set_up(state);
    media_make_wav(48000, 2, 4800);
    if (!media_transcode(
            "-filter_complex color=s=16x16:d=0.1[v];[0:a]asplit[a][b];[a]pan=mono|c0=c0[m]"
            " -map [v] -map [m] -map [b] -c:v mpeg4 -c:a pcm_s16le"
            " -metadata:s:1 language=deu -metadata:s:2 language=eng",
            "a.wav", "b.mkv"))
        return -1;
    media_swap();
    return 0;
}

/* The streams' numbers, "-" before those that are disabled; NULL: refused. */
static const char *mapped(const char *options, const char *name, const bool *graph_makes)
{
    static char text[100];

    struct recipe *recipe = media_recipe(options);
    struct writer writer = writer_of_spool(&media_output);
    struct input input;
    const struct input_set inputs = { &input, 1 };
    struct output output;
    struct stream_map map;
    struct buffer list;
    bool ok;

    assert_true(input_open(&input,
                           &(struct input_request){ .recipe = recipe,
                                                    .reader = reader_of_spool(&media_input),
                                                    .name = "b.mkv",
                                                    .interrupt = &no_interrupt },
                           &media_err));
    assert_true(output_open(
        &output,
        &(struct output_request){
            .recipe = recipe, .name = name, .writer = &writer, .interrupt = &no_interrupt },
        &media_err));
    ok = stream_map_make(&map, &inputs, &output, graph_makes, &media_err);
    buffer_init(&list, sizeof(text) - 1);
    for (unsigned i = 0; i < map.count; i++) {
        const struct stream_map_entry *entry = &map.entries[i];

        if (entry->label)
            buffer_append_format(&list, "%s ", entry->label);
        else
            buffer_append_format(&list, "%s%d ", entry->disabled ? "-" : "",
                                 entry->stream->stream->index);
    }
    memcpy(text, list.bytes, list.size + 1);
    buffer_release(&list);
    stream_map_release(&map);
    output_release(&output);
    input_release(&input);
    recipe_free(recipe);
    return ok ? text : NULL;
}

static void test_stream_map_chooses_the_best_of_each_type(void **state)
{
    (void)state;
    assert_string_equal(mapped("", "a.mkv", no_graphs), "0 1 ");
    assert_string_equal(mapped("", "a.wav", no_graphs), "1 ");
    assert_string_equal(mapped("-an", "a.mkv", no_graphs), "0 ");
    assert_string_equal(mapped("-vn -sn", "a.mkv", no_graphs), "1 ");
}

static void test_stream_map_leaves_out_types_that_graphs_make(void **state)
{
    const bool graph_makes[AVMEDIA_TYPE_NB] = { [AVMEDIA_TYPE_AUDIO] = true };

    (void)state;
    assert_string_equal(mapped("", "a.mkv", graph_makes), "0 ");
    assert_string_equal(mapped("-map 0", "a.mkv", graph_makes), "0 -1 -2 ");
}

static void test_stream_map_takes_what_it_is_told_in_that_order(void **state)
{
    (void)state;
    assert_string_equal(mapped("-map 0:a -map 0:v", "a.mkv", no_graphs), "1 2 0 ");
    assert_string_equal(mapped("-map 0:2 -map 0:2", "a.mkv", no_graphs), "2 2 ");
    assert_string_equal(mapped("-map 0:a:1 -map 0:m:language:deu", "a.mkv", no_graphs), "2 1 ");
    assert_string_equal(mapped("-map [x] -map 0:v", "a.mkv", no_graphs), "[x] 0 ");
    /* ffmpeg passes over the dash. */
    assert_string_equal(mapped("-map -[x] -map 0:v", "a.mkv", no_graphs), "[x] 0 ");
}

static void test_stream_map_takes_away_again(void **state)
{
    (void)state;
    assert_string_equal(mapped("-map 0 -map -0:a:0", "a.mkv", no_graphs), "0 -1 2 ");
    assert_string_equal(mapped("-map 0 -vn", "a.mkv", no_graphs), "-0 1 2 ");
}

static void test_stream_map_refuses_what_matches_nothing(void **state)
{
    (void)state;
    assert_null(mapped("-map 0:s", "a.mkv", no_graphs));
    assert_string_equal(media_err.word, "Media.NoStream");
    assert_non_null(strstr(media_err.text, "'0:s'"));
    assert_null(mapped("-map 0:7", "a.mkv", no_graphs));
    assert_string_equal(mapped("-map 0:s? -map 0:v", "a.mkv", no_graphs), "0 ");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, media_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_stream_map_chooses_the_best_of_each_type),
        TEST(test_stream_map_leaves_out_types_that_graphs_make),
        TEST(test_stream_map_takes_what_it_is_told_in_that_order),
        TEST(test_stream_map_takes_away_again),
        TEST(test_stream_map_refuses_what_matches_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
