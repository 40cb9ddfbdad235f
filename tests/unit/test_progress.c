/* SPDX-License-Identifier: MIT */

#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/cancel.h"
#include "base/clock.h"
#include "run/progress.h"
#include "scratch.h"

/* stderr, where the display goes, is a file of the scratch folder in these tests. */
static int saved;

static int catch_stderr(void **state)
{
    int file;

    if (scratch_make(state) != 0)
        return -1;
    file = openat(scratch_root(), "shown", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    saved = dup(STDERR_FILENO);
    dup2(file, STDERR_FILENO);
    return close(file);
}

static int release_stderr(void **state)
{
    dup2(saved, STDERR_FILENO);
    close(saved);
    return scratch_remove(state);
}

static void test_progress_read_tells_what_was_counted(void **state)
{
    struct progress *progress = progress_start(PROGRESS_HIDDEN);
    struct progress_counts counts = progress_read(progress);

    (void)state;
    assert_int_equal(counts.total, 0);
    assert_false(counts.listing_complete);
    for (int i = 0; i < 6; i++)
        progress_listed(progress);
    progress_folder_marker(progress);
    progress_empty_object(progress);
    progress_empty_object(progress);
    for (int i = 0; i < 3; i++)
        progress_not_wanted(progress);
    progress_listing_complete(progress);
    progress_succeeded(progress, 10, 100, 1000000);
    progress_succeeded(progress, UINT64_C(5) << 40, 1, -1); /* a duration nobody knows */
    progress_ended(progress, OUTCOME_FAILED);
    progress_ended(progress, OUTCOME_TIMED_OUT);
    progress_ended(progress, OUTCOME_ABORTED);
    progress_ended(progress, OUTCOME_PENDING);
    (void)cancel_sleep(NULL, 20);
    counts = progress_read(progress);
    assert_int_equal(counts.total, 6);
    assert_int_equal(counts.folder_markers, 1);
    assert_int_equal(counts.empty_objects, 2);
    assert_int_equal(counts.not_wanted, 3);
    assert_true(counts.listing_complete);
    assert_int_equal(counts.by_outcome[OUTCOME_SUCCEEDED], 2);
    for (int outcome = OUTCOME_FAILED; outcome <= OUTCOME_PENDING; outcome++)
        assert_int_equal(counts.by_outcome[outcome], 1);
    assert_true(counts.bytes_in == (UINT64_C(5) << 40) + 10);
    assert_int_equal(counts.bytes_out, 101);
    assert_int_equal(counts.media_us, 1000000);
    assert_true(counts.seconds >= 0.02 && counts.seconds < 60);
    progress_stop(progress);
    progress_free(progress);
    progress_free(NULL);
}

static void test_progress_shows_nothing_when_hidden(void **state)
{
    struct progress *progress = progress_start(PROGRESS_HIDDEN);
    char *shown;

    (void)state;
    progress_listed(progress);
    progress_stop(progress);
    progress_free(progress);
    shown = scratch_read("shown");
    assert_string_equal(shown, "");
    free(shown);
}

/* Waits until text is shown. */
static void wait_for(const char *text)
{
    int64_t end_ms = clock_monotonic_ms() + 20000;

    for (;;) {
        char *shown = scratch_read("shown");
        bool found = strstr(shown, text) != NULL;

        if (!found && clock_monotonic_ms() > end_ms)
            fail_msg("\"%s\" is not in: %s", text, shown);
        free(shown);
        if (found)
            return;
        (void)cancel_sleep(NULL, 10);
    }
}

static void test_progress_shows_the_counts_in_a_status_line(void **state)
{
    struct progress *progress = progress_start(PROGRESS_STATUS);
    char *shown;

    (void)state;
    for (int i = 0; i < 4; i++)
        progress_listed(progress);
    progress_folder_marker(progress);
    progress_empty_object(progress);
    progress_not_wanted(progress);
    progress_succeeded(progress, 1536, 3 << 20, 5000000);
    progress_ended(progress, OUTCOME_TIMED_OUT);
    wait_for("2/4+ done, 1 failed, 2 skipped, ");
    wait_for("x real time, in 1.5 KiB, out 3.0 MiB");
    progress_listing_complete(progress);
    wait_for("2/4 done, ");
    wait_for("2 skipped, ETA 0:0");
    progress_stop(progress);
    shown = scratch_read("shown");
    assert_true(strlen(shown) > 4);
    assert_string_equal(shown + strlen(shown) - 4, "\r\033[K"); /* it is taken away */
    free(shown);
    progress_free(progress);
}

static void test_progress_stop_does_not_wait_for_the_next_line(void **state)
{
    int64_t begin_ms = clock_monotonic_ms();

    (void)state;
    for (int i = 0; i < 10; i++) {
        struct progress *progress = progress_start(i % 2 ? PROGRESS_LINES : PROGRESS_STATUS);

        if (i % 3 == 0)
            (void)cancel_sleep(NULL, 50); /* it is surely waiting then */
        progress_stop(progress);
        progress_free(progress);
    }
    assert_true(clock_monotonic_ms() - begin_ms < 5000);
}

enum { THREADS = 8, ITEMS = 2000 };

static void *work(void *progress)
{
    for (int i = 0; i < ITEMS; i++) {
        progress_listed(progress);
        if (i % 2)
            progress_succeeded(progress, 1, 2, 3);
        else
            progress_ended(progress, OUTCOME_FAILED);
        if (progress_read(progress).by_outcome[OUTCOME_FAILED] == 0)
            return NULL;
    }
    return progress;
}

static void test_progress_counts_from_many_threads(void **state)
{
    struct progress *progress = progress_start(PROGRESS_STATUS);
    struct progress_counts counts;
    pthread_t threads[THREADS];

    (void)state;
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, work, progress), 0);
    for (int i = 0; i < THREADS; i++) {
        void *done;

        pthread_join(threads[i], &done);
        assert_ptr_equal(done, progress);
    }
    counts = progress_read(progress);
    assert_int_equal(counts.total, THREADS * ITEMS);
    assert_int_equal(counts.by_outcome[OUTCOME_SUCCEEDED], THREADS * ITEMS / 2);
    assert_int_equal(counts.by_outcome[OUTCOME_FAILED], THREADS * ITEMS / 2);
    assert_int_equal(counts.bytes_out, THREADS * ITEMS);
    progress_stop(progress);
    progress_free(progress);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, catch_stderr, release_stderr)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_progress_read_tells_what_was_counted),
        TEST(test_progress_shows_nothing_when_hidden),
        TEST(test_progress_shows_the_counts_in_a_status_line),
        TEST(test_progress_stop_does_not_wait_for_the_next_line),
        TEST(test_progress_counts_from_many_threads),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
