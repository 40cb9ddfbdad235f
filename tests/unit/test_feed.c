/* SPDX-License-Identifier: MIT */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/log.h"
#include "base/memory.h"
#include "run/feed.h"
#include "scratch.h"

/* A source that gives these, in this order: a key, or "!" for a passing failure, "!!" for one that
 * ends the run, "?" for a list's entry that is no item. Keys ending in "0" have no bytes. */
struct scripted {
    struct item_source source; /* first: the two are cast into each other */
    const char *const *steps;
    size_t count;
    size_t at;
    struct cancel *stopped_at_end; /* abandoned with the last step; NULL: not */
};

static bool next(struct item_source *source, struct item *item, bool *found, struct error *err)
{
    struct scripted *self = (struct scripted *)source;
    const char *step = self->at < self->count ? self->steps[self->at] : NULL;

    *item = (struct item){ 0 };
    *found = step != NULL; /* also where it fails, as nobody may look then */
    self->at += step != NULL;
    if (self->stopped_at_end && self->at == self->count)
        cancel_stop(self->stopped_at_end, 0);
    if (!step)
        return true;
    if (strcmp(step, "!") == 0)
        return error_set(err, ERROR_OBJECT, "File.AccessDenied", "a closed folder");
    if (strcmp(step, "!!") == 0)
        return error_set(err, ERROR_LOCAL, "Avmap.OpenFilesLimit", "no descriptors");
    if (strcmp(step, "?") == 0) {
        item_set_problem(item, "list", 7, "it has no key");
        return true;
    }
    item->object.key = memory_copy_text(step);
    item->object.size = step[strlen(step) - 1] != '0';
    return true;
}

static void close_nothing(struct item_source *source)
{
    (void)source;
}

static struct cancel cancel;
static struct selection selection;
static struct record_run record_run = { "d0b38e10-30a5-4934-9ac6-a333df406947", "local" };
static struct run_order order;
static struct location place;
static struct plan_settings plan_settings;
static struct scripted scripted;
static struct dry_run dry_run;
static struct feed feed;
static struct error err;

static int set_up(void **state)
{
    const struct results_settings settings = { .place = &place,
                                               .run = &record_run,
                                               .folder = "",
                                               .format = RESULTS_JSON,
                                               .max_file_size = UINT64_MAX };

    if (scratch_make(state) != 0 || !cancel_init(&cancel) ||
        !location_parse(scratch_path(), &place, &err) ||
        !location_parse("/no/in", &order.source, &err) ||
        !location_parse("/no/out", &order.destination, &err))
        return -1;
    order.source_url = memory_copy_text("/no/in");
    order.destination_url = memory_copy_text("/no/out");
    plan_settings = (struct plan_settings){ .source = &order.source,
                                            .destination = &order.destination,
                                            .selection = &selection,
                                            .naming = { "{stem}", ".wav", false } };
    scripted = (struct scripted){ .source = { next, close_nothing } };
    dry_run = (struct dry_run){ 0 };
    err = (struct error){ 0 };
    feed = (struct feed){
        .source = &scripted.source,
        .source_url = "/no/in",
        .plan = plan_new(&plan_settings),
        .books = { &order.source, results_new(&settings), progress_start(PROGRESS_HIDDEN) },
        .cancel = &cancel,
    };
    log_set_level((enum log_level) - 1); /* nothing */
    return 0;
}

static int tear_down(void **state)
{
    dry_run_release(&dry_run);
    plan_free(feed.plan);
    results_free(feed.books.results);
    progress_stop(feed.books.progress);
    progress_free(feed.books.progress);
    location_release(&place);
    location_release(&order.source);
    location_release(&order.destination);
    free(order.source_url);
    free(order.destination_url);
    cancel_release(&cancel);
    return scratch_remove(state);
}

static bool rehearse(const char *const *steps, size_t count)
{
    scripted.steps = steps;
    scripted.count = count;
    return feed_dry_run(&feed, &order, &dry_run, &err);
}

#define REHEARSE(...)                                                                              \
    rehearse((const char *const[]){ __VA_ARGS__ },                                                 \
             sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(char *))

static struct progress_counts counts(void)
{
    return progress_read(feed.books.progress);
}

static void test_feed_picks_and_counts_what_is_listed(void **state)
{
    (void)state;
    assert_true(REHEARSE("a", "folder/", "empty0", "b", "?"));
    assert_int_equal(counts().total, 3);
    assert_int_equal(counts().folder_markers, 1);
    assert_int_equal(counts().empty_objects, 1);
    assert_true(counts().listing_complete);
    assert_int_equal(dry_run.name_count, 3);
    assert_int_equal(dry_run.failures, 1);
    assert_string_equal(dry_run.names[0], "/no/in/a -> /no/out/a.wav");
    assert_non_null(strstr(dry_run.names[2], "it has no key"));
}

static void test_feed_leaves_out_what_is_not_wanted_or_another_shard_s(void **state)
{
    (void)state;
    selection_add_pattern(&selection, false, "*.txt");
    plan_settings.shard = (struct shard){ 0, 2 };
    {
        uint64_t total;

        assert_true(REHEARSE("1", "2", "3", "4", "5", "6", "7", "8", "x.txt"));
        total = counts().total;
        assert_in_range(total, 1, 7);
        assert_true(counts().not_wanted <= 1);
        plan_settings.shard.index = 1;
        scripted.at = 0;
        assert_true(REHEARSE("1", "2", "3", "4", "5", "6", "7", "8", "x.txt"));
        assert_int_equal(counts().total, 8);
    }
    selection_release(&selection);
}

static void test_feed_ends_after_max_items_that_were_picked(void **state)
{
    (void)state;
    feed.max_items = 2;
    assert_true(REHEARSE("folder/", "a", "empty0", "b", "c", "!!"));
    assert_int_equal(counts().total, 2);
    assert_true(counts().listing_complete);
    assert_int_equal(scripted.at, 4);
}

static void test_feed_passes_over_what_cannot_be_read_where_that_may_be(void **state)
{
    (void)state;
    feed.skips_unreadable = true;
    assert_true(REHEARSE("a", "!", "!", "b", "!"));
    assert_int_equal(counts().total, 2);
    assert_int_equal(counts().unlisted, 3);
    assert_true(counts().listing_complete);
    assert_int_equal(err.kind, ERROR_NONE);
}

static void test_feed_fails_when_the_source_does(void **state)
{
    static const struct {
        const char *step;
        bool skips_unreadable;
        enum error_kind kind;
    } cases[] = {
        { "!", false, ERROR_OBJECT },
        { "!!", false, ERROR_LOCAL },
        { "!!", true, ERROR_LOCAL },
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        tear_down(state);
        assert_int_equal(set_up(state), 0);
        feed.skips_unreadable = cases[i].skips_unreadable;
        if (REHEARSE("a", cases[i].step, "b"))
            fail_msg("case %zu", i);
        assert_int_equal(err.kind, cases[i].kind);
        assert_memory_equal(err.text, "list /no/in: ", 13);
        assert_int_equal(counts().total, 1);
        assert_false(counts().listing_complete);
    }
}

/* After the first step of a stop PENDING is to be complete; after the second there is no time. */
static void test_feed_lists_on_until_it_is_abandoned(void **state)
{
    (void)state;
    cancel_stop(&cancel, 3600000);
    assert_true(REHEARSE("a", "b", "c"));
    assert_int_equal(counts().total, 3);
    assert_true(counts().listing_complete);
    cancel_stop(&cancel, 0);
    scripted.at = 0;
    assert_true(REHEARSE("a", "b", "c"));
    assert_int_equal(counts().total, 3);
    assert_int_equal(scripted.at, 0);
}

static void test_feed_cut_off_in_the_middle_is_not_complete_and_no_failure(void **state)
{
    (void)state;
    scripted.stopped_at_end = &cancel;
    assert_true(REHEARSE("a", "b", "!!"));
    assert_int_equal(counts().total, 2);
    assert_false(counts().listing_complete);
    assert_int_equal(err.kind, ERROR_NONE);
}

static void test_feed_takes_keys_of_any_bytes(void **state)
{
    char *longest = memory_new(65537, 1);

    (void)state;
    memset(longest, 'x', 65536);
    assert_true(
        REHEARSE("two\nlines", "100%s", "\xff\xfe", "..", "/", "/etc/passwd", "a//b", longest));
    assert_int_equal(counts().total + counts().folder_markers, 8);
    free(longest);
}

static void test_feed_takes_many_thousand_items(void **state)
{
    enum { COUNT = 20000 };

    const char **steps = memory_new(COUNT, sizeof(*steps));
    char(*names)[16] = memory_new(COUNT, sizeof(*names));

    (void)state;
    for (int i = 0; i < COUNT; i++) {
        snprintf(names[i], sizeof(names[i]), "%d.mp3", i % (COUNT / 2));
        steps[i] = names[i];
    }
    assert_true(rehearse(steps, COUNT));
    assert_int_equal(counts().total, COUNT);
    assert_int_equal(dry_run.failures, COUNT / 2); /* their names are taken */
    free(names);
    free(steps);
}

/* Workers whose run is stopped, so that each job they get is recorded as pending. */
static void test_feed_workers_passes_on_all_and_looks_at_what_was(void **state)
{
    static const char *const steps[] = { "a.mp3", "b.mp3", "a.ogg", "c.mp3", "?", "d\n%" };
    const struct backoff backoff = { .max_attempts = 1 };
    const struct failure_budget tolerance = FAILURE_BUDGET_NONE;
    struct budget budget;
    const struct job_tools tools = { .source = &place,
                                     .destination = &place,
                                     .backoff = &backoff,
                                     .cancel = &cancel,
                                     .books = feed.books };
    const struct workers_settings settings = { .tools = &tools,
                                               .budget = &budget,
                                               .cancel = &cancel,
                                               .failure_budget = &tolerance,
                                               .least = 2,
                                               .most = 2,
                                               .cpus = 1 };
    struct workers *workers;
    struct earlier_keys earlier;
    struct feed_aside aside = { 0 };
    bool seen;

    (void)state;
    budget_init(&budget, 1000);
    earlier_keys_init(&earlier);
    feed.earlier = &earlier;
    assert_true(name_set_add(earlier.done, "b.mp3", &seen, &err));
    assert_true(name_set_add(earlier.done, "d\n%", &seen, &err));
    assert_true(name_set_add(earlier.suspect, "b.mp3", &seen, &err));
    assert_true(name_set_add(earlier.suspect, "a.mp3", &seen, &err));
    assert_true(name_set_add(earlier.suspect, "c.mp3", &seen, &err));
    assert_true(name_set_add(earlier.crashes, "c.mp3", &seen, &err));
    cancel_stop(&cancel, 3600000);
    workers = workers_start(&settings, &err);
    assert_non_null(workers);
    scripted.steps = steps;
    scripted.count = sizeof(steps) / sizeof(steps[0]);
    if (!feed_workers(&feed, workers, &aside, &err))
        fail_msg("%s", err.text);
    assert_int_equal(aside.count, 2);
    assert_string_equal(aside.jobs[0]->item.object.key, "a.mp3");
    assert_string_equal(aside.jobs[1]->item.object.key, "b.mp3"); /* also when made anew */
    feed_workers_aside(&aside, workers);
    assert_int_equal(aside.count, 0);
    earlier_keys_release(&earlier);
    assert_true(workers_finish(workers, &err));
    workers_free(workers);
    assert_int_equal(counts().total, 6);
    assert_int_equal(counts().kept, 2);
    assert_int_equal(counts().by_outcome[OUTCOME_SUCCEEDED], 2);
    assert_int_equal(counts().by_outcome[OUTCOME_PENDING], 1);
    assert_int_equal(counts().by_outcome[OUTCOME_FAILED], 3); /* a name taken, no item, a crash */
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_feed_picks_and_counts_what_is_listed),
        TEST(test_feed_leaves_out_what_is_not_wanted_or_another_shard_s),
        TEST(test_feed_ends_after_max_items_that_were_picked),
        TEST(test_feed_passes_over_what_cannot_be_read_where_that_may_be),
        TEST(test_feed_fails_when_the_source_does),
        TEST(test_feed_lists_on_until_it_is_abandoned),
        TEST(test_feed_cut_off_in_the_middle_is_not_complete_and_no_failure),
        TEST(test_feed_takes_keys_of_any_bytes),
        TEST(test_feed_takes_many_thousand_items),
        TEST(test_feed_workers_passes_on_all_and_looks_at_what_was),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
