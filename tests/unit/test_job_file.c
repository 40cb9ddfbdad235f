/* SPDX-License-Identifier: MIT */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "run/job_file.h"
#include "scratch.h"

#define PLACES "\"input\":{\"s3_bucket\":\"in-bucket\"},\"output\":{\"s3_bucket\":\"out-bucket\"}"

static bool read_text(const char *text, struct job_file *job, struct error *err)
{
    char *path = memory_format("%s/job.json", scratch_path());
    bool ok;

    scratch_file("job.json", text);
    ok = job_file_read(path, NULL, NULL, job, err);
    free(path);
    return ok;
}

static struct job_file parse(const char *text)
{
    struct job_file job;
    struct error err;

    if (!read_text(text, &job, &err))
        fail_msg("%s: %s", text, err.text);
    return job;
}

static void test_job_file_read_reads_the_state_machines_own_example(void **state)
{
    static const char *const words[] = { "-ac", "1", "-ar", "48000" };
    struct job_file job =
        parse("{\"name\":\"pytest-sdk-audio\",\"compute\":\"intel\",\n"
              " \"input\":{\"s3_bucket\":\"my-input-bucket\",\"s3_prefix\":\"media-assets/\","
              "\"file_options\":\"null\"},\n"
              " \"output\":{\"s3_bucket\":\"my-output-bucket\",\"s3_prefix\":\"output/\","
              "\"s3_suffix\":\"\",\"file_options\":\"-ac 1 -ar 48000\"},\n"
              " \"global\":{\"options\":\"null\"}}\n");

    (void)state;
    assert_string_equal(job.name, "pytest-sdk-audio");
    assert_string_equal(job.compute, "intel");
    assert_string_equal(job.source, "s3://my-input-bucket/media-assets/");
    assert_string_equal(job.destination, "s3://my-output-bucket/output/");
    assert_string_equal(job.suffix, "");
    assert_string_equal(job.results,
                        "s3://my-input-bucket/batch-ffmpeg-state-machine/results-output/");
    assert_int_equal(job.recipe.count, 4);
    for (size_t i = 0; i < 4; i++)
        assert_string_equal(job.recipe.words[i], words[i]);
    job_file_release(&job);
    assert_null(job.source);
    job_file_release(&job);
}

static void test_job_file_read_takes_unset_fields_in_any_form(void **state)
{
    static const char *const texts[] = {
        "{" PLACES "}",
        "{\"name\":null,\"compute\":null,\"global\":null," PLACES "}",
        "{\"name\":\"null\",\"compute\":\"null\",\"global\":\"null\"," PLACES "}",
        "{\"global\":{}," PLACES "}",
        "{\"global\":{\"options\":null}," PLACES "}",
        "{\"global\":{\"options\":\" \\t\\n\"}," PLACES "}",
        "{\"input\":{\"s3_bucket\":\"in-bucket\",\"s3_prefix\":null,\"file_options\":\"\"},"
        "\"output\":{\"s3_bucket\":\"out-bucket\",\"s3_prefix\":\"null\",\"s3_suffix\":\"null\","
        "\"file_options\":null}}",
        "{\"unknown\":[1,2,{\"x\":true}]," PLACES "}",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct job_file job = parse(texts[i]);

        if (job.name || job.compute || job.suffix || job.recipe.count)
            fail_msg("%s", texts[i]);
        assert_string_equal(job.source, "s3://in-bucket/");
        assert_string_equal(job.destination, "s3://out-bucket/");
        job_file_release(&job);
    }
}

static void test_job_file_read_keeps_any_text(void **state)
{
    struct job_file job =
        parse("{\"name\":\"\\u00e9\\ud83c\\udfb5 \\\"x\\\"\\n\","
              "\"input\":{\"s3_bucket\":\"in-bucket\",\"s3_prefix\":\"a b/..//\\u001b/\"},"
              "\"output\":{\"s3_bucket\":\"out-bucket\",\"s3_suffix\":\" .wav\","
              "\"file_options\":\"-metadata 'title=a b' \\\\\\n -y ''\"}}");

    (void)state;
    assert_string_equal(job.name, "\xc3\xa9\xf0\x9f\x8e\xb5 \"x\"\n");
    assert_string_equal(job.source, "s3://in-bucket/a b/..//\x1b/");
    assert_string_equal(job.suffix, " .wav");
    assert_int_equal(job.recipe.count, 4);
    assert_string_equal(job.recipe.words[1], "title=a b");
    assert_string_equal(job.recipe.words[2], "-y");
    assert_string_equal(job.recipe.words[3], "");
    job_file_release(&job);
}

struct refusal {
    const char *text;
    const char *names; /* what the message must name */
};

static void check_refused(const struct refusal *refusal)
{
    struct job_file job;
    struct error err;

    if (read_text(refusal->text, &job, &err))
        fail_msg("accepted: %s", refusal->text);
    if (err.kind != ERROR_USAGE || !strstr(err.text, refusal->names))
        fail_msg("%.200s: %s", refusal->text, err.text);
    job_file_release(&job);
}

static void test_job_file_read_refuses_what_is_no_json(void **state)
{
    static const struct refusal cases[] = {
        { "", "line 1" },
        { " \n", "line" },
        { "{", "line 1" },
        { "{" PLACES "} x", "line 1" },
        { "{\n\n" PLACES ",}", "line 3" },
        { "{'input':{}}", "line 1" },
        { "// a comment\n{" PLACES "}", "line 1" },
        { "{\"name\":\"a\",\"name\":\"b\"," PLACES "}", "name" },
        { "{" PLACES "," PLACES "}", "input" },
        { "{\"name\":\"\xff\"," PLACES "}", "line 1" },
        { "{\"name\":\"\xc0\xaf\"," PLACES "}", "line 1" },
        { "{\"name\":\"\\ud800\"," PLACES "}", "line 1" },
        { "{\"name\":\"a\\u0000b\"," PLACES "}", "line 1" },
        { "{\"name\":\"a\nb\"," PLACES "}", "line 1" },
        { "{\"x\":1e99999," PLACES "}", "line 1" },
        { "{\"x\":99999999999999999999," PLACES "}", "line 1" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        check_refused(&cases[i]);
}

static void test_job_file_read_refuses_other_shapes_by_name(void **state)
{
    static const struct refusal cases[] = {
        { "[]", "is not a JSON object" },
        { "[{" PLACES "}]", "is not a JSON object" },
        { "{}", "input has no s3_bucket" },
        { "{\"input\":null}", "input has no s3_bucket" },
        { "{\"input\":[]}", "input is not an object" },
        { "{\"input\":\"s3://in-bucket\"}", "input is not an object" },
        { "{\"input\":{}}", "input has no s3_bucket" },
        { "{\"input\":{\"s3_bucket\":\"\"}}", "input has no s3_bucket" },
        { "{\"input\":{\"s3_bucket\":\"null\"}}", "input has no s3_bucket" },
        { "{\"input\":{\"s3_bucket\":1}}", "is not a string" },
        { "{\"input\":{\"s3_bucket\":\"a/b\"}}", "input has a / in its s3_bucket" },
        { "{\"input\":{\"s3_bucket\":\"in-bucket\"}}", "output has no s3_bucket" },
        { "{\"input\":{\"s3_bucket\":\"in-bucket\",\"s3_prefix\":{}}}", "is not a string" },
        { "{\"name\":1," PLACES "}", "name is not a string" },
        { "{\"compute\":[]," PLACES "}", "compute is not a string" },
        { "{\"global\":1," PLACES "}", "global is not an object" },
        { "{\"global\":{\"options\":1}," PLACES "}", "global.options is not a string" },
        { "{\"input\":{\"s3_bucket\":\"in-bucket\"},"
          "\"output\":{\"s3_bucket\":\"out-bucket\",\"s3_suffix\":true}}",
          "output.s3_suffix is not a string" },
        { "{\"input\":{\"s3_bucket\":\"in-bucket\"},"
          "\"output\":{\"s3_bucket\":\"out-bucket\",\"file_options\":[\"-ac\",\"1\"]}}",
          "output.file_options is not a string" },
        { "{\"input\":{\"s3_bucket\":\"in-bucket\"},"
          "\"output\":{\"s3_bucket\":\"out-bucket\",\"file_options\":\"-af 'x\"}}",
          "output.file_options: " },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        check_refused(&cases[i]);
}

static void test_job_file_read_refuses_deep_nesting(void **state)
{
    enum { DEPTH = 100000 };

    static const char *const units[] = { "[", "{\"a\":" };

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        size_t length = strlen(units[i]);
        char *text = memory_new(DEPTH * length + 1, 1);
        struct refusal refusal = { text, "line 1" };

        for (size_t j = 0; j < DEPTH; j++)
            memcpy(text + j * length, units[i], length);
        check_refused(&refusal);
        free(text);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_make, scratch_remove)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_job_file_read_reads_the_state_machines_own_example),
        TEST(test_job_file_read_takes_unset_fields_in_any_form),
        TEST(test_job_file_read_keeps_any_text),
        TEST(test_job_file_read_refuses_what_is_no_json),
        TEST(test_job_file_read_refuses_other_shapes_by_name),
        TEST(test_job_file_read_refuses_deep_nesting),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
