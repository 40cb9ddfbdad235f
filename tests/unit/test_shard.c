/* SPDX-License-Identifier: MIT */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "items/shard.h"

static struct error err;

static void test_shard_parse_reads_index_and_count(void **state)
{
    static const struct {
        const char *text;
        unsigned index;
        unsigned count; /* 0: refused */
    } cases[] = {
        { "0/1", 0, 1 },
        { "3/16", 3, 16 },
        { "15/16", 15, 16 },
        { "999999/1000000", 999999, 1000000 },
        { "007/008", 7, 8 },
        { "16/16", 0, 0 },
        { "0/0", 0, 0 },
        { "1/0", 0, 0 },
        { "", 0, 0 },
        { "/", 0, 0 },
        { "3", 0, 0 },
        { "3/", 0, 0 },
        { "/3", 0, 0 },
        { "1/2/3", 0, 0 },
        { "-1/3", 0, 0 },
        { "1/-3", 0, 0 },
        { "+1/3", 0, 0 },
        { " 1/3", 0, 0 },
        { "1 / 3", 0, 0 },
        { "1/3 ", 0, 0 },
        { "1/3\n", 0, 0 },
        { "0x1/0x3", 0, 0 },
        { "1.0/3", 0, 0 },
        { "a/b", 0, 0 },
        { "1/1000001", 0, 0 },
        { "4294967296/4294967297", 0, 0 },
        { "18446744073709551617/18446744073709551618", 0, 0 },
        { "\xd9\xa1/\xd9\xa3", 0, 0 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct shard shard = { 77, 88 };
        bool ok = shard_parse(cases[i].text, &shard, &err);

        if (ok != (cases[i].count > 0))
            fail_msg("\"%s\": %u/%u", cases[i].text, shard.index, shard.count);
        if (ok && (shard.index != cases[i].index || shard.count != cases[i].count))
            fail_msg("\"%s\": %u/%u", cases[i].text, shard.index, shard.count);
        if (!ok)
            assert_int_equal(err.kind, ERROR_USAGE);
        if (!ok && !strstr(err.text, "--shard"))
            fail_msg("\"%s\": %s", cases[i].text, err.text);
    }
}

static const char *const variables[] = {
    "AWS_BATCH_JOB_ARRAY_INDEX", "AWS_BATCH_JOB_ARRAY_SIZE", "JOB_COMPLETION_INDEX",
    "SLURM_ARRAY_TASK_ID",       "SLURM_ARRAY_TASK_MIN",     "SLURM_ARRAY_TASK_MAX",
    "SLURM_ARRAY_TASK_STEP",     "SLURM_ARRAY_TASK_COUNT",
};

enum { VARIABLES = sizeof(variables) / sizeof(variables[0]) };

static int clear_environment(void **state)
{
    (void)state;
    for (size_t i = 0; i < VARIABLES; i++)
        unsetenv(variables[i]);
    return 0;
}

/* values are in the order of variables; NULL leaves one unset. */
static bool find(const char *const values[VARIABLES], unsigned known_count, struct shard *shard)
{
    clear_environment(NULL);
    for (size_t i = 0; i < VARIABLES; i++) {
        if (values[i])
            setenv(variables[i], values[i], 1);
    }
    return shard_from_environment(known_count, shard, &err);
}

static void test_shard_from_environment_knows_the_engines(void **state)
{
    static const struct {
        const char *name;
        const char *values[VARIABLES];
        unsigned known_count;
        struct shard shard;
    } cases[] = {
        { "none", { NULL }, 0, { 0, 0 } },
        { "none, with a plan", { NULL }, 8, { 0, 0 } },
        { "empty", { "", "", "", "", "", "", "", "" }, 0, { 0, 0 } },
        { "AWS Batch", { "2", "5" }, 0, { 2, 5 } },
        { "AWS Batch without size, with a plan", { "2" }, 8, { 2, 8 } },
        { "AWS Batch before the others", { "2", "5", "3", "4", "0", "7" }, 9, { 2, 5 } },
        { "AWS Batch with a size alone", { NULL, "5" }, 0, { 0, 0 } },
        { "Kubernetes", { [2] = "3" }, 8, { 3, 8 } },
        { "Kubernetes before Slurm", { [2] = "3", [3] = "4" }, 8, { 3, 8 } },
        { "Slurm, 0-7", { [3] = "5", [4] = "0", [5] = "7" }, 0, { 5, 8 } },
        { "Slurm, 1-8", { [3] = "8", [4] = "1", [5] = "8", [6] = "1", [7] = "8" }, 0, { 7, 8 } },
        { "Slurm, 1-7:2", { [3] = "5", [4] = "1", [5] = "7", [6] = "2", [7] = "4" }, 0, { 2, 4 } },
        { "Slurm, 0-15:4", { [3] = "12", [4] = "0", [5] = "12", [6] = "4" }, 0, { 3, 4 } },
        { "Slurm, one task", { [3] = "9", [4] = "9", [5] = "9", [7] = "1" }, 0, { 0, 1 } },
        { "Slurm, a step past the end",
          { [3] = "1", [4] = "1", [5] = "1", [6] = "9" },
          0,
          { 0, 1 } },
        { "Slurm, without an id", { [4] = "1", [5] = "7" }, 0, { 0, 0 } },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct shard shard = { 77, 88 };

        if (!find(cases[i].values, cases[i].known_count, &shard))
            fail_msg("%s: %s", cases[i].name, err.text);
        if (shard.index != cases[i].shard.index || shard.count != cases[i].shard.count)
            fail_msg("%s: %u/%u", cases[i].name, shard.index, shard.count);
    }
}

static void test_shard_from_environment_refuses_contradictions(void **state)
{
    static const struct {
        const char *name;
        const char *values[VARIABLES];
        unsigned known_count;
        const char *word; /* in the message */
    } cases[] = {
        { "no count", { "2" }, 0, "of how many" },
        { "no count, Kubernetes", { [2] = "2" }, 0, "of how many" },
        { "no count, Slurm", { [3] = "2" }, 0, "of how many" },
        { "no end, Slurm", { [3] = "2", [4] = "0" }, 0, "of how many" },
        { "index is count", { "5", "5" }, 0, "AWS_BATCH_JOB_ARRAY_INDEX" },
        { "index past a plan", { [2] = "8" }, 8, "JOB_COMPLETION_INDEX" },
        { "a count of 0", { "0", "0" }, 0, "of how many" },
        { "a word", { "two", "5" }, 0, "AWS_BATCH_JOB_ARRAY_INDEX" },
        { "a word for the size", { "2", "many" }, 0, "AWS_BATCH_JOB_ARRAY_SIZE" },
        { "both are words", { "two", "many" }, 0, "AWS_BATCH" },
        { "negative", { "-1", "5" }, 0, "AWS_BATCH_JOB_ARRAY_INDEX" },
        { "past an int", { "4294967297", "5" }, 0, "AWS_BATCH_JOB_ARRAY_INDEX" },
        { "a line feed", { [2] = "3\n" }, 8, "JOB_COMPLETION_INDEX" },
        { "before the first", { [3] = "0", [4] = "1", [5] = "8" }, 0, "SLURM" },
        { "past the last", { [3] = "9", [4] = "1", [5] = "8" }, 0, "SLURM" },
        { "last before first", { [3] = "5", [4] = "8", [5] = "1" }, 0, "SLURM" },
        { "between steps", { [3] = "2", [4] = "1", [5] = "7", [6] = "2" }, 0, "SLURM" },
        { "a step of 0", { [3] = "1", [4] = "1", [5] = "7", [6] = "0" }, 0, "SLURM" },
        { "gaps", { [3] = "5", [4] = "1", [5] = "9", [6] = "1", [7] = "3" }, 0, "gaps" },
        { "a word for the id", { [3] = "x", [4] = "1", [5] = "9" }, 0, "SLURM" },
        { "a word for the first", { [3] = "1", [4] = "x", [5] = "9" }, 0, "SLURM" },
        { "a word for the last", { [3] = "1", [4] = "1", [5] = "x" }, 0, "SLURM" },
        { "a word for the step", { [3] = "1", [4] = "1", [5] = "9", [6] = "x" }, 0, "SLURM" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct shard shard;

        if (find(cases[i].values, cases[i].known_count, &shard))
            fail_msg("%s: %u/%u", cases[i].name, shard.index, shard.count);
        assert_int_equal(err.kind, ERROR_USAGE);
        if (!strstr(err.text, cases[i].word))
            fail_msg("%s: %s", cases[i].name, err.text);
    }
}

static void test_shard_has_every_key_in_exactly_one_shard(void **state)
{
    static const unsigned counts[] = { 1, 2, 7, 100 };

    enum { KEYS = 5000 };

    (void)state;
    for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
        unsigned sizes[100] = { 0 };
        unsigned mean = KEYS / counts[i];

        for (int key = 0; key < KEYS; key++) {
            char name[32];
            unsigned owners = 0;

            snprintf(name, sizeof(name), "a/%d\xff\n%%", key);
            for (unsigned index = 0; index < counts[i]; index++) {
                const struct shard shard = { index, counts[i] };
                bool has = shard_has(&shard, name);

                owners += has;
                sizes[index] += has;
            }
            assert_int_equal(owners, 1);
        }
        for (unsigned index = 0; index < counts[i]; index++)
            assert_in_range(sizes[index], mean / 3, mean * 2);
    }
}

static void test_shard_has_everything_without_shards(void **state)
{
    const struct shard shard = { 0, 0 };

    (void)state;
    assert_true(shard_has(&shard, ""));
    assert_true(shard_has(&shard, "a"));
}

/* Shards of one run may be of different versions; these numbers must never change. */
static void test_shard_has_is_stable(void **state)
{
    static const struct {
        const char *key;
        unsigned index; /* of 1000: the first 8 bytes of SHA-256, big-endian, modulo 1000 */
    } cases[] = {
        { "", 652 },
        { "a.mp3", 318 },
        { "folder/\xc3\xa9\xff\n.wav", 651 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct shard shard = { cases[i].index, 1000 };

        if (!shard_has(&shard, cases[i].key))
            fail_msg("%s", cases[i].key);
    }
}

#define TEST(name) cmocka_unit_test_teardown(name, clear_environment)

static void test_shard_from_environment_blames_the_variable_that_is_wrong(void **state)
{
    static const char *const names[] = { "SLURM_ARRAY_TASK_ID", "SLURM_ARRAY_TASK_MIN",
                                         "SLURM_ARRAY_TASK_MAX", "SLURM_ARRAY_TASK_STEP" };
    static const char *const cases[][4] = { { "9", "1", "x", "1" }, { "2", "x", "3", "1" },
                                            { "2", "1", "3", "0" }, { "2", "1", "3", "x" },
                                            { "2", "3", "1", "1" }, { "2", "1", "3", "2" } };
    static const unsigned wrong[] = { 2, 1, 3, 3, 2, 0 };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct shard shard;

        for (size_t v = 0; v < 4; v++)
            setenv(names[v], cases[i][v], 1);
        assert_false(shard_from_environment(0, &shard, &err));
        if (!strstr(err.text, names[wrong[i]]))
            fail_msg("case %zu: %s", i, err.text);
        for (size_t v = 0; v < 4; v++)
            unsetenv(names[v]);
    }
}

static void test_shard_array_job_is_the_same_for_all_jobs_of_an_array(void **state)
{
    static const struct {
        const char *variables[3][2];
        const char *host;
        const char *job; /* NULL: nothing says it */
    } cases[] = {
        { { { "AWS_BATCH_JOB_ARRAY_INDEX", "3" }, { "AWS_BATCH_JOB_ID", "a-b:3" } },
          "h",
          "batch a-b" },
        { { { "AWS_BATCH_JOB_ARRAY_INDEX", "3" }, { "AWS_BATCH_JOB_ID", "a-b:13" } }, "h", NULL },
        { { { "AWS_BATCH_JOB_ARRAY_INDEX", "3" }, { "AWS_BATCH_JOB_ID", ":3" } }, "h", NULL },
        { { { "AWS_BATCH_JOB_ARRAY_INDEX", "3" } }, "h", NULL },
        { { { "AWS_BATCH_JOB_ID", "a-b" } }, "h", NULL },
        { { { "JOB_COMPLETION_INDEX", "0" } }, "night-1-0", "kubernetes night-1" },
        { { { "JOB_COMPLETION_INDEX", "0" } }, "node7", NULL },
        { { { "JOB_COMPLETION_INDEX", "0" } }, "-0", NULL },
        { { { "SLURM_ARRAY_JOB_ID", "47" }, { "SLURM_CLUSTER_NAME", "c" } }, "h", "slurm c 47" },
        { { { "SLURM_ARRAY_JOB_ID", "47" } }, "h", "slurm  47" },
        { { { "SLURM_JOB_ID", "47" } }, "h", NULL },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char *job;

        for (size_t v = 0; v < 3 && cases[i].variables[v][0]; v++)
            setenv(cases[i].variables[v][0], cases[i].variables[v][1], 1);
        job = shard_array_job(cases[i].host);
        for (size_t v = 0; v < 3 && cases[i].variables[v][0]; v++)
            unsetenv(cases[i].variables[v][0]);
        if (cases[i].job)
            assert_string_equal(job, cases[i].job);
        else
            assert_null(job);
        free(job);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shard_from_environment_blames_the_variable_that_is_wrong),
        cmocka_unit_test(test_shard_array_job_is_the_same_for_all_jobs_of_an_array),
        cmocka_unit_test(test_shard_parse_reads_index_and_count),
        TEST(test_shard_from_environment_knows_the_engines),
        TEST(test_shard_from_environment_refuses_contradictions),
        cmocka_unit_test(test_shard_has_every_key_in_exactly_one_shard),
        cmocka_unit_test(test_shard_has_everything_without_shards),
        cmocka_unit_test(test_shard_has_is_stable),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
