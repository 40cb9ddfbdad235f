/* SPDX-License-Identifier: MIT */

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/memory.h"
#include "media/libav.h"
#include "run/workers.h"
#include "scratch.h"

/* A run's surroundings: sources in "in", results in "out", records beside them. */
static struct location source;
static struct location destination;
static struct location place;
static struct record_run record_run = { "d0b38e10-30a5-4934-9ac6-a333df406947", "local" };
static struct backoff backoff = { .max_attempts = 1 };
static struct existing existing = { .rule = IF_EXISTS_OVERWRITE };
static struct failure_budget tolerance;
static struct cancel cancel;
static struct budget budget;
static struct job_tools tools;
static struct workers_settings settings;
static struct recipe *recipe;
static struct error err;

static void parse_below(const char *key, struct location *location)
{
    char *path = memory_format("%s/%s", scratch_path(), key);

    scratch_folder(key);
    assert_true(location_parse(path, location, &err));
    free(path);
}

static int set_up(void **state)
{
    const struct results_settings books = { .place = &place,
                                            .run = &record_run,
                                            .folder = "",
                                            .format = RESULTS_JSON,
                                            .max_file_size = UINT64_MAX };

    if (scratch_make(state) != 0)
        return -1;
    parse_below("in", &source);
    parse_below("out", &destination);
    parse_below("records", &place);
    assert_true(cancel_init(&cancel));
    budget_init(&budget, UINT64_C(64) << 20);
    recipe = recipe_parse(&(struct recipe_words){ 0 }, &err);
    assert_non_null(recipe);
    tolerance = (struct failure_budget)FAILURE_BUDGET_NONE;
    tools = (struct job_tools){
        .recipe = recipe,
        .source = &source,
        .destination = &destination,
        .existing = &existing,
        .backoff = &backoff,
        .cancel = &cancel,
        .gate = gate_new(2),
        .books = { &source, results_new(&books), progress_start(PROGRESS_HIDDEN) },
    };
    settings = (struct workers_settings){
        .tools = &tools,
        .budget = &budget,
        .cancel = &cancel,
        .failure_budget = &tolerance,
        .least = 4,
        .most = 4,
        .cpus = 2,
    };
    return 0;
}

static int tear_down(void **state)
{
    progress_stop(tools.books.progress);
    progress_free(tools.books.progress);
    results_free(tools.books.results);
    gate_free(tools.gate);
    recipe_free(recipe);
    cancel_release(&cancel);
    location_release(&source);
    location_release(&destination);
    location_release(&place);
    return scratch_remove(state);
}

/* A tenth of a second of silence. */
static void make_sound(const char *key)
{
    static const uint8_t head[44] = {
        'R', 'I', 'F', 'F', 0x64, 0x06, 0,   0,   'W', 'A',  'V',  'E',  'f', 'm',  't',
        ' ', 16,  0,   0,   0,    1,    0,   1,   0,   0x40, 0x1f, 0,    0,   0x80, 0x3e,
        0,   0,   2,   0,   0x10, 0,    'd', 'a', 't', 'a',  0x40, 0x06, 0,   0,
    };
    uint8_t bytes[44 + 1600] = { 0 };

    memcpy(bytes, head, sizeof(head));
    scratch_bytes(key, bytes, sizeof(bytes));
}

/* The job of one file below "in". */
static struct job *job_of(const char *key, uint64_t index)
{
    struct job *job = memory_new(1, sizeof(*job));
    char *path = memory_format("in/%s", key);
    struct stat status = { 0 };

    (void)fstatat(scratch_root(), path, &status, 0);
    job->item.index = index;
    job->item.object.key = memory_copy_text(key);
    job->item.object.size = (uint64_t)status.st_size;
    job->item.object.modified_ms =
        (int64_t)status.st_mtim.tv_sec * 1000 + status.st_mtim.tv_nsec / 1000000;
    job->key = memory_format("%s.wav", key);
    free(path);
    return job;
}

static struct workers *start(void)
{
    struct workers *workers = workers_start(&settings, &err);

    if (!workers)
        fail_msg("%s", err.text);
    return workers;
}

static void push(struct workers *workers, const char *key, uint64_t index)
{
    progress_listed(tools.books.progress);
    workers_push(workers, job_of(key, index));
}

static uint64_t outcome(enum outcome kind)
{
    return progress_read(tools.books.progress).by_outcome[kind];
}

static uint64_t peak_in_flight(void)
{
    return progress_read(tools.books.progress).peak_in_flight;
}

static void test_workers_carry_every_job_to_its_result(void **state)
{
    enum { COUNT = 50 };
    struct workers *workers;

    (void)state;
    for (int i = 0; i < COUNT; i++) {
        char key[32];

        snprintf(key, sizeof(key), "in/%d/a.wav", i);
        make_sound(key);
    }
    workers = start();
    for (int i = 0; i < COUNT; i++) {
        char key[32];

        snprintf(key, sizeof(key), "%d/a.wav", i);
        push(workers, key, (uint64_t)i);
    }
    if (!workers_finish(workers, &err))
        fail_msg("%s", err.text);
    workers_free(workers);
    assert_int_equal(outcome(OUTCOME_SUCCEEDED), COUNT);
    for (int i = 0; i < COUNT; i++) {
        char key[32];

        snprintf(key, sizeof(key), "out/%d/a.wav.wav", i);
        if (!scratch_exists(key))
            fail_msg("%s", key);
    }
    assert_true(atomic_load(&budget.left_bytes) == UINT64_C(64) << 20);
}

static void test_workers_go_on_after_items_that_fail(void **state)
{
    struct workers *workers;
    struct job *changed;

    (void)state;
    make_sound("in/good.wav");
    make_sound("in/changed.wav");
    scratch_file("in/text.wav", "this is no sound");
    scratch_folder("in/folder");
    changed = job_of("changed.wav", 3);
    changed->item.object.size++;
    settings.least = settings.most = 1;
    workers = start();
    push(workers, "nowhere.wav", 0);
    push(workers, "text.wav", 1);
    push(workers, "folder", 2);
    progress_listed(tools.books.progress);
    workers_push(workers, changed);
    push(workers, "../out/x", 4);
    push(workers, "good.wav", 5);
    assert_true(workers_finish(workers, &err));
    workers_free(workers);
    assert_int_equal(outcome(OUTCOME_FAILED), 5);
    assert_int_equal(outcome(OUTCOME_SUCCEEDED), 1);
    assert_int_equal(scratch_count("out"), 1);
}

static void test_workers_become_more_while_a_cpu_is_idle(void **state)
{
    enum { COUNT = 200 };
    struct workers *workers;

    (void)state;
    settings.least = 1;
    settings.most = 5;
    make_sound("in/a.wav");
    workers = start();
    for (uint64_t i = 0; i < COUNT; i++)
        push(workers, "a.wav", i);
    assert_true(workers_finish(workers, &err));
    workers_free(workers);
    assert_in_range(peak_in_flight(), 2, 5);
    assert_int_equal(outcome(OUTCOME_SUCCEEDED), COUNT);
}

static void test_workers_stay_few_when_memory_is_short(void **state)
{
    enum { COUNT = 200 };
    struct workers *workers;

    (void)state;
    settings.least = 1;
    settings.most = 5;
    make_sound("in/a.wav");
    assert_true(budget_take(&budget, budget.total_bytes));
    workers = start();
    for (uint64_t i = 0; i < COUNT; i++)
        push(workers, "a.wav", i);
    assert_true(workers_finish(workers, &err));
    workers_free(workers);
    assert_int_equal(peak_in_flight(), 1);
    budget_give(&budget, budget.total_bytes);
    assert_int_equal(outcome(OUTCOME_SUCCEEDED), COUNT);
}

static void test_workers_leave_jobs_pending_after_a_stop(void **state)
{
    struct workers *workers;

    (void)state;
    make_sound("in/a.wav");
    workers = start();
    cancel_stop(&cancel, 10000);
    for (uint64_t i = 0; i < 30; i++)
        push(workers, "a.wav", i);
    assert_true(workers_finish(workers, &err));
    workers_free(workers);
    assert_int_equal(outcome(OUTCOME_PENDING), 30);
    assert_int_equal(scratch_count("out"), 0);
}

static void test_workers_end_the_run_when_nothing_else_can_work(void **state)
{
    char *before = memory_copy_text(getenv("TMPDIR"));
    struct workers *workers;
    bool ok;

    (void)state;
    make_sound("in/a.wav");
    budget_init(&budget, 0);
    workers = start();
    setenv("TMPDIR", "/nowhere/at/all", 1); /* no memory and no disk */
    for (uint64_t i = 0; i < 30; i++)
        push(workers, "a.wav", i);
    ok = workers_finish(workers, &err);
    if (before)
        setenv("TMPDIR", before, 1);
    else
        unsetenv("TMPDIR");
    free(before);
    workers_free(workers);
    assert_false(ok);
    assert_int_equal(err.kind, ERROR_LOCAL);
    assert_true(cancel_stopping(&cancel));
    assert_int_equal(outcome(OUTCOME_PENDING), 30);
}

static void test_workers_end_the_run_when_too_many_items_fail(void **state)
{
    struct workers *workers;

    (void)state;
    tolerance.count = 3;
    settings.least = settings.most = 1;
    workers = start();
    for (uint64_t i = 0; i < 30; i++)
        push(workers, "nowhere", i);
    assert_false(workers_finish(workers, &err));
    workers_free(workers);
    assert_int_equal(err.kind, ERROR_TOLERANCE);
    assert_int_equal(outcome(OUTCOME_FAILED), 4);
    assert_int_equal(outcome(OUTCOME_PENDING), 26);
}

static void test_workers_start_fails_when_its_places_or_descriptors_are_missing(void **state)
{
    struct location nowhere;
    struct rlimit before;
    struct rlimit few;
    struct workers *workers;
    int lowest = dup(0);

    (void)state;
    close(lowest);
    assert_true(location_parse("/nowhere/at/all", &nowhere, &err));
    tools.source = &nowhere;
    assert_null(workers_start(&settings, &err));
    assert_int_equal(err.kind, ERROR_LOCAL);
    location_release(&nowhere);
    tools.source = &source;
    settings.least = settings.most = 64;
    getrlimit(RLIMIT_NOFILE, &before);
    few = (struct rlimit){ .rlim_cur = (rlim_t)lowest + 9, .rlim_max = before.rlim_max };
    setrlimit(RLIMIT_NOFILE, &few);
    workers = workers_start(&settings, &err);
    setrlimit(RLIMIT_NOFILE, &before);
    assert_null(workers);
    assert_int_equal(err.kind, ERROR_LOCAL);
    assert_string_equal(err.word, "Avmap.OpenFilesLimit");
    assert_int_equal(dup(0), lowest);
    close(lowest);
    workers_free(NULL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_workers_carry_every_job_to_its_result),
        TEST(test_workers_go_on_after_items_that_fail),
        TEST(test_workers_become_more_while_a_cpu_is_idle),
        TEST(test_workers_stay_few_when_memory_is_short),
        TEST(test_workers_leave_jobs_pending_after_a_stop),
        TEST(test_workers_end_the_run_when_nothing_else_can_work),
        TEST(test_workers_end_the_run_when_too_many_items_fail),
        TEST(test_workers_start_fails_when_its_places_or_descriptors_are_missing),
    };

    libav_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
