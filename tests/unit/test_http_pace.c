/* SPDX-License-Identifier: MIT */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "s3/http_pace.h"

enum { ENOUGH = HTTP_LEAST_SPEED * 10 };

static const int64_t WINDOW_MS = 10000;

static void test_http_pace_is_lost_by_a_trickle(void **state)
{
    struct http_pace pace;

    (void)state;
    http_pace_init(&pace, WINDOW_MS);
    assert_false(http_pace_is_lost(&pace, HTTP_RECEIVING, 100, 0));
    for (int64_t now_ms = 1000; now_ms < WINDOW_MS; now_ms += 1000)
        assert_false(http_pace_is_lost(&pace, HTTP_RECEIVING, 100 + (uint64_t)now_ms / 10, now_ms));
    assert_true(http_pace_is_lost(&pace, HTTP_RECEIVING, 1100, WINDOW_MS));
}

static void test_http_pace_is_kept_however_long_it_takes(void **state)
{
    struct http_pace pace;
    uint64_t bytes = 0;

    (void)state;
    http_pace_init(&pace, WINDOW_MS);
    for (int64_t now_ms = 0; now_ms < 100 * WINDOW_MS; now_ms += WINDOW_MS / 4) {
        bytes += ENOUGH / 4;
        assert_false(http_pace_is_lost(&pace, HTTP_SENDING, bytes, now_ms));
    }
}

static void test_http_pace_needs_only_a_sign_of_life_of_a_server_at_work(void **state)
{
    struct http_pace pace;

    (void)state;
    http_pace_init(&pace, WINDOW_MS);
    for (unsigned i = 0; i < 10; i++)
        assert_false(http_pace_is_lost(&pace, HTTP_ANSWERING, i, i * WINDOW_MS));
    assert_true(http_pace_is_lost(&pace, HTTP_ANSWERING, 9, 10 * WINDOW_MS));
}

static void test_http_pace_gives_each_phase_its_own_window(void **state)
{
    struct http_pace pace;

    (void)state;
    http_pace_init(&pace, WINDOW_MS);
    assert_false(http_pace_is_lost(&pace, HTTP_CONNECTING, 0, 0));
    assert_false(http_pace_is_lost(&pace, HTTP_CONNECTING, 0, 5 * WINDOW_MS));
    assert_false(http_pace_is_lost(&pace, HTTP_SENDING, 50, 6 * WINDOW_MS));
    assert_false(http_pace_is_lost(&pace, HTTP_WAITING, 60, 7 * WINDOW_MS - 1));
    assert_false(http_pace_is_lost(&pace, HTTP_WAITING, 60, 8 * WINDOW_MS - 2));
    assert_true(http_pace_is_lost(&pace, HTTP_WAITING, 60, 8 * WINDOW_MS - 1));
}

/* Curl sends a body again when a connection that it had kept open turns out to be closed. */
static void test_http_pace_begins_again_when_the_count_does(void **state)
{
    struct http_pace pace;

    (void)state;
    http_pace_init(&pace, WINDOW_MS);
    assert_false(http_pace_is_lost(&pace, HTTP_SENDING, 5000, 0));
    assert_false(http_pace_is_lost(&pace, HTTP_SENDING, 10, WINDOW_MS));
    assert_true(http_pace_is_lost(&pace, HTTP_SENDING, 20, 2 * WINDOW_MS));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_http_pace_is_lost_by_a_trickle),
        cmocka_unit_test(test_http_pace_is_kept_however_long_it_takes),
        cmocka_unit_test(test_http_pace_needs_only_a_sign_of_life_of_a_server_at_work),
        cmocka_unit_test(test_http_pace_gives_each_phase_its_own_window),
        cmocka_unit_test(test_http_pace_begins_again_when_the_count_does),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
