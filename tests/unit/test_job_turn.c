/* SPDX-License-Identifier: MIT */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "run/job_turn.h"

static struct cancel run;
static struct cancel item;
static struct gate *gate;
static struct progress_stages spent;
static struct job_turn turn;

static int set_up(void **state)
{
    (void)state;
    if (!cancel_init(&run))
        return -1;
    cancel_init_item(&item, &run);
    gate = gate_new(1);
    spent = (struct progress_stages){ 0 };
    turn = (struct job_turn){ .gate = gate, .item = &item, .spent = &spent };
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    gate_free(gate);
    cancel_release(&run);
    return 0;
}

static void test_job_turn_leaves_its_place_while_it_waits_for_bytes(void **state)
{
    struct reader_waits waits = job_turn_waits(&turn);

    (void)state;
    job_turn_begin(&turn);
    job_turn_enter(&turn);
    assert_int_equal(gate_look(gate).idle, 0);
    waits.begin(waits.waiter);
    assert_int_equal(gate_look(gate).idle, 1);
    waits.end(waits.waiter);
    assert_int_equal(gate_look(gate).idle, 0);
    job_turn_leave(&turn);
    assert_int_equal(gate_look(gate).idle, 1);
}

static void test_job_turn_leaves_its_place_while_its_result_waits(void **state)
{
    struct reader_waits waits = job_turn_upload_waits(&turn);

    (void)state;
    job_turn_begin(&turn);
    job_turn_enter(&turn);
    waits.begin(waits.waiter);
    assert_int_equal(gate_look(gate).idle, 1);
    waits.end(waits.waiter);
    assert_int_equal(gate_look(gate).idle, 0);
    assert_int_equal(spent.downloading_ms, 0);
    job_turn_leave(&turn);
}

static void test_job_turn_takes_no_place_for_bytes_outside_of_it(void **state)
{
    struct reader_waits waits = job_turn_waits(&turn);

    (void)state;
    job_turn_begin(&turn);
    waits.begin(waits.waiter);
    assert_int_equal(gate_look(gate).idle, 1);
    waits.end(waits.waiter);
    assert_int_equal(gate_look(gate).idle, 1);
}

static void test_job_turn_counts_what_it_waits_for_bytes(void **state)
{
    struct reader_waits waits = job_turn_waits(&turn);

    (void)state;
    job_turn_begin(&turn);
    job_turn_enter(&turn);
    waits.begin(waits.waiter);
    turn.waits_since_ms -= 5000;
    waits.end(waits.waiter);
    assert_in_range(spent.downloading_ms, 5000, 60000);
    job_turn_leave(&turn);
}

static void test_job_turn_does_not_count_waiting_for_a_cpu_as_the_items_time(void **state)
{
    (void)state;
    turn.timeout_ms = 1000;
    job_turn_begin(&turn);
    assert_false(cancel_abandoned(&item));
    turn.begin_ms -= 5000;
    job_turn_enter(&turn);
    assert_true(cancel_abandoned(&item));
    job_turn_leave(&turn);
    spent.waiting_ms += 5000;
    job_turn_enter(&turn);
    assert_false(cancel_abandoned(&item));
    job_turn_leave(&turn);
}

#define WITH_TURN(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_TURN(test_job_turn_leaves_its_place_while_it_waits_for_bytes),
        WITH_TURN(test_job_turn_leaves_its_place_while_its_result_waits),
        WITH_TURN(test_job_turn_takes_no_place_for_bytes_outside_of_it),
        WITH_TURN(test_job_turn_counts_what_it_waits_for_bytes),
        WITH_TURN(test_job_turn_does_not_count_waiting_for_a_cpu_as_the_items_time),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
