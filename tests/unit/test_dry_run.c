/* SPDX-License-Identifier: MIT */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "run/dry_run.h"

static struct run_order order;
static struct progress_counts counts;
static struct dry_run dry_run;
static struct error err;

static void start(const char *from, const char *to)
{
    order = (struct run_order){ 0 };
    counts = (struct progress_counts){ 0 };
    assert_true(location_parse(from, &order.source, &err));
    assert_true(location_parse(to, &order.destination, &err));
    order.source_url = memory_copy_text(from);
    order.destination_url = memory_copy_text(to);
}

static void end(void)
{
    dry_run_release(&dry_run);
    location_release(&order.source);
    location_release(&order.destination);
    free(order.source_url);
    free(order.destination_url);
}

static void add(const char *key, uint64_t size, const struct error *failure)
{
    struct job job = { 0 };

    counts.total++;
    job.item.object.key = memory_copy_text(key);
    job.item.object.size = size;
    job.key = failure ? NULL : memory_format("%s.wav", key);
    dry_run_add(&dry_run, &order, &job, failure);
    item_release(&job.item);
    free(job.key);
}

static void check_text(const char *expected)
{
    char *text = dry_run_text(&dry_run, &order, &counts);

    assert_string_equal(text, expected);
    free(text);
}

static void check_holds(const char *part)
{
    char *text = dry_run_text(&dry_run, &order, &counts);

    if (!strstr(text, part))
        fail_msg("\"%s\" is not in\n%s", part, text);
    free(text);
}

static void test_dry_run_text_sums_up_a_run_between_folders(void **state)
{
    (void)state;
    start("/no/in", "/no/out");
    counts.folder_markers = 1;
    counts.empty_objects = 2;
    counts.not_wanted = 3;
    add("a/b c.mp3", 1000, NULL);
    add("d", 24, NULL);
    check_text("would transcode 2 objects, 1.0 KiB, from /no/in to /no/out\n"
               "skipped: 1 folder markers, 2 empty, 3 not selected\n"
               "  /no/in/a/b c.mp3 -> /no/out/a/b c.mp3.wav\n"
               "  /no/in/d -> /no/out/d.wav\n");
    end();
}

static void test_dry_run_text_of_nothing(void **state)
{
    (void)state;
    start("/no/in", "/no/out");
    check_text("would transcode 0 objects, 0 B, from /no/in to /no/out\n"
               "skipped: 0 folder markers, 0 empty, 0 not selected\n");
    end();
}

/* 1000 keys a LIST; only what is in S3 costs requests. */
static void test_dry_run_text_counts_requests(void **state)
{
    static const struct {
        const char *from;
        const char *to;
        enum items_format items;
        const char *requests; /* NULL: none are named */
    } cases[] = {
        { "s3://in/", "s3://out/", ITEMS_LISTED,
          "requests: 3 LIST, 2000 GET, 0 HEAD, 2000 PUT, about 0.0108 USD" },
        { "s3://in/", "/no/out", ITEMS_LISTED,
          "requests: 3 LIST, 2000 GET, 0 HEAD, 0 PUT, about 0.0008 USD" },
        { "/no/in", "s3://out/", ITEMS_LISTED,
          "requests: 0 LIST, 0 GET, 0 HEAD, 2000 PUT, about 0.0100 USD" },
        { "s3://in/", "s3://out/", ITEMS_CSV, "requests: 0 LIST, 2000 GET, 0 HEAD, 2000 PUT" },
        { "/no/in", "/no/out", ITEMS_LISTED, NULL },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        start(cases[i].from, cases[i].to);
        order.items = cases[i].items;
        counts.not_wanted = 100;
        for (int item = 0; item < 2000; item++)
            add("a", 1, NULL);
        if (cases[i].requests) {
            check_holds(cases[i].requests);
        } else {
            char *text = dry_run_text(&dry_run, &order, &counts);

            assert_null(strstr(text, "requests"));
            free(text);
        }
        end();
    }
}

static void test_dry_run_says_that_it_looks_for_no_results(void **state)
{
    (void)state;
    start("s3://in/", "s3://out/");
    dry_run.asks = true;
    for (int item = 0; item < 2000; item++)
        add("a", 1, NULL);
    check_holds("\nnot looked for: results that are there already");
    check_holds("2000 GET, 2000 HEAD, 2000 PUT, about 0.0116 USD");
    end();
}

/* A list of this machine may name objects in S3, and not say of what size and version they are. */
static void test_dry_run_text_counts_what_a_list_asks_for(void **state)
{
    struct job job = { .key = memory_copy_text("a.wav") };

    (void)state;
    start("/no/lists", "s3://out/");
    order.items = ITEMS_CSV;
    dry_run.asks = true;
    job.item.object = (struct object){ .key = memory_copy_text("a"),
                                       .bucket = memory_copy_text("in"),
                                       .size_unknown = true,
                                       .needs_look_up = true };
    counts.total++;
    dry_run_add(&dry_run, &order, &job, NULL);
    check_holds("would transcode 1 objects, of unknown size, from");
    check_holds("requests: 0 LIST, 1 GET, 2 HEAD, 1 PUT, about");
    add("b", 1024, NULL);
    check_holds("would transcode 2 objects, at least 1.0 KiB (1 of unknown size), from");
    check_holds("requests: 0 LIST, 1 GET, 3 HEAD, 2 PUT, about");
    item_release(&job.item);
    free(job.key);
    end();
}

static void test_dry_run_names_the_first_items_only(void **state)
{
    (void)state;
    start("/no/in", "s3://out/p/");
    for (int i = 0; i < 3000; i++) {
        char key[16];

        snprintf(key, sizeof(key), "%d", i);
        add(key, UINT64_C(1) << 30, NULL);
    }
    assert_int_equal(dry_run.name_count, DRY_RUN_NAMES);
    check_holds("would transcode 3000 objects, 2.9 TiB, from");
    check_holds("  /no/in/9 -> s3://out/9.wav\n  and 2990 more\n");
    end();
}

static void test_dry_run_counts_items_that_would_fail(void **state)
{
    struct error failure;

    (void)state;
    start("/no/in", "/no/out");
    error_set(&failure, ERROR_OBJECT, "Avmap.BadFileName", "not a name");
    add("a", 100, &failure);
    add("b", 1, NULL);
    check_text("would transcode 1 objects, 1 B, from /no/in to /no/out\n"
               "skipped: 0 folder markers, 0 empty, 0 not selected\n"
               "would fail for their names: 1\n"
               "  /no/in/a -> fails: not a name\n"
               "  /no/in/b -> /no/out/b.wav\n");
    end();
}

static void test_dry_run_names_what_a_list_has_instead_of_an_item(void **state)
{
    struct job job = { 0 };
    struct error failure;

    (void)state;
    start("/no/in", "/no/out");
    counts.total = 1;
    item_set_problem(&job.item, "list.csv", 7, "it has no key");
    error_set(&failure, ERROR_OBJECT, "Avmap.BadItem", "it has no key");
    dry_run_add(&dry_run, &order, &job, &failure);
    item_release(&job.item);
    check_holds("  list.csv:7 -> fails: it has no key\n");
    end();
}

/* Keys are anybody's; on a terminal each stays one harmless line. */
static void test_dry_run_shows_keys_of_any_bytes(void **state)
{
    static const struct {
        const char *key;
        const char *shown;
    } cases[] = {
        { "two\nlines", "two\\x0alines" },
        { "\033]0;title\007", "\\x1b]0;title\\x07" },
        { "\xff\xc2\x9b", "\\xff\\xc2\\x9b" },
        { "100% %s %n", "100% %s %n" },
        { "\xc3\xa9", "\xc3\xa9" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char *line =
            memory_format("\n  /no/in/%s -> s3://out/%s.wav\n", cases[i].shown, cases[i].shown);

        start("/no/in", "s3://out/");
        add(cases[i].key, 1, NULL);
        check_holds(line);
        end();
        free(line);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_dry_run_text_sums_up_a_run_between_folders),
        cmocka_unit_test(test_dry_run_text_of_nothing),
        cmocka_unit_test(test_dry_run_text_counts_requests),
        cmocka_unit_test(test_dry_run_says_that_it_looks_for_no_results),
        cmocka_unit_test(test_dry_run_names_the_first_items_only),
        cmocka_unit_test(test_dry_run_counts_items_that_would_fail),
        cmocka_unit_test(test_dry_run_names_what_a_list_has_instead_of_an_item),
        cmocka_unit_test(test_dry_run_shows_keys_of_any_bytes),
        cmocka_unit_test(test_dry_run_text_counts_what_a_list_asks_for),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
