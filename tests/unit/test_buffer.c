/* SPDX-License-Identifier: MIT */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buffer.h"

static int make_buffer(void **state)
{
    static struct buffer buffer;

    buffer_init(&buffer, 10);
    *state = &buffer;
    return 0;
}

static int release_buffer(void **state)
{
    buffer_release(*state);
    return 0;
}

static void test_buffer_init_leaves_empty_text(void **state)
{
    struct buffer *buffer = *state;

    assert_string_equal(buffer->bytes, "");
    assert_int_equal(buffer->size, 0);
    assert_false(buffer->overflowed);
}

static void test_buffer_append_keeps_zero_bytes_and_ends_in_one(void **state)
{
    struct buffer *buffer = *state;

    assert_true(buffer_append(buffer, "a\0b", 3));
    assert_true(buffer_append(buffer, "cd", 2));
    assert_int_equal(buffer->size, 5);
    assert_memory_equal(buffer->bytes, "a\0bcd", 6);
}

static void test_buffer_append_accepts_nothing_at_all(void **state)
{
    struct buffer *buffer = *state;

    assert_true(buffer_append(buffer, NULL, 0));
    assert_string_equal(buffer->bytes, "");
    assert_int_equal(buffer->size, 0);
}

static void test_buffer_append_fills_up_to_the_limit_exactly(void **state)
{
    struct buffer *buffer = *state;

    assert_true(buffer_append_text(buffer, "0123456789"));
    assert_true(buffer_append(buffer, "", 0));
    assert_false(buffer->overflowed);
    assert_string_equal(buffer->bytes, "0123456789");
}

static void test_buffer_append_changes_nothing_when_the_limit_would_be_passed(void **state)
{
    struct buffer *buffer = *state;

    assert_true(buffer_append_text(buffer, "01234567"));
    assert_false(buffer_append_text(buffer, "89a"));
    assert_true(buffer->overflowed);
    assert_string_equal(buffer->bytes, "01234567");
    assert_int_equal(buffer->size, 8);
}

static void test_buffer_append_refuses_the_largest_size_there_is(void **state)
{
    struct buffer *buffer = *state;

    assert_true(buffer_append_text(buffer, "0"));
    assert_false(buffer_append(buffer, "", SIZE_MAX));
    assert_string_equal(buffer->bytes, "0");
}

/* A text that misses a piece in its middle is worse than a short one. */
static void test_buffer_append_takes_nothing_more_after_an_overflow(void **state)
{
    struct buffer *buffer = *state;

    assert_false(buffer_append_text(buffer, "0123456789a"));
    assert_false(buffer_append_text(buffer, "b"));
    assert_false(buffer_append_format(buffer, "%d", 1));
    assert_string_equal(buffer->bytes, "");
}

static void test_buffer_append_grows_far_beyond_its_first_memory(void **state)
{
    struct buffer buffer;

    (void)state;
    buffer_init(&buffer, SIZE_MAX);
    for (unsigned i = 0; i < 10000; i++)
        assert_true(buffer_append_format(&buffer, "%04x", i));
    assert_int_equal(buffer.size, 40000);
    assert_int_equal(strlen(buffer.bytes), 40000);
    assert_memory_equal(buffer.bytes, "00000001", 8);
    assert_string_equal(buffer.bytes + 39996, "270f");
    buffer_release(&buffer);
}

static void test_buffer_append_format_obeys_the_limit(void **state)
{
    struct buffer *buffer = *state;

    assert_true(buffer_append_format(buffer, "%s-%d", "part", 7));
    assert_string_equal(buffer->bytes, "part-7");
    assert_false(buffer_append_format(buffer, "%05d", 1));
    assert_string_equal(buffer->bytes, "part-7");
}

static void test_buffer_clear_makes_it_usable_again(void **state)
{
    struct buffer *buffer = *state;

    assert_true(buffer_append_text(buffer, "012345678"));
    assert_false(buffer_append_text(buffer, "9a"));
    buffer_clear(buffer);
    assert_string_equal(buffer->bytes, "");
    assert_int_equal(buffer->size, 0);
    assert_true(buffer_append_text(buffer, "abcdefghij"));
    assert_string_equal(buffer->bytes, "abcdefghij");
}

static void test_buffer_clear_accepts_one_that_was_never_filled(void **state)
{
    struct buffer *buffer = *state;

    buffer_clear(buffer);
    assert_string_equal(buffer->bytes, "");
}

static void test_buffer_take_gives_the_bytes_and_keeps_the_limit(void **state)
{
    struct buffer *buffer = *state;
    char *bytes;

    assert_true(buffer_append_text(buffer, "0123456789"));
    bytes = buffer_take(buffer);
    assert_string_equal(bytes, "0123456789");
    free(bytes);
    assert_string_equal(buffer->bytes, "");
    assert_int_equal(buffer->size, 0);
    assert_true(buffer_append_text(buffer, "0123456789"));
    assert_false(buffer_append_text(buffer, "a"));
}

static void test_buffer_take_gives_an_empty_text_when_nothing_was_appended(void **state)
{
    struct buffer *buffer = *state;
    char *bytes = buffer_take(buffer);

    assert_string_equal(bytes, "");
    free(bytes);
}

static void test_buffer_release_accepts_a_zeroed_and_a_released_one(void **state)
{
    struct buffer buffer = { 0 };

    (void)state;
    buffer_release(&buffer);
    buffer_init(&buffer, 100);
    assert_true(buffer_append_text(&buffer, "x"));
    buffer_release(&buffer);
    buffer_release(&buffer);
    assert_string_equal(buffer.bytes, "");
}

#define WITH_BUFFER(test) cmocka_unit_test_setup_teardown(test, make_buffer, release_buffer)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_BUFFER(test_buffer_init_leaves_empty_text),
        WITH_BUFFER(test_buffer_append_keeps_zero_bytes_and_ends_in_one),
        WITH_BUFFER(test_buffer_append_accepts_nothing_at_all),
        WITH_BUFFER(test_buffer_append_fills_up_to_the_limit_exactly),
        WITH_BUFFER(test_buffer_append_changes_nothing_when_the_limit_would_be_passed),
        WITH_BUFFER(test_buffer_append_refuses_the_largest_size_there_is),
        WITH_BUFFER(test_buffer_append_takes_nothing_more_after_an_overflow),
        cmocka_unit_test(test_buffer_append_grows_far_beyond_its_first_memory),
        WITH_BUFFER(test_buffer_append_format_obeys_the_limit),
        WITH_BUFFER(test_buffer_clear_makes_it_usable_again),
        WITH_BUFFER(test_buffer_clear_accepts_one_that_was_never_filled),
        WITH_BUFFER(test_buffer_take_gives_the_bytes_and_keeps_the_limit),
        WITH_BUFFER(test_buffer_take_gives_an_empty_text_when_nothing_was_appended),
        cmocka_unit_test(test_buffer_release_accepts_a_zeroed_and_a_released_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
