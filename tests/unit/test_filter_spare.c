/* SPDX-License-Identifier: MIT */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "base/writer.h"
#include "media/conversion.h"
#include "media/filter_spare.h"
#include "media_fixture.h"

static struct filter_spare spare;
static struct recipe *recipe;
static unsigned threads;

static int set_up(void **state)
{
    spare = (struct filter_spare){ 0 };
    recipe = NULL;
    threads = 1;
    return media_set_up(state);
}

static int tear_down(void **state)
{
    filter_spare_release(&spare);
    recipe_free(recipe);
    return media_tear_down(state);
}

/* The bytes of the result, for free(). kept: the spare or NULL. */
static char *transcode_wav(unsigned rate, unsigned channels, unsigned samples,
                           struct filter_spare *kept, size_t *size)
{
    const struct transcode_limits limits = TRANSCODE_LIMITS_USUAL;
    struct writer writer = writer_of_spool(&media_output);
    struct transcode_input in;
    struct media_report report = { 0 };
    char *bytes;

    media_make_wav(rate, channels, samples);
    spool_clear(&media_output);
    in = (struct transcode_input){ "a.wav", reader_of_spool(&media_input) };
    assert_true(transcode(&(struct transcode_request){ .recipe = recipe,
                                                       .inputs = &in,
                                                       .output_name = "a.wav",
                                                       .output = &writer,
                                                       .limits = limits,
                                                       .spare = kept,
                                                       .threads = threads },
                          &report, &media_err));
    media_report_release(&report);
    *size = (size_t)media_output.size;
    bytes = memory_copy_bytes(spool_bytes(&media_output), *size);
    return bytes;
}

/* What comes out with the spare is what comes out without it. */
static void assert_same(unsigned rate, unsigned channels, unsigned samples)
{
    size_t size;
    size_t size_alone;
    char *bytes = transcode_wav(rate, channels, samples, &spare, &size);
    char *alone = transcode_wav(rate, channels, samples, NULL, &size_alone);

    assert_int_equal(size, size_alone);
    assert_memory_equal(bytes, alone, size);
    free(alone);
    free(bytes);
}

static void test_filter_spare_serves_items_that_are_alike(void **state)
{
    const AVFilterGraph *first;

    (void)state;
    recipe = media_recipe("-ac 1 -ar 48000");
    assert_same(44100, 2, 50000);
    first = spare.graph;
    assert_non_null(first);
    assert_same(44100, 2, 700);
    assert_ptr_equal(spare.graph, first);
    assert_same(44100, 2, 123456);
    assert_ptr_equal(spare.graph, first);
}

static void test_filter_spare_makes_another_for_what_differs(void **state)
{
    (void)state;
    recipe = media_recipe("-ac 1 -ar 48000");
    assert_same(44100, 2, 5000);
    assert_int_equal(spare.shape.sample_rate, 44100);
    assert_same(22050, 2, 5000);
    assert_int_equal(spare.shape.sample_rate, 22050);
    assert_same(22050, 1, 5000);
    assert_int_equal(spare.shape.layout.nb_channels, 1);
    assert_same(22050, 2, 5000);
    assert_non_null(spare.graph);
}

static void test_filter_spare_keeps_graphs_without_a_conversion(void **state)
{
    const AVFilterGraph *first;

    (void)state;
    recipe = media_recipe("");
    assert_same(48000, 2, 5000);
    first = spare.graph;
    assert_non_null(first);
    assert_same(48000, 2, 6000);
    assert_ptr_equal(spare.graph, first);
}

static void test_filter_spare_keeps_no_graph_that_does_more(void **state)
{
    static const char *const options[] = { "-af volume=0.5",   "-af atempo=1.25",       "-t 0.05",
                                           "-async 1",         "-af aresample=async=1", "-vol 128",
                                           "-filter_threads 3" };

    (void)state;
    for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
        recipe = media_recipe(options[i]);
        assert_same(44100, 2, 5000);
        assert_null(spare.graph);
        assert_same(44100, 2, 6000);
        filter_spare_release(&spare);
        recipe_free(recipe);
    }
    recipe = NULL;
}

static void test_filter_spare_keeps_no_large_coefficients(void **state)
{
    (void)state;
    recipe = media_recipe("-ac 1 -ar 48000");
    assert_same(44101, 2, 5000);
    assert_null(spare.graph);
    assert_same(44100, 2, 5000);
    assert_non_null(spare.graph);
}

/* The time is where a conversion goes on, if a frame says no time that it could count with. */
static void test_filter_spare_forgets_where_the_last_item_ended(void **state)
{
    struct conversion conversion;
    struct input input;
    struct filter filter;
    const AVIOInterruptCB no_interrupt = { NULL, NULL };
    const struct filter_means means = { .threads = 1, .spare = &spare };

    (void)state;
    recipe = media_recipe("-ac 1 -ar 48000");
    assert_same(44100, 2, 50000);
    assert_true(input_open(&input,
                           &(struct input_request){ .recipe = recipe,
                                                    .reader = reader_of_spool(&media_input),
                                                    .name = "a.wav",
                                                    .interrupt = &no_interrupt },
                           &media_err));
    filter_init_simple(&filter, &input.streams[0], NULL, means);
    filter.inputs[0].shape = spare.shape;
    filter.outputs[0].target = spare.target;
    assert_true(filter_spare_take(&filter));
    assert_true(conversion_find(filter.graph, &conversion));
    assert_int_equal(swr_next_pts(conversion.swr, INT64_MIN), 0);
    filter_release(&filter);
    input_release(&input);
}

/* A graph with threads has them for as long as it lasts. */
static void test_filter_spare_keeps_no_graph_with_threads(void **state)
{
    (void)state;
    recipe = media_recipe("-ac 1 -ar 48000");
    threads = 2;
    assert_same(44100, 2, 5000);
    assert_null(spare.graph);
}

static void test_filter_spare_is_left_alone_by_what_cannot_use_it(void **state)
{
    const AVFilterGraph *first;

    (void)state;
    recipe = media_recipe("-ac 1 -ar 48000");
    assert_same(44100, 2, 5000);
    first = spare.graph;
    threads = 2;
    assert_same(44100, 2, 5000);
    threads = 1;
    assert_same(44100, 2, 5000);
    assert_ptr_equal(spare.graph, first);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_filter_spare_serves_items_that_are_alike, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_filter_spare_makes_another_for_what_differs, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_filter_spare_keeps_graphs_without_a_conversion, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_filter_spare_keeps_no_graph_that_does_more, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_filter_spare_keeps_no_large_coefficients, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_filter_spare_forgets_where_the_last_item_ended, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_filter_spare_keeps_no_graph_with_threads, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_filter_spare_is_left_alone_by_what_cannot_use_it,
                                        set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
