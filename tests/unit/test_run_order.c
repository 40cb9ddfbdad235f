/* SPDX-License-Identifier: MIT */

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/memory.h"
#include "run/run_order.h"
#include "scratch.h"

#define JOB                                                                                        \
    "{\"name\":\"night run\",\"compute\":\"arm\",\"input\":{\"s3_bucket\":\"in-bucket\","          \
    "\"s3_prefix\":\"media/\"},\"output\":{\"s3_bucket\":\"out-bucket\",\"s3_prefix\":\"wav\","    \
    "\"s3_suffix\":\".wav\",\"file_options\":\"-ac 1\"}}"

static struct run_order order;
static struct error err;

static struct run_settings settings_of(const char *source, const char *destination)
{
    return (struct run_settings){ .source = source, .destination = destination };
}

static bool read_order(const struct run_settings *settings)
{
    err = (struct error){ 0 };
    return run_order_read(&order, settings, NULL, &err);
}

static void accept(const struct run_settings *settings)
{
    if (!read_order(settings))
        fail_msg("%s", err.text);
}

static void refuse(const struct run_settings *settings, const char *why)
{
    if (read_order(settings))
        fail_msg("accepted; expected: %s", why);
    assert_int_equal(err.kind, ERROR_USAGE);
    if (!strstr(err.text, why))
        fail_msg("\"%s\" is not in: %s", why, err.text);
    run_order_release(&order);
}

static void test_run_order_read_takes_the_command_line(void **state)
{
    char ac[] = "-ac";
    char one[] = "1";
    char *recipe[] = { ac, one };
    struct run_settings settings = settings_of("s3://in-bucket/media", "s3://out-bucket/wav");

    (void)state;
    settings.suffix = ".wav";
    settings.recipe = recipe;
    settings.recipe_count = 2;
    accept(&settings);
    assert_string_equal(order.source_url, "s3://in-bucket/media");
    assert_string_equal(order.destination_url, "s3://out-bucket/wav/");
    assert_string_equal(order.results.prefix, "wav/_avmap/");
    assert_string_equal(order.naming.template, "{path}");
    assert_string_equal(order.naming.suffix, ".wav");
    assert_ptr_equal(order.recipe_words, recipe);
    assert_int_equal(order.recipe_count, 2);
    assert_null(order.job.name);
    run_order_release(&order);
    assert_null(order.source.container);
}

static void test_run_order_read_puts_results_where_it_is_told(void **state)
{
    static const char *const cases[][3] = {
        { "s3://results-bucket", "results-bucket", "" },
        { "s3://results-bucket/a", "results-bucket", "a/" },
        { "/no/results/", "/no/results", "" },
        { NULL, "out-bucket", "_avmap/" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct run_settings settings = settings_of("s3://in-bucket", "s3://out-bucket");

        settings.results = cases[i][0];
        accept(&settings);
        assert_string_equal(order.results.container, cases[i][1]);
        assert_string_equal(order.results.prefix, cases[i][2]);
        run_order_release(&order);
    }
}

static void test_run_order_read_makes_templates_of_names(void **state)
{
    static const struct {
        const char *suffix;
        const char *ext;
        const char *name;
        const char *template;
        const char *ending;
    } cases[] = {
        { NULL, NULL, NULL, "{path}", "" },
        { "-x.wav", NULL, NULL, "{path}", "-x.wav" },
        { NULL, "wav", NULL, "{dir}/{stem}", ".wav" },
        { NULL, ".wav", NULL, "{dir}/{stem}", ".wav" },
        { NULL, NULL, "{index}.flac", "{index}.flac", "" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct run_settings settings = settings_of("s3://in-bucket", "s3://out-bucket");

        settings.suffix = cases[i].suffix;
        settings.ext = cases[i].ext;
        settings.name = cases[i].name;
        accept(&settings);
        if (strcmp(order.naming.template, cases[i].template) != 0 ||
            strcmp(order.naming.suffix, cases[i].ending) != 0)
            fail_msg("case %zu: %s, %s", i, order.naming.template, order.naming.suffix);
        run_order_release(&order);
    }
}

static void test_run_order_read_refuses_names_that_cannot_be_meant(void **state)
{
    struct run_settings settings = settings_of("s3://in-bucket", "s3://out-bucket");

    (void)state;
    settings.suffix = ".wav";
    settings.ext = "wav";
    refuse(&settings, "exclude each other");
    settings.ext = NULL;
    settings.name = "{path}";
    refuse(&settings, "exclude each other");
    settings.suffix = NULL;
    settings.name = "{nam}";
    refuse(&settings, "{nam}");
}

static void test_run_order_read_refuses_places_that_feed_a_run_its_own_results(void **state)
{
    static const struct {
        const char *source;
        const char *destination;
        const char *results;
        const char *why; /* NULL: accepted */
    } cases[] = {
        { "/no/in", "/no/out", "/no/in", "the results would go to the source" },
        { "/no/in", "/no/out", "/no/in/../in/", "the results would go to the source" },
        { "s3://in-bucket/a/", "s3://out-bucket", "s3://in-bucket/a", "the results would" },
        { "/no/in", "/no/out", "/no/in/results", NULL },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct run_settings settings = settings_of(cases[i].source, cases[i].destination);

        settings.results = cases[i].results;
        if (cases[i].why) {
            refuse(&settings, cases[i].why);
        } else {
            accept(&settings);
            run_order_release(&order);
        }
    }
}

static void test_run_order_read_refuses_places_it_cannot_read(void **state)
{
    static const char *const cases[][3] = {
        { "http://host/x", "s3://out-bucket", NULL },
        { "s3://in-bucket", "gs://out", NULL },
        { "s3://in-bucket", "s3://out-bucket", "ftp://x" },
        { "", "s3://out-bucket", NULL },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct run_settings settings = settings_of(cases[i][0], cases[i][1]);

        settings.results = cases[i][2];
        refuse(&settings, "");
    }
}

static char *scratch_key(const char *key)
{
    return memory_format("%s/%s", scratch_path(), key);
}

static void test_run_order_read_takes_a_job_file(void **state)
{
    char *path = scratch_key("job.json");
    struct run_settings settings = { .job = path };

    (void)state;
    scratch_file("job.json", JOB);
    accept(&settings);
    assert_string_equal(order.source_url, "s3://in-bucket/media/");
    assert_string_equal(order.destination_url, "s3://out-bucket/wav"); /* a prefix, no folder */
    assert_string_equal(order.results.container, "in-bucket");
    assert_string_equal(order.results.prefix, "batch-ffmpeg-state-machine/results-output/");
    assert_string_equal(order.naming.template, "{key}");
    assert_string_equal(order.naming.suffix, ".wav");
    assert_string_equal(order.job.name, "night run");
    assert_int_equal(order.recipe_count, 2);
    run_order_release(&order);
    settings.results = "/no/results";
    accept(&settings);
    assert_string_equal(order.results.container, "/no/results");
    run_order_release(&order);
    free(path);
}

static void test_run_order_read_refuses_a_job_file_that_cannot_be_read(void **state)
{
    char *path = scratch_key("job.json");
    char *folder = scratch_key("folder");
    char *large = memory_new((2 << 20) + 1, 1);
    struct run_settings settings = { .job = path };

    (void)state;
    refuse(&settings, "No such file");
    scratch_bytes("job.json", "{\"name\":\"a\0b\"}", 14);
    refuse(&settings, "NUL");
    scratch_bytes("job.json", JOB "\0", sizeof(JOB));
    refuse(&settings, "NUL");
    scratch_file("job.json", "");
    refuse(&settings, "line 1");
    memset(large, ' ', 2 << 20);
    scratch_file("job.json", large);
    refuse(&settings, "1 MiB");
    scratch_folder("folder");
    settings.job = folder;
    refuse(&settings, "directory");
    settings.job = "/dev/zero";
    refuse(&settings, "1 MiB");
    free(large);
    free(folder);
    free(path);
}

static void test_run_order_read_takes_a_job_of_exactly_1_mib(void **state)
{
    enum { MIB = 1024 * 1024 };

    char *path = scratch_key("job.json");
    char *text = memory_new(MIB + 2, 1);
    struct run_settings settings = { .job = path };

    (void)state;
    snprintf(text, MIB + 1, "%-*s", (int)MIB, JOB);
    scratch_file("job.json", text);
    accept(&settings);
    run_order_release(&order);
    text[MIB] = ' ';
    scratch_file("job.json", text);
    refuse(&settings, "1 MiB");
    free(text);
    free(path);
}

static void test_run_order_read_takes_a_job_from_standard_input(void **state)
{
    struct run_settings settings = { .job = "-" };
    int saved = dup(STDIN_FILENO);
    int file;

    (void)state;
    scratch_file("job.json", JOB);
    file = openat(scratch_root(), "job.json", O_RDONLY | O_CLOEXEC);
    dup2(file, STDIN_FILENO);
    close(file);
    accept(&settings);
    dup2(saved, STDIN_FILENO);
    close(saved);
    assert_string_equal(order.job.name, "night run");
    run_order_release(&order);
}

static void check_names(const char *template, const char *suffix, bool expected)
{
    struct recipe *recipe = recipe_parse(&(struct recipe_words){ 0 }, &err);
    struct run_order names = { .naming = { template, suffix, false } };

    assert_non_null(recipe);
    if (run_order_check_names(&names, recipe, &err) != expected)
        fail_msg("%s, %s: %s", template, suffix, err.text);
    recipe_free(recipe);
}

static void test_run_order_check_names_wants_a_container_for_the_extension(void **state)
{
    (void)state;
    check_names("{path}", ".wav", true);
    check_names("{path}", ".nosuchformat", false);
    check_names("{path}", "wav", false);
    check_names("{path}", "_mono", true);
    check_names("{path}", "", true);
    check_names("{stem}.wav", "", true);
    check_names("{stem}.nosuchformat", "", false);
    check_names("{stem}.{ext}", "", true);
    check_names("a.b/{stem}", "", true);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_make, scratch_remove)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_run_order_read_takes_the_command_line),
        cmocka_unit_test(test_run_order_read_puts_results_where_it_is_told),
        cmocka_unit_test(test_run_order_read_makes_templates_of_names),
        cmocka_unit_test(test_run_order_read_refuses_names_that_cannot_be_meant),
        cmocka_unit_test(test_run_order_read_refuses_places_that_feed_a_run_its_own_results),
        cmocka_unit_test(test_run_order_read_refuses_places_it_cannot_read),
        TEST(test_run_order_read_takes_a_job_file),
        TEST(test_run_order_read_refuses_a_job_file_that_cannot_be_read),
        TEST(test_run_order_read_takes_a_job_of_exactly_1_mib),
        TEST(test_run_order_read_takes_a_job_from_standard_input),
        cmocka_unit_test(test_run_order_check_names_wants_a_container_for_the_extension),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
