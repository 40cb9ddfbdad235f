/* SPDX-License-Identifier: MIT */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <libavutil/frame.h>

#include "media/key_frames.h"
#include "media/libav.h"

static const AVRational base = { 1, 10 };

static AVFormatContext *result;
static AVFrame *picture;
static struct key_frames keys;
static struct error err;

static int set_up(void **state)
{
    (void)state;
    libav_init();
    result = avformat_alloc_context();
    picture = av_frame_alloc();
    return result && picture ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    key_frames_release(&keys);
    av_frame_free(&picture);
    avformat_free_context(result);
    return 0;
}

static void add_chapter(int64_t start_s)
{
    AVChapter *chapter = av_mallocz(sizeof(*chapter));

    assert_non_null(chapter);
    chapter->start = start_s;
    chapter->time_base = (AVRational){ 1, 1 };
    av_dynarray_add(&result->chapters, (int *)&result->nb_chapters, chapter);
}

/* Whether each of 20 pictures, a tenth of a second apart from first on, is forced, as digits. */
static const char *forced(const char *text, int64_t first)
{
    static char digits[21];

    assert_true(key_frames_init(&keys, text, result, base, &err));
    for (int i = 0; i < 20; i++) {
        picture->pts = first + i;
        digits[i] = key_frames_forces(&keys, picture, base, false) ? '1' : '0';
    }
    key_frames_release(&keys);
    return digits;
}

static void test_key_frames_force_nothing_without_a_wish(void **state)
{
    (void)state;
    assert_string_equal(forced(NULL, 0), "00000000000000000000");
}

static void test_key_frames_are_forced_at_times_in_any_order(void **state)
{
    (void)state;
    assert_string_equal(forced("1.5,0.3,00:00:00.31", 0), "00011000000000010000");
    assert_string_equal(forced("0.3", 8), "10000000000000000000");
}

static void test_key_frames_are_forced_at_chapters(void **state)
{
    (void)state;
    add_chapter(0);
    add_chapter(1);
    assert_string_equal(forced("chapters", 0), "10000000001000000000");
    assert_string_equal(forced("chapters+0.2,1.8", 0), "00100000000010000010");
}

static void test_key_frames_are_forced_by_a_condition(void **state)
{
    (void)state;
    assert_string_equal(forced("expr:gte(t,n_forced*0.5)", 0), "10000100001000010000");
    assert_string_equal(forced("expr:gte(t,n_forced*0.5)", 7), "10000100001000010000");
    assert_string_equal(forced("expr:not(mod(n,4))", 0), "10001000100010001000");
    assert_string_equal(forced("expr:isnan(prev_forced_n)+eq(n,prev_forced_n+3)", 0),
                        "10010010010010010010");
}

static void mark_key(bool is_key)
{
#ifdef AV_FRAME_FLAG_KEY
    picture->flags = is_key ? AV_FRAME_FLAG_KEY : 0;
#else
    picture->key_frame = is_key;
#endif
}

static void test_key_frames_follow_the_source(void **state)
{
    (void)state;
    assert_true(key_frames_init(&keys, "source", result, base, &err));
    mark_key(false);
    assert_false(key_frames_forces(&keys, picture, base, false));
    mark_key(true);
    assert_true(key_frames_forces(&keys, picture, base, false));
    assert_false(key_frames_forces(&keys, picture, base, true));
}

static void test_key_frames_make_up_for_a_dropped_one(void **state)
{
    (void)state;
    mark_key(false);
    assert_true(key_frames_init(&keys, "source_no_drop", result, base, &err));
    keys.dropped = true;
    assert_true(key_frames_forces(&keys, picture, base, false));
    assert_false(key_frames_forces(&keys, picture, base, false));
    key_frames_release(&keys);
    assert_true(key_frames_init(&keys, "source", result, base, &err));
    keys.dropped = true;
    assert_false(key_frames_forces(&keys, picture, base, false));
}

static void test_key_frames_init_refuses_what_it_cannot_read(void **state)
{
    static const char *const wrong[] = { "soon", "1,,2", "expr:gte(", "chapters+x", "expr:nosuch" };

    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        print_message("case: %s\n", wrong[i]);
        assert_false(key_frames_init(&keys, wrong[i], result, base, &err));
        assert_string_equal(err.word, "Media.EncoderFailed");
        key_frames_release(&keys);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_key_frames_force_nothing_without_a_wish),
        TEST(test_key_frames_are_forced_at_times_in_any_order),
        TEST(test_key_frames_are_forced_at_chapters),
        TEST(test_key_frames_are_forced_by_a_condition),
        TEST(test_key_frames_follow_the_source),
        TEST(test_key_frames_make_up_for_a_dropped_one),
        TEST(test_key_frames_init_refuses_what_it_cannot_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
