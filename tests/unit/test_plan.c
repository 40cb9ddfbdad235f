/* SPDX-License-Identifier: MIT */

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "run/plan.h"

static struct location source;
static struct location destination;
static struct selection selection;
static struct plan_settings settings;
static struct error err;

static void start(const char *from, const char *to, const char *template, const char *suffix)
{
    assert_true(location_parse(from, &source, &err));
    assert_true(location_parse(to, &destination, &err));
    settings = (struct plan_settings){ .source = &source,
                                       .destination = &destination,
                                       .selection = &selection,
                                       .naming = { template, suffix, false } };
}

static void end(void)
{
    location_release(&source);
    location_release(&destination);
}

static struct job *job_of(const char *key)
{
    struct job *job = memory_new(1, sizeof(*job));

    job->item.object.key = memory_copy_text(key);
    job->item.object.size = 1;
    return job;
}

/* The result's key, or the error's word. */
static char *plan_one(struct plan *plan, const char *key)
{
    struct job *job = job_of(key);
    char *result;

    if (plan_job(plan, job, &err)) {
        result = memory_copy_text(job->key);
    } else {
        assert_int_equal(err.kind, ERROR_OBJECT);
        result = memory_copy_text(err.word);
    }
    job_free(job);
    return result;
}

static void test_plan_job_names_the_result(void **state)
{
    static const struct {
        const char *from;
        const char *to;
        const char *key;
        const char *result;
    } cases[] = {
        { "s3://input/", "s3://out/", "a/b.mp3", "a/b.mp3.wav" },
        { "s3://input/media/", "s3://out/wav/", "media/a/b.mp3", "wav/a/b.mp3.wav" },
        { "s3://input/media/fol", "s3://out/", "media/folder1/x", "folder1/x.wav" },
        { "s3://input/media", "s3://out/", "media/x", "media/x.wav" },
        { "s3://input/media/x.mp3", "s3://out/", "media/x.mp3", "x.mp3.wav" },
        { "s3://input/", "s3://out/", "/a//b/../c", "/a//b/../c.wav" },
        { "s3://input/", "s3://out/", "a\xff", "Avmap.BadFileName" },
        { "s3://input/a/", "/no", "a/b c/\x01.mp3", "b c/\x01.mp3.wav" },
        { "s3://input/", "/no", "../../etc/passwd", "Avmap.BadFileName" },
        { "s3://input/", "/no", "/etc/passwd", "Avmap.BadFileName" },
        { "s3://input/a/", "/no", "a//b", "Avmap.BadFileName" },
        { "s3://input/", "/no", "a/./b", "Avmap.BadFileName" },
        { "/no/in", "/no/out", "a/\xff.mp3", "a/\xff.mp3.wav" },
        { "/no/in", "s3://out/", "a/\xff.mp3", "Avmap.BadFileName" },
        { "/no/in", "s3://out/p/", "\xc3\xa9 +&.mp3", "p/\xc3\xa9 +&.mp3.wav" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct plan *plan;
        char *result;

        start(cases[i].from, cases[i].to, "{path}", ".wav");
        plan = plan_new(&settings);
        result = plan_one(plan, cases[i].key);
        if (strcmp(result, cases[i].result) != 0)
            fail_msg("%s, %s, %s: %s", cases[i].from, cases[i].to, cases[i].key, result);
        free(result);
        plan_free(plan);
        end();
    }
}

static void test_plan_job_refuses_names_that_get_too_long(void **state)
{
    static const struct {
        const char *to;
        size_t length; /* of the item's name */
        bool ok;       /* with four bytes of suffix */
    } cases[] = {
        { "/no", 251, true },         { "/no", 252, false },         { "s3://out/", 1020, true },
        { "s3://out/", 1021, false }, { "s3://out/p/", 1018, true }, { "s3://out/p/", 1019, false },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char *key = memory_new(cases[i].length + 1, 1);
        struct plan *plan;
        char *result;

        memset(key, 'k', cases[i].length);
        start("s3://input/", cases[i].to, "{path}", ".wav");
        plan = plan_new(&settings);
        result = plan_one(plan, key);
        if ((strcmp(result, "Avmap.BadFileName") != 0) != cases[i].ok)
            fail_msg("%s, %zu: %s", cases[i].to, cases[i].length, result);
        free(result);
        free(key);
        plan_free(plan);
        end();
    }
}

static void test_plan_job_numbers_the_items(void **state)
{
    struct plan *plan;

    (void)state;
    start("s3://input/", "s3://out/", "{index}", "");
    plan = plan_new(&settings);
    for (uint64_t i = 0; i < 3; i++) {
        struct job *job = job_of("x");

        assert_true(plan_job(plan, job, &err));
        assert_int_equal(job->item.index, i);
        assert_int_equal(job->key[0], '0' + (char)i);
        job_free(job);
    }
    plan_free(plan);
    plan_free(NULL);
    end();
}

static void test_plan_job_refuses_the_second_item_of_a_name(void **state)
{
    static const char *const keys[][2] = {
        { "a/x.mp3", "a/x" }, { "a/x.wav", "Avmap.NameCollision" },
        { "b/x.mp3", "b/x" }, { "a/x.ogg", "Avmap.NameCollision" },
        { "a/y.mp3", "a/y" },
    };
    struct plan *plan;

    (void)state;
    start("s3://input/", "s3://out/", "{dir}/{stem}", "");
    plan = plan_new(&settings);
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        char *result = plan_one(plan, keys[i][0]);

        if (strcmp(result, keys[i][1]) != 0)
            fail_msg("%s: %s", keys[i][0], result);
        free(result);
    }
    plan_free(plan);
    end();
}

static void test_plan_judge_keeps_the_name_of_an_item_elsewhere(void **state)
{
    struct plan *plan;
    struct job *other;
    char *result;

    (void)state;
    start("s3://input/", "s3://out/", "{stem}-{index}", "");
    settings.keeps_index = true;
    plan = plan_new(&settings);
    other = job_of("a/x.mp3");
    other->item.elsewhere = other->item.indexed = true;
    other->item.index = 5;
    assert_int_equal(plan_judge(plan, &other->item), SELECTION_OTHER_SHARD);
    job_free(other);
    result = plan_one(plan, "x-5.mp3");
    assert_string_equal(result, "Avmap.BadItem"); /* it has no number */
    free(result);
    plan_free(plan);
    settings.keeps_index = false;
    settings.naming.template = "{stem}";
    plan = plan_new(&settings);
    other = job_of("a/x.mp3");
    other->item.elsewhere = true;
    assert_int_equal(plan_judge(plan, &other->item), SELECTION_OTHER_SHARD);
    job_free(other);
    result = plan_one(plan, "b/x.wav");
    assert_string_equal(result, "Avmap.NameCollision");
    free(result);
    plan_free(plan);
    end();
}

static void test_plan_judge_matches_patterns_against_the_relative_name(void **state)
{
    static const struct {
        const char *key;
        enum selection_verdict verdict;
    } cases[] = {
        { "media/a.mp3", SELECTION_PICKED },
        { "media/skip/a.mp3", SELECTION_NOT_WANTED },
        { "media/media/skip/a.mp3", SELECTION_PICKED },
        { "media/", SELECTION_FOLDER_MARKER },
    };
    struct plan *plan;

    (void)state;
    start("s3://input/media/", "s3://out/", "{path}", "");
    selection_add_pattern(&selection, false, "skip/*");
    plan = plan_new(&settings);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct job *job = job_of(cases[i].key);

        if (plan_judge(plan, &job->item) != cases[i].verdict)
            fail_msg("%s", cases[i].key);
        job_free(job);
    }
    plan_free(plan);
    selection_release(&selection);
    end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plan_job_names_the_result),
        cmocka_unit_test(test_plan_job_refuses_names_that_get_too_long),
        cmocka_unit_test(test_plan_job_numbers_the_items),
        cmocka_unit_test(test_plan_job_refuses_the_second_item_of_a_name),
        cmocka_unit_test(test_plan_judge_keeps_the_name_of_an_item_elsewhere),
        cmocka_unit_test(test_plan_judge_matches_patterns_against_the_relative_name),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
