/* SPDX-License-Identifier: MIT */

#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>

#include <cmocka.h>

#include "base/cancel.h"
#include "base/clock.h"

/* Longer than any test may take; a sleep that is woken ends long before. */
enum { LONG_MS = 60000, GRACE_MS = 3600000 };

static struct cancel cancel;

static int make_cancel(void **state)
{
    (void)state;
    return cancel_init(&cancel) ? 0 : -1;
}

static int release_cancel(void **state)
{
    (void)state;
    cancel_release(&cancel);
    return 0;
}

static void test_cancel_starts_without_a_wish_to_stop(void **state)
{
    (void)state;
    assert_false(cancel_stopping(&cancel));
    assert_false(cancel_abandoned(&cancel));
}

static void test_cancel_stop_leaves_the_grace_time(void **state)
{
    (void)state;
    cancel_stop(&cancel, GRACE_MS);
    assert_true(cancel_stopping(&cancel));
    assert_false(cancel_abandoned(&cancel));
}

static void test_cancel_stop_abandons_at_once_without_grace_time(void **state)
{
    (void)state;
    cancel_stop(&cancel, 0);
    assert_true(cancel_stopping(&cancel));
    assert_true(cancel_abandoned(&cancel));
}

static void test_cancel_stop_abandons_when_the_grace_time_is_over(void **state)
{
    int64_t before = clock_monotonic_ms();

    (void)state;
    cancel_stop(&cancel, 30);
    while (!cancel_abandoned(&cancel))
        assert_true(clock_monotonic_ms() - before < LONG_MS);
    assert_true(clock_monotonic_ms() - before >= 30);
}

static void test_cancel_stop_can_shorten_the_grace_time(void **state)
{
    (void)state;
    cancel_stop(&cancel, GRACE_MS);
    cancel_stop(&cancel, 0);
    assert_true(cancel_stopping(&cancel));
    assert_true(cancel_abandoned(&cancel));
}

static void test_cancel_stop_cannot_lengthen_the_grace_time(void **state)
{
    (void)state;
    cancel_stop(&cancel, 0);
    cancel_stop(&cancel, GRACE_MS);
    assert_true(cancel_abandoned(&cancel));
}

static void test_cancel_abandon_ends_the_grace_time(void **state)
{
    (void)state;
    cancel_stop(&cancel, GRACE_MS);
    cancel_stop(&cancel, 0);
    assert_true(cancel_stopping(&cancel));
    assert_true(cancel_abandoned(&cancel));
}

static void test_cancel_abandon_needs_no_stop_before_it(void **state)
{
    (void)state;
    cancel_stop(&cancel, 0);
    assert_true(cancel_stopping(&cancel));
    assert_true(cancel_abandoned(&cancel));
}

/* It is called from a signal handler, which must not change errno. */
static void test_cancel_stop_leaves_errno_alone(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++) {
        errno = ERANGE;
        cancel_stop(&cancel, 0);
        assert_int_equal(errno, ERANGE);
    }
}

static void test_cancel_accepts_null_as_never_stopping(void **state)
{
    int64_t before = clock_monotonic_ms();

    (void)state;
    assert_false(cancel_stopping(NULL));
    assert_false(cancel_abandoned(NULL));
    assert_true(cancel_sleep(NULL, 20));
    assert_true(clock_monotonic_ms() - before >= 20);
}

static void test_cancel_sleep_sleeps_its_time(void **state)
{
    int64_t before = clock_monotonic_ms();

    (void)state;
    assert_true(cancel_sleep(&cancel, 50));
    assert_true(clock_monotonic_ms() - before >= 50);
    assert_true(cancel_sleep(&cancel, 0));
}

static void test_cancel_sleep_returns_at_once_when_abandoned(void **state)
{
    int64_t before = clock_monotonic_ms();

    (void)state;
    cancel_stop(&cancel, 0);
    assert_false(cancel_sleep(&cancel, LONG_MS));
    assert_false(cancel_sleep(&cancel, 0));
    assert_true(clock_monotonic_ms() - before < LONG_MS / 2);
}

static void test_cancel_sleep_does_not_begin_what_the_grace_time_cannot_hold(void **state)
{
    int64_t before = clock_monotonic_ms();

    (void)state;
    cancel_stop(&cancel, LONG_MS);
    assert_false(cancel_sleep(&cancel, LONG_MS + 1));
    assert_true(clock_monotonic_ms() - before < LONG_MS / 2);
}

static void test_cancel_sleep_goes_on_within_the_grace_time(void **state)
{
    int64_t before = clock_monotonic_ms();

    (void)state;
    cancel_stop(&cancel, GRACE_MS);
    assert_true(cancel_sleep(&cancel, 50));
    assert_true(clock_monotonic_ms() - before >= 50);
}

static void *sleep_long(void *slept)
{
    *(bool *)slept = cancel_sleep(&cancel, LONG_MS);
    return NULL;
}

/* Threads that each sleep in that way are stopped. */
static void expect_to_wake(void *(*sleeper)(void *slept))
{
    int64_t before = clock_monotonic_ms();
    pthread_t threads[4];
    bool slept[4];

    for (size_t i = 0; i < 4; i++) {
        slept[i] = true;
        pthread_create(&threads[i], NULL, sleeper, &slept[i]);
    }
    cancel_sleep(NULL, 50);
    cancel_stop(&cancel, 0);
    for (size_t i = 0; i < 4; i++) {
        pthread_join(threads[i], NULL);
        assert_false(slept[i]);
    }
    assert_true(clock_monotonic_ms() - before < LONG_MS / 2);
}

static void test_cancel_stop_wakes_every_sleeper(void **state)
{
    (void)state;
    expect_to_wake(sleep_long);
}

static void test_cancel_abandon_wakes_a_sleeper_within_the_grace_time(void **state)
{
    int64_t before = clock_monotonic_ms();
    bool slept = true;
    pthread_t thread;

    (void)state;
    cancel_stop(&cancel, GRACE_MS);
    pthread_create(&thread, NULL, sleep_long, &slept);
    cancel_sleep(NULL, 50);
    cancel_stop(&cancel, 0);
    pthread_join(thread, NULL);
    assert_false(slept);
    assert_true(clock_monotonic_ms() - before < LONG_MS / 2);
}

static void test_cancel_stop_wakes_a_sleeper_when_it_shortens_the_grace_time(void **state)
{
    int64_t before = clock_monotonic_ms();
    bool slept = true;
    pthread_t thread;

    (void)state;
    cancel_stop(&cancel, GRACE_MS);
    pthread_create(&thread, NULL, sleep_long, &slept);
    cancel_sleep(NULL, 50);
    cancel_stop(&cancel, 0);
    pthread_join(thread, NULL);
    assert_false(slept);
    assert_true(clock_monotonic_ms() - before < LONG_MS / 2);
}

static void stop_on_signal(int number)
{
    (void)number;
    cancel_stop(&cancel, 0);
}

static void *send_alarm(void *thread)
{
    cancel_sleep(NULL, 50);
    pthread_kill(*(pthread_t *)thread, SIGALRM);
    return NULL;
}

static void test_cancel_stop_wakes_a_sleeper_from_a_signal_handler(void **state)
{
    struct sigaction action = { .sa_handler = stop_on_signal, .sa_flags = SA_RESTART };
    int64_t before = clock_monotonic_ms();
    pthread_t self = pthread_self();
    pthread_t sender;

    (void)state;
    sigaction(SIGALRM, &action, NULL);
    pthread_create(&sender, NULL, send_alarm, &self);
    assert_false(cancel_sleep(&cancel, LONG_MS));
    assert_true(clock_monotonic_ms() - before < LONG_MS / 2);
    pthread_join(sender, NULL);
}

static void test_cancel_init_fails_when_no_descriptors_are_left(void **state)
{
    struct rlimit saved;
    struct rlimit none;
    struct cancel second;
    bool ok;

    (void)state;
    getrlimit(RLIMIT_NOFILE, &saved);
    none = (struct rlimit){ .rlim_cur = 0, .rlim_max = saved.rlim_max };
    setrlimit(RLIMIT_NOFILE, &none);
    errno = 0;
    ok = cancel_init(&second);
    setrlimit(RLIMIT_NOFILE, &saved);
    assert_false(ok);
    assert_int_equal(errno, EMFILE);
}

static void test_cancel_init_item_follows_the_run(void **state)
{
    struct cancel item;

    (void)state;
    cancel_init_item(&item, &cancel);
    assert_false(cancel_stopping(&item));
    assert_false(cancel_abandoned(&item));
    cancel_stop(&cancel, GRACE_MS);
    assert_true(cancel_stopping(&item));
    assert_false(cancel_abandoned(&item));
    cancel_stop(&cancel, 0);
    assert_true(cancel_abandoned(&item));
}

static void test_cancel_set_deadline_abandons_the_item_alone(void **state)
{
    struct cancel item;
    struct cancel other;

    (void)state;
    cancel_init_item(&item, &cancel);
    cancel_init_item(&other, &cancel);
    cancel_set_deadline(&item, clock_monotonic_ms());
    assert_true(cancel_abandoned(&item));
    assert_false(cancel_stopping(&item));
    assert_false(cancel_sleep(&item, 0));
    assert_false(cancel_abandoned(&other));
    assert_false(cancel_abandoned(&cancel));
    assert_false(cancel_stopping(&cancel));
}

static void test_cancel_init_item_without_a_run_has_only_its_deadline(void **state)
{
    struct cancel item;

    (void)state;
    cancel_init_item(&item, NULL);
    assert_false(cancel_stopping(&item));
    assert_false(cancel_abandoned(&item));
    assert_true(cancel_sleep(&item, 1));
    cancel_set_deadline(&item, 1);
    assert_true(cancel_abandoned(&item));
    assert_false(cancel_sleep(&item, 1));
}

static void test_cancel_init_item_below_an_item_follows_both(void **state)
{
    struct cancel item;
    struct cancel inner;

    (void)state;
    cancel_init_item(&item, &cancel);
    cancel_init_item(&inner, &item);
    cancel_set_deadline(&inner, 1);
    assert_true(cancel_abandoned(&inner));
    assert_false(cancel_abandoned(&item));
    cancel_set_deadline(&inner, 0);
    cancel_set_deadline(&item, 1);
    assert_true(cancel_abandoned(&inner));
    cancel_set_deadline(&item, 0);
    assert_false(cancel_abandoned(&inner));
    cancel_stop(&cancel, 0);
    assert_true(cancel_stopping(&inner));
    assert_true(cancel_abandoned(&inner));
}

static void test_cancel_set_deadline_can_be_moved_and_taken_away(void **state)
{
    struct cancel item;

    (void)state;
    cancel_init_item(&item, &cancel);
    cancel_set_deadline(&item, 1);
    assert_true(cancel_abandoned(&item));
    cancel_set_deadline(&item, clock_monotonic_ms() + GRACE_MS);
    assert_false(cancel_abandoned(&item));
    cancel_set_deadline(&item, 0);
    assert_false(cancel_abandoned(&item));
}

/* Whichever of the two is earlier: milliseconds from now, 0 for none. */
static void test_cancel_sleep_of_an_item_ends_at_its_own_time_or_the_run_s(void **state)
{
    static const struct {
        const char *name;
        int64_t own_ms;
        int64_t run_ms;
        int64_t sleep_ms;
        bool slept;
    } cases[] = {
        { "neither", 0, 0, 10, true },
        { "own is too early", LONG_MS, 0, LONG_MS + 1, false },
        { "own leaves room", LONG_MS, 0, 10, true },
        { "run's is too early", 0, LONG_MS, LONG_MS + 1, false },
        { "run's leaves room", 0, LONG_MS, 10, true },
        { "own comes first", LONG_MS, GRACE_MS + GRACE_MS, LONG_MS + 1, false },
        { "run's comes first", GRACE_MS + GRACE_MS, LONG_MS, LONG_MS + 1, false },
        { "both leave room", GRACE_MS, GRACE_MS, 10, true },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        int64_t before = clock_monotonic_ms();
        struct cancel item;
        struct cancel run;

        assert_true(cancel_init(&run));
        cancel_init_item(&item, &run);
        if (cases[i].own_ms)
            cancel_set_deadline(&item, before + cases[i].own_ms);
        if (cases[i].run_ms)
            cancel_stop(&run, cases[i].run_ms);
        if (cancel_sleep(&item, cases[i].sleep_ms) != cases[i].slept)
            fail_msg("%s", cases[i].name);
        assert_true(clock_monotonic_ms() - before < LONG_MS / 2);
        cancel_release(&run);
    }
}

static void *sleep_long_as_item(void *slept)
{
    struct cancel item;

    cancel_init_item(&item, &cancel);
    cancel_set_deadline(&item, clock_monotonic_ms() + GRACE_MS);
    *(bool *)slept = cancel_sleep(&item, LONG_MS);
    return NULL;
}

static void test_cancel_stop_of_the_run_wakes_the_sleepers_of_items(void **state)
{
    (void)state;
    expect_to_wake(sleep_long_as_item);
}

#define WITH_CANCEL(test) cmocka_unit_test_setup_teardown(test, make_cancel, release_cancel)

static void test_cancel_init_after_abandons_later_than_the_run(void **state)
{
    struct cancel soon;
    struct cancel late;

    (void)state;
    cancel_init_after(&soon, &cancel, 0, 0);
    cancel_init_after(&late, &cancel, GRACE_MS, 0);
    cancel_stop(&cancel, 0);
    assert_true(cancel_abandoned(&soon));
    assert_true(cancel_stopping(&late));
    assert_false(cancel_abandoned(&late));
    assert_true(cancel_sleep(&late, 10));
    assert_false(cancel_sleep(&late, (int64_t)2 * GRACE_MS));
}

static void test_cancel_init_after_leaves_the_least_time_when_the_run_was_late(void **state)
{
    struct cancel after;

    (void)state;
    cancel_stop(&cancel, 0);
    cancel_init_after(&after, &cancel, 0, GRACE_MS);
    assert_true(cancel_abandoned(&cancel));
    assert_false(cancel_abandoned(&after));
    assert_true(cancel_sleep(&after, 10));
}

static void test_cancel_init_after_is_never_abandoned_while_nothing_stops(void **state)
{
    struct cancel after;

    (void)state;
    cancel_init_after(&after, &cancel, 0, 0);
    assert_false(cancel_stopping(&after));
    assert_false(cancel_abandoned(&after));
    assert_true(cancel_sleep(&after, 10));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_CANCEL(test_cancel_starts_without_a_wish_to_stop),
        WITH_CANCEL(test_cancel_stop_leaves_the_grace_time),
        WITH_CANCEL(test_cancel_stop_abandons_at_once_without_grace_time),
        WITH_CANCEL(test_cancel_stop_abandons_when_the_grace_time_is_over),
        WITH_CANCEL(test_cancel_stop_can_shorten_the_grace_time),
        WITH_CANCEL(test_cancel_stop_cannot_lengthen_the_grace_time),
        WITH_CANCEL(test_cancel_abandon_ends_the_grace_time),
        WITH_CANCEL(test_cancel_abandon_needs_no_stop_before_it),
        WITH_CANCEL(test_cancel_stop_leaves_errno_alone),
        cmocka_unit_test(test_cancel_accepts_null_as_never_stopping),
        WITH_CANCEL(test_cancel_sleep_sleeps_its_time),
        WITH_CANCEL(test_cancel_sleep_returns_at_once_when_abandoned),
        WITH_CANCEL(test_cancel_sleep_does_not_begin_what_the_grace_time_cannot_hold),
        WITH_CANCEL(test_cancel_sleep_goes_on_within_the_grace_time),
        WITH_CANCEL(test_cancel_stop_wakes_every_sleeper),
        WITH_CANCEL(test_cancel_abandon_wakes_a_sleeper_within_the_grace_time),
        WITH_CANCEL(test_cancel_stop_wakes_a_sleeper_when_it_shortens_the_grace_time),
        WITH_CANCEL(test_cancel_stop_wakes_a_sleeper_from_a_signal_handler),
        cmocka_unit_test(test_cancel_init_fails_when_no_descriptors_are_left),
        WITH_CANCEL(test_cancel_init_item_follows_the_run),
        WITH_CANCEL(test_cancel_set_deadline_abandons_the_item_alone),
        WITH_CANCEL(test_cancel_init_item_without_a_run_has_only_its_deadline),
        WITH_CANCEL(test_cancel_init_item_below_an_item_follows_both),
        WITH_CANCEL(test_cancel_set_deadline_can_be_moved_and_taken_away),
        cmocka_unit_test(test_cancel_sleep_of_an_item_ends_at_its_own_time_or_the_run_s),
        WITH_CANCEL(test_cancel_stop_of_the_run_wakes_the_sleepers_of_items),
        WITH_CANCEL(test_cancel_init_after_abandons_later_than_the_run),
        WITH_CANCEL(test_cancel_init_after_leaves_the_least_time_when_the_run_was_late),
        WITH_CANCEL(test_cancel_init_after_is_never_abandoned_while_nothing_stops),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
