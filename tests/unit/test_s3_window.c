/* SPDX-License-Identifier: MIT */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "s3/s3_window.h"

#define KIB UINT64_C(1024)
#define MIB (1024 * KIB)

enum { READ = 32 * 1024 };

/* Fetches all that is wanted and gives the bytes of it. */
static uint64_t fetch(struct s3_window *window)
{
    uint64_t bytes = 0;
    struct s3_slot *slot;

    while ((slot = s3_window_next(window))) {
        slot->state = S3_SLOT_HERE;
        bytes += slot->size;
    }
    return bytes;
}

/* Reads size bytes as a demuxer does and gives how many had to be fetched. */
static uint64_t read_on(struct s3_window *window, uint64_t offset, uint64_t size)
{
    uint64_t end = offset + size;
    uint64_t bytes = 0;

    while (offset < end) {
        struct s3_slot *slot = s3_window_find(window, offset);
        uint64_t count = end - offset < READ ? end - offset : READ;

        if (!slot)
            slot = s3_window_demand(window, offset);
        bytes += fetch(window);
        assert_true(slot->first <= offset && offset < slot->first + slot->size);
        if (count > slot->first + slot->size - offset)
            count = slot->first + slot->size - offset;
        s3_window_advance(window, offset, count);
        offset += count;
    }
    return bytes + fetch(window);
}

static void test_s3_window_fetches_a_whole_object_once(void **state)
{
    struct s3_window window;

    (void)state;
    s3_window_init(&window, 100 * MIB + 5, 8 * MIB);
    assert_int_equal(read_on(&window, 0, 100 * MIB + 5), 100 * MIB + 5);
}

static void test_s3_window_reads_ahead_more_and_more(void **state)
{
    struct s3_window window;
    uint64_t largest = 0;
    uint64_t ahead = 0;

    (void)state;
    s3_window_init(&window, 1024 * MIB, 8 * MIB);
    assert_int_equal(read_on(&window, 0, READ), 256 * KIB);
    (void)read_on(&window, READ, 100 * MIB);
    for (size_t i = 0; i < S3_WINDOW_SLOTS; i++) {
        uint64_t end = window.slots[i].first + window.slots[i].size;

        largest = window.slots[i].size > largest ? window.slots[i].size : largest;
        ahead = end > ahead ? end : ahead;
    }
    assert_int_equal(largest, 8 * MIB);
    assert_in_range(ahead - 100 * MIB, 40 * MIB, 56 * MIB);
}

static void test_s3_window_fetches_little_where_the_reader_jumps(void **state)
{
    struct s3_window window;

    (void)state;
    s3_window_init(&window, 1024 * MIB, 8 * MIB);
    for (uint64_t i = 0; i < 100; i++)
        assert_int_equal(read_on(&window, i * 10 * MIB, READ), 256 * KIB);
}

static void test_s3_window_stops_reading_ahead_when_the_reader_begins_to_jump(void **state)
{
    struct s3_window window;
    uint64_t bytes = 0;

    (void)state;
    s3_window_init(&window, 1024 * MIB, 8 * MIB);
    (void)read_on(&window, 0, 5 * MIB);
    for (uint64_t i = 0; i < 100; i++)
        bytes += read_on(&window, 5 * MIB + i * 2 * MIB, READ);
    assert_in_range(bytes, UINT64_C(90) * UINT64_C(256) * KIB, UINT64_C(100) * UINT64_C(256) * KIB);
}

static void test_s3_window_takes_a_small_step_for_reading_on(void **state)
{
    struct s3_window window;
    uint64_t requests = 0;

    (void)state;
    s3_window_init(&window, 1024 * MIB, 8 * MIB);
    for (uint64_t offset = 0; offset < 100 * MIB; offset += 300 * KIB) {
        uint64_t before = window.now;

        (void)read_on(&window, offset, READ);
        requests += window.now > before + 2;
    }
    assert_in_range(requests, 1, 40);
}

static void test_s3_window_serves_two_places_from_what_it_has(void **state)
{
    struct s3_window window;
    uint64_t bytes = 0;

    (void)state;
    s3_window_init(&window, 1024 * MIB, 8 * MIB);
    for (uint64_t i = 0; i < 1000; i++) {
        bytes += read_on(&window, i * READ, READ);
        bytes += read_on(&window, 500 * MIB + i * READ, READ);
    }
    assert_in_range(bytes, UINT64_C(2000) * READ, UINT64_C(2000) * READ + UINT64_C(64) * MIB);
}

static void test_s3_window_comes_back_to_the_beginning_without_fetching_it_again(void **state)
{
    struct s3_window window;

    (void)state;
    s3_window_init(&window, 1024 * MIB, 8 * MIB);
    (void)read_on(&window, 0, UINT64_C(4) * READ);
    (void)read_on(&window, 1000 * MIB, 24 * MIB);
    assert_int_equal(read_on(&window, 0, READ), 0);
}

static void test_s3_window_puts_what_is_waited_for_first(void **state)
{
    struct s3_window window;
    struct s3_slot *urgent;

    (void)state;
    s3_window_init(&window, 1024 * MIB, 8 * MIB);
    (void)read_on(&window, 0, 20 * MIB);
    for (uint64_t offset = 20 * MIB; !s3_window_next(&window); offset += READ)
        s3_window_advance(&window, offset, READ);
    urgent = s3_window_demand(&window, 900 * MIB);
    assert_ptr_equal(s3_window_next(&window), urgent);
    urgent->state = S3_SLOT_COMING;
    assert_ptr_not_equal(s3_window_next(&window), urgent);
    assert_int_equal(urgent->first, 900 * MIB);
}

static void test_s3_window_wants_again_what_had_to_make_room(void **state)
{
    struct s3_window window;

    (void)state;
    s3_window_init(&window, 1024 * MIB, 8 * MIB);
    (void)read_on(&window, 0, 100 * MIB);
    for (uint64_t i = 1; i <= S3_WINDOW_SLOTS; i++)
        s3_window_demand(&window, 500 * MIB + i * 10 * MIB)->state = S3_SLOT_HERE;
    assert_null(s3_window_find(&window, 100 * MIB));
    assert_int_not_equal(read_on(&window, 100 * MIB, READ), 0);
}

static void test_s3_window_never_takes_what_is_coming(void **state)
{
    struct s3_window window;
    struct s3_slot *coming;

    (void)state;
    s3_window_init(&window, 1024 * MIB, 8 * MIB);
    coming = s3_window_demand(&window, 0);
    coming->state = S3_SLOT_COMING;
    for (uint64_t i = 1; i < 100; i++)
        (void)read_on(&window, i * 10 * MIB, READ);
    assert_int_equal(coming->state, S3_SLOT_COMING);
    assert_ptr_equal(s3_window_find(&window, 0), coming);
}

static void test_s3_window_does_not_read_ahead_past_a_failure(void **state)
{
    struct s3_window window;
    struct s3_slot *failed;

    (void)state;
    s3_window_init(&window, 1024 * MIB, 8 * MIB);
    s3_window_demand(&window, 0)->state = S3_SLOT_HERE;
    failed = s3_window_demand(&window, 256 * KIB);
    failed->state = S3_SLOT_FAILED;
    s3_window_advance(&window, 0, 128 * KIB);
    assert_ptr_equal(s3_window_find(&window, 256 * KIB), failed);
    assert_int_equal(failed->state, S3_SLOT_FAILED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_s3_window_fetches_a_whole_object_once),
        cmocka_unit_test(test_s3_window_reads_ahead_more_and_more),
        cmocka_unit_test(test_s3_window_fetches_little_where_the_reader_jumps),
        cmocka_unit_test(test_s3_window_stops_reading_ahead_when_the_reader_begins_to_jump),
        cmocka_unit_test(test_s3_window_takes_a_small_step_for_reading_on),
        cmocka_unit_test(test_s3_window_serves_two_places_from_what_it_has),
        cmocka_unit_test(test_s3_window_comes_back_to_the_beginning_without_fetching_it_again),
        cmocka_unit_test(test_s3_window_puts_what_is_waited_for_first),
        cmocka_unit_test(test_s3_window_wants_again_what_had_to_make_room),
        cmocka_unit_test(test_s3_window_never_takes_what_is_coming),
        cmocka_unit_test(test_s3_window_does_not_read_ahead_past_a_failure),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
