/* SPDX-License-Identifier: MIT */

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include <cmocka.h>

#include "base/gate.h"

static void nap(long milliseconds)
{
    const struct timespec time = { .tv_nsec = milliseconds * 1000000 };

    nanosleep(&time, NULL);
}

struct visitor {
    struct gate *gate;
    uint64_t rank;
    atomic_bool inside;
};

/* Ranks in the order in which they were let in. */
static uint64_t order[8];
static atomic_int order_length;

static void *visit(void *arg)
{
    struct visitor *visitor = arg;

    gate_enter(visitor->gate, visitor->rank);
    atomic_store(&visitor->inside, true);
    order[atomic_fetch_add(&order_length, 1)] = visitor->rank;
    gate_leave(visitor->gate);
    return NULL;
}

static void test_gate_enter_waits_until_someone_leaves(void **state)
{
    struct visitor visitor = { .gate = gate_new(2) };
    pthread_t thread;

    (void)state;
    gate_enter(visitor.gate, 0);
    gate_enter(visitor.gate, 0);
    pthread_create(&thread, NULL, visit, &visitor);
    nap(30);
    assert_false(atomic_load(&visitor.inside));
    gate_leave(visitor.gate);
    pthread_join(thread, NULL);
    assert_true(atomic_load(&visitor.inside));
    gate_leave(visitor.gate);
    gate_free(visitor.gate);
}

static void test_gate_lets_in_who_began_first(void **state)
{
    static const uint64_t ranks[] = { 3, 1, 2, 1 };
    struct gate *busy = gate_new(1);
    struct visitor visitors[4];
    pthread_t threads[4];

    (void)state;
    gate_enter(busy, gate_rank(busy));
    atomic_store(&order_length, 0);
    for (unsigned i = 0; i < 4; i++) {
        visitors[i] = (struct visitor){ .gate = busy, .rank = ranks[i] };
        pthread_create(&threads[i], NULL, visit, &visitors[i]);
        while (gate_look(busy).waiting <= i)
            nap(1);
    }
    gate_leave(busy);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(gate_look(busy).idle, 1);
    gate_free(busy);
    for (uint64_t i = 0; i < 4; i++)
        assert_int_equal(order[i], i == 0 ? 1 : i);
}

static void test_gate_rank_rises(void **state)
{
    struct gate *ranked = gate_new(1);
    uint64_t first = gate_rank(ranked);

    (void)state;
    assert_true(gate_rank(ranked) > first);
    gate_free(ranked);
}

static struct gate *gate;
static atomic_int inside;
static atomic_int most_inside;
static atomic_int visits;

static void *come_and_go(void *unused)
{
    for (int i = 0; i < 200; i++) {
        int now;
        int most = atomic_load(&most_inside);

        gate_enter(gate, gate_rank(gate));
        now = atomic_fetch_add(&inside, 1) + 1;
        while (most < now && !atomic_compare_exchange_weak(&most_inside, &most, now))
            continue;
        if (i % 50 == 0)
            nap(1);
        atomic_fetch_add(&visits, 1);
        atomic_fetch_sub(&inside, 1);
        gate_leave(gate);
    }
    return unused;
}

static void test_gate_lets_in_as_many_as_it_has_places(void **state)
{
    pthread_t threads[8];

    (void)state;
    gate = gate_new(3);
    for (int i = 0; i < 8; i++)
        pthread_create(&threads[i], NULL, come_and_go, NULL);
    for (int i = 0; i < 8; i++)
        pthread_join(threads[i], NULL);
    gate_free(gate);
    assert_int_equal(atomic_load(&visits), 1600);
    assert_int_equal(atomic_load(&most_inside), 3);
}

/* A gate with one place is a lock; TSan checks that it orders memory as one. */
static int plain_counter;

static void *count_inside(void *lock)
{
    for (int i = 0; i < 1000; i++) {
        gate_enter(lock, 0);
        plain_counter++;
        gate_leave(lock);
    }
    return NULL;
}

static void test_gate_of_one_place_keeps_threads_apart(void **state)
{
    struct gate *lock = gate_new(1);
    pthread_t threads[4];

    (void)state;
    for (int i = 0; i < 4; i++)
        pthread_create(&threads[i], NULL, count_inside, lock);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    gate_free(lock);
    assert_int_equal(plain_counter, 4000);
}

static void test_gate_free_accepts_null(void **state)
{
    (void)state;
    gate_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_gate_enter_waits_until_someone_leaves),
        cmocka_unit_test(test_gate_lets_in_who_began_first),
        cmocka_unit_test(test_gate_rank_rises),
        cmocka_unit_test(test_gate_lets_in_as_many_as_it_has_places),
        cmocka_unit_test(test_gate_of_one_place_keeps_threads_apart),
        cmocka_unit_test(test_gate_free_accepts_null),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
