/* SPDX-License-Identifier: MIT */

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include <cmocka.h>

#include "base/cancel.h"
#include "base/clock.h"
#include "base/queue.h"

static int numbers[10000];

static void nap(void)
{
    const struct timespec time = { .tv_nsec = 30000000 };

    nanosleep(&time, NULL);
}

static struct cancel cancel;

static int make_queue(void **state)
{
    assert_true(cancel_init(&cancel));
    *state = queue_new(3, &cancel);
    return 0;
}

static int free_queue(void **state)
{
    queue_free(*state);
    cancel_release(&cancel);
    return 0;
}

static void test_queue_pop_gives_items_in_the_order_of_push(void **state)
{
    struct queue *queue = *state;

    /* More rounds than places, so that the ring wraps. */
    for (int i = 0; i < 20; i += 2) {
        assert_true(queue_push(queue, &numbers[i]));
        assert_true(queue_push(queue, &numbers[i + 1]));
        assert_ptr_equal(queue_pop(queue), &numbers[i]);
        assert_ptr_equal(queue_pop(queue), &numbers[i + 1]);
    }
}

static void test_queue_pop_drains_then_ends_after_close(void **state)
{
    struct queue *queue = *state;

    assert_true(queue_push(queue, &numbers[0]));
    assert_true(queue_push(queue, &numbers[1]));
    queue_close(queue);
    assert_ptr_equal(queue_pop(queue), &numbers[0]);
    assert_ptr_equal(queue_pop(queue), &numbers[1]);
    assert_null(queue_pop(queue));
    assert_null(queue_pop(queue));
}

static uint64_t tenth(const void *item)
{
    return (uint64_t)((const int *)item - numbers) / 10;
}

static void test_queue_close_heaviest_first_sorts_what_is_left(void **state)
{
    static const int pushed[] = { 5, 11, 31, 2, 30, 12, 29 };
    static const int popped[] = { 31, 30, 29, 11, 12, 2 };
    struct queue *queue = queue_new(6, NULL);

    (void)state;
    /* The first goes at once, as it came; the ring then wraps. */
    for (size_t i = 0; i < sizeof(pushed) / sizeof(*pushed); i++) {
        assert_true(queue_push(queue, &numbers[pushed[i]]));
        if (i == 0)
            assert_ptr_equal(queue_pop(queue), &numbers[5]);
    }
    queue_push_later(queue, &numbers[1], clock_monotonic_ms());
    queue_close_heaviest_first(queue, tenth);
    assert_false(queue_push(queue, &numbers[99]));
    assert_ptr_equal(queue_pop(queue), &numbers[1]); /* what is due goes before all */
    for (size_t i = 0; i < sizeof(popped) / sizeof(*popped); i++)
        assert_ptr_equal(queue_pop(queue), &numbers[popped[i]]);
    assert_null(queue_pop(queue));
    queue_free(queue);
}

static void test_queue_push_is_refused_after_close(void **state)
{
    struct queue *queue = *state;

    queue_close(queue);
    assert_false(queue_push(queue, &numbers[0]));
    queue_close(queue);
    assert_null(queue_pop(queue));
}

/* A thread that does one thing and says when it is done. */
struct actor {
    struct queue *queue;
    pthread_t thread;
    void *item;
    bool pushed;
    atomic_bool done;
};

static void *push_one(void *arg)
{
    struct actor *actor = arg;

    actor->pushed = queue_push(actor->queue, actor->item);
    atomic_store(&actor->done, true);
    return NULL;
}

static void *pop_one(void *arg)
{
    struct actor *actor = arg;

    actor->item = queue_pop(actor->queue);
    atomic_store(&actor->done, true);
    return NULL;
}

static void fill(struct queue *queue)
{
    for (int i = 0; i < 3; i++)
        assert_true(queue_push(queue, &numbers[i]));
}

static void test_queue_push_waits_for_room(void **state)
{
    struct actor pusher = { .queue = *state, .item = &numbers[3] };

    fill(pusher.queue);
    pthread_create(&pusher.thread, NULL, push_one, &pusher);
    nap();
    assert_false(atomic_load(&pusher.done));
    assert_ptr_equal(queue_pop(pusher.queue), &numbers[0]);
    pthread_join(pusher.thread, NULL);
    assert_true(pusher.pushed);
    for (int i = 1; i <= 3; i++)
        assert_ptr_equal(queue_pop(pusher.queue), &numbers[i]);
}

static void test_queue_pop_waits_for_an_item(void **state)
{
    struct actor popper = { .queue = *state };

    pthread_create(&popper.thread, NULL, pop_one, &popper);
    nap();
    assert_false(atomic_load(&popper.done));
    assert_true(queue_push(popper.queue, &numbers[7]));
    pthread_join(popper.thread, NULL);
    assert_ptr_equal(popper.item, &numbers[7]);
}

static void test_queue_close_wakes_everyone_who_waits_to_push(void **state)
{
    struct actor pushers[3];

    fill(*state);
    for (int i = 0; i < 3; i++) {
        pushers[i] = (struct actor){ .queue = *state, .item = &numbers[5 + i], .pushed = true };
        pthread_create(&pushers[i].thread, NULL, push_one, &pushers[i]);
    }
    nap();
    queue_close(*state);
    for (int i = 0; i < 3; i++) {
        pthread_join(pushers[i].thread, NULL);
        assert_false(pushers[i].pushed);
    }
    for (int i = 0; i < 3; i++)
        assert_ptr_equal(queue_pop(*state), &numbers[i]);
    assert_null(queue_pop(*state));
}

static void test_queue_close_wakes_everyone_who_waits_to_pop(void **state)
{
    struct actor poppers[3];

    for (int i = 0; i < 3; i++) {
        poppers[i] = (struct actor){ .queue = *state, .item = &numbers[0] };
        pthread_create(&poppers[i].thread, NULL, pop_one, &poppers[i]);
    }
    nap();
    queue_close(*state);
    for (int i = 0; i < 3; i++) {
        pthread_join(poppers[i].thread, NULL);
        assert_null(poppers[i].item);
    }
}

/* Later than any test waits for. */
static int64_t far_away(void)
{
    return clock_monotonic_ms() + 3600000;
}

static void test_queue_pop_gives_what_is_due_before_what_is_queued(void **state)
{
    int64_t now_ms = clock_monotonic_ms();

    assert_true(queue_push(*state, &numbers[0]));
    queue_push_later(*state, &numbers[1], now_ms);
    queue_push_later(*state, &numbers[2], now_ms - 1);
    assert_ptr_equal(queue_pop(*state), &numbers[2]);
    assert_ptr_equal(queue_pop(*state), &numbers[1]);
    assert_ptr_equal(queue_pop(*state), &numbers[0]);
}

static void test_queue_pop_gives_what_is_queued_before_what_is_not_due(void **state)
{
    int64_t due_ms = clock_monotonic_ms() + 50;

    queue_push_later(*state, &numbers[0], due_ms);
    assert_true(queue_push(*state, &numbers[1]));
    assert_ptr_equal(queue_pop(*state), &numbers[1]);
    assert_ptr_equal(queue_pop(*state), &numbers[0]);
    assert_true(clock_monotonic_ms() >= due_ms);
}

static void test_queue_pop_that_waits_for_a_late_item_takes_a_new_one(void **state)
{
    struct actor popper = { .queue = *state };

    queue_push_later(*state, &numbers[0], far_away());
    pthread_create(&popper.thread, NULL, pop_one, &popper);
    nap();
    assert_false(atomic_load(&popper.done));
    assert_true(queue_push(*state, &numbers[1]));
    pthread_join(popper.thread, NULL);
    assert_ptr_equal(popper.item, &numbers[1]);
    cancel_stop(&cancel, 0);
    assert_ptr_equal(queue_pop(*state), &numbers[0]);
}

static void test_queue_pop_that_waits_takes_an_item_for_later_when_it_is_due(void **state)
{
    struct actor popper = { .queue = *state };
    int64_t due_ms = clock_monotonic_ms() + 60;

    pthread_create(&popper.thread, NULL, pop_one, &popper);
    nap();
    queue_push_later(*state, &numbers[0], due_ms);
    pthread_join(popper.thread, NULL);
    assert_ptr_equal(popper.item, &numbers[0]);
    assert_true(clock_monotonic_ms() >= due_ms);
}

static void test_queue_pop_waits_for_late_items_after_close(void **state)
{
    queue_push_later(*state, &numbers[0], clock_monotonic_ms() + 50);
    queue_close(*state);
    assert_ptr_equal(queue_pop(*state), &numbers[0]);
    queue_push_later(*state, &numbers[1], clock_monotonic_ms());
    assert_ptr_equal(queue_pop(*state), &numbers[1]);
    assert_null(queue_pop(*state));
}

static void test_queue_pop_takes_nothing_new_while_as_many_are_late_as_the_queue_holds(void **state)
{
    struct actor popper = { .queue = *state };

    assert_true(queue_push(*state, &numbers[9]));
    for (int i = 0; i < 4; i++)
        queue_push_later(*state, &numbers[i], i < 2 ? i : far_away() + i);
    assert_ptr_equal(queue_pop(*state), &numbers[0]);
    assert_ptr_equal(queue_pop(*state), &numbers[1]);
    assert_ptr_equal(queue_pop(*state), &numbers[9]);
    assert_true(queue_push(*state, &numbers[8]));
    queue_push_later(*state, &numbers[4], clock_monotonic_ms() + 60);
    pthread_create(&popper.thread, NULL, pop_one, &popper);
    pthread_join(popper.thread, NULL);
    assert_ptr_equal(popper.item, &numbers[4]);
    cancel_stop(&cancel, 0);
    assert_ptr_equal(queue_pop(*state), &numbers[2]);
    assert_ptr_equal(queue_pop(*state), &numbers[3]);
    assert_ptr_equal(queue_pop(*state), &numbers[8]);
}

static void test_queue_pop_finds_everything_due_after_a_stop(void **state)
{
    struct actor poppers[2];

    queue_push_later(*state, &numbers[0], far_away());
    queue_close(*state);
    for (int i = 0; i < 2; i++) {
        poppers[i] = (struct actor){ .queue = *state };
        pthread_create(&poppers[i].thread, NULL, pop_one, &poppers[i]);
    }
    nap();
    assert_false(atomic_load(&poppers[0].done) || atomic_load(&poppers[1].done));
    cancel_stop(&cancel, 0);
    for (int i = 0; i < 2; i++)
        pthread_join(poppers[i].thread, NULL);
    /* One got it, the other saw that nothing is left. */
    assert_true((poppers[0].item == &numbers[0]) != (poppers[1].item == &numbers[0]));
    assert_true(!poppers[0].item || !poppers[1].item);
    queue_push_later(*state, &numbers[1], far_away());
    assert_ptr_equal(queue_pop(*state), &numbers[1]);
}

enum { PUSHERS = 3, POPPERS = 4, EACH = 10000 / PUSHERS };

struct pusher {
    struct queue *queue;
    pthread_t thread;
    int *first;
    bool refused;
};

static void *push_many(void *arg)
{
    struct pusher *pusher = arg;

    for (int i = 0; i < EACH; i++) {
        if (!queue_push(pusher->queue, pusher->first + i))
            pusher->refused = true;
    }
    return NULL;
}

/* Only this thread owns what it popped, so counting needs no lock; TSan checks that claim. */
static void *count_until_end(void *queue)
{
    int *number;

    while ((number = queue_pop(queue)))
        ++*number;
    return NULL;
}

static void test_queue_gives_every_item_to_exactly_one_thread(void **state)
{
    struct pusher pushers[PUSHERS];
    pthread_t poppers[POPPERS];

    for (int i = 0; i < POPPERS; i++)
        pthread_create(&poppers[i], NULL, count_until_end, *state);
    for (int i = 0; i < PUSHERS; i++) {
        pushers[i] = (struct pusher){ .queue = *state, .first = numbers + (ptrdiff_t)i * EACH };
        pthread_create(&pushers[i].thread, NULL, push_many, &pushers[i]);
    }
    for (int i = 0; i < PUSHERS; i++)
        pthread_join(pushers[i].thread, NULL);
    queue_close(*state);
    for (int i = 0; i < POPPERS; i++)
        pthread_join(poppers[i], NULL);
    for (int i = 0; i < PUSHERS; i++)
        assert_false(pushers[i].refused);
    for (int i = 0; i < PUSHERS * EACH; i++) {
        assert_int_equal(numbers[i], 1);
        numbers[i] = 0;
    }
}

static void test_queue_free_accepts_null(void **state)
{
    (void)state;
    queue_free(NULL);
}

/* Of those who wait, one has an eye on the clock; when it takes another item, the next one has. */
static void test_queue_pop_finds_a_late_item_while_another_thread_is_busy(void **state)
{
    struct actor poppers[3];
    int64_t due_ms = clock_monotonic_ms() + 200;
    int late = 0;

    for (int i = 0; i < 3; i++) {
        poppers[i] = (struct actor){ .queue = *state };
        pthread_create(&poppers[i].thread, NULL, pop_one, &poppers[i]);
    }
    nap();
    queue_push_later(*state, &numbers[0], due_ms);
    nap();
    assert_true(queue_push(*state, &numbers[1]));
    assert_true(queue_push(*state, &numbers[2]));
    for (int i = 0; i < 3; i++) {
        pthread_join(poppers[i].thread, NULL);
        late += poppers[i].item == &numbers[0];
    }
    assert_int_equal(late, 1);
    assert_true(clock_monotonic_ms() >= due_ms);
}

#define WITH_QUEUE(test) cmocka_unit_test_setup_teardown(test, make_queue, free_queue)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_QUEUE(test_queue_pop_gives_items_in_the_order_of_push),
        WITH_QUEUE(test_queue_pop_drains_then_ends_after_close),
        cmocka_unit_test(test_queue_close_heaviest_first_sorts_what_is_left),
        WITH_QUEUE(test_queue_push_is_refused_after_close),
        WITH_QUEUE(test_queue_push_waits_for_room),
        WITH_QUEUE(test_queue_pop_waits_for_an_item),
        WITH_QUEUE(test_queue_close_wakes_everyone_who_waits_to_push),
        WITH_QUEUE(test_queue_close_wakes_everyone_who_waits_to_pop),
        WITH_QUEUE(test_queue_pop_gives_what_is_due_before_what_is_queued),
        WITH_QUEUE(test_queue_pop_gives_what_is_queued_before_what_is_not_due),
        WITH_QUEUE(test_queue_pop_that_waits_for_a_late_item_takes_a_new_one),
        WITH_QUEUE(test_queue_pop_that_waits_takes_an_item_for_later_when_it_is_due),
        WITH_QUEUE(test_queue_pop_waits_for_late_items_after_close),
        WITH_QUEUE(test_queue_pop_takes_nothing_new_while_as_many_are_late_as_the_queue_holds),
        WITH_QUEUE(test_queue_pop_finds_everything_due_after_a_stop),
        WITH_QUEUE(test_queue_pop_finds_a_late_item_while_another_thread_is_busy),
        WITH_QUEUE(test_queue_gives_every_item_to_exactly_one_thread),
        cmocka_unit_test(test_queue_free_accepts_null),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
