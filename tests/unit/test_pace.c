/* SPDX-License-Identifier: MIT */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "run/pace.h"

/* Two CPUs, both busy, and six workers. */
static const struct pace_signs busy = {
    .workers = 6, .least = 4, .most = 64, .cpus = 2, .wait_for_cpu = 2, .more_items = true
};

static void test_pace_keeps_what_keeps_the_cpus_busy(void **state)
{
    (void)state;
    assert_int_equal(pace_of(&busy), PACE_KEEP);
}

static void test_pace_grows_while_a_cpu_is_idle(void **state)
{
    struct pace_signs signs = busy;

    (void)state;
    signs.idle_cpus = 1;
    assert_int_equal(pace_of(&signs), PACE_KEEP); /* whoever waits is on the way in */
    signs.wait_for_cpu = 0;
    assert_int_equal(pace_of(&signs), PACE_GROW);
    assert_string_equal(pace_reason(&signs), "a CPU was idle");
    signs.workers = signs.most;
    assert_int_equal(pace_of(&signs), PACE_KEEP);
}

static void test_pace_does_not_grow_without_more_items(void **state)
{
    struct pace_signs signs = busy;

    (void)state;
    signs.idle_cpus = 2;
    signs.wait_for_cpu = 0;
    signs.more_items = false;
    assert_int_equal(pace_of(&signs), PACE_KEEP);
}

static void test_pace_shrinks_for_the_server_and_for_memory(void **state)
{
    struct pace_signs signs = busy;

    (void)state;
    signs.idle_cpus = 2;
    signs.wait_for_cpu = 0;
    signs.throttled = true;
    assert_int_equal(pace_of(&signs), PACE_SHRINK);
    assert_string_equal(pace_reason(&signs), "the server asks to slow down");
    signs.throttled = false;
    signs.short_of_memory = true;
    assert_int_equal(pace_of(&signs), PACE_SHRINK);
    assert_string_equal(pace_reason(&signs), "memory is short");
    signs.workers = signs.least;
    assert_int_equal(pace_of(&signs), PACE_KEEP);
}

static void test_pace_shrinks_when_many_wait_for_a_cpu(void **state)
{
    struct pace_signs signs = busy;

    (void)state;
    signs.wait_for_cpu = 6;
    assert_int_equal(pace_of(&signs), PACE_KEEP);
    signs.wait_for_cpu = 7;
    assert_int_equal(pace_of(&signs), PACE_SHRINK);
    assert_string_equal(pace_reason(&signs), "objects wait for a CPU");
}

static void test_pace_never_changes_what_the_user_said(void **state)
{
    struct pace_signs signs = busy;

    (void)state;
    signs.least = signs.most = signs.workers;
    signs.throttled = true;
    assert_int_equal(pace_of(&signs), PACE_KEEP);
    signs.throttled = false;
    signs.idle_cpus = 2;
    signs.wait_for_cpu = 0;
    assert_int_equal(pace_of(&signs), PACE_KEEP);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pace_keeps_what_keeps_the_cpus_busy),
        cmocka_unit_test(test_pace_grows_while_a_cpu_is_idle),
        cmocka_unit_test(test_pace_does_not_grow_without_more_items),
        cmocka_unit_test(test_pace_shrinks_for_the_server_and_for_memory),
        cmocka_unit_test(test_pace_shrinks_when_many_wait_for_a_cpu),
        cmocka_unit_test(test_pace_never_changes_what_the_user_said),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
