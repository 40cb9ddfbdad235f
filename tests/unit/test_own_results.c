/* SPDX-License-Identifier: MIT */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "run/own_results.h"
#include "scratch.h"

struct own_case {
    const char *source;
    const char *destination;
    const char *suffix;
    const char *name;        /* NULL: no template */
    const char *patterns[3]; /* "+" includes, "-" excludes */
    bool refused;
};

static const struct own_case cases[] = {
    { "s3://b-in/a/", "s3://b-in/a/out/", ".wav", NULL, { NULL }, true },
    { "s3://b-in/a/", "s3://b-in/a/", ".wav", NULL, { NULL }, true },
    { "s3://b-in", "s3://b-in/out", ".wav", NULL, { NULL }, true },
    { "s3://b-in/a", "s3://b-in/ab", ".wav", NULL, { NULL }, true },
    { "s3://b-in/a/", "s3://b-in/a/out/", ".wav", NULL, { "-out/*" }, false },
    { "s3://b-in/a/", "s3://b-in/a/out/", ".wav", NULL, { "-other/*" }, true },
    { "s3://b-in/a/out/", "s3://b-in/a/", ".wav", NULL, { NULL }, false },
    { "s3://b-in/a/", "s3://b-in/b/", ".wav", NULL, { NULL }, false },
    { "s3://b-in/a/", "s3://b-out/a/", ".wav", NULL, { NULL }, false },
    { "/no/in", "/no/in/out", ".wav", NULL, { NULL }, true },
    { "/no/in", "/no/x/../in/out", ".wav", NULL, { NULL }, true },
    { "/no/in", "/no/in/out", ".wav", NULL, { "-out/*" }, false },
    { "/no/in", "/no/in/../out", ".wav", NULL, { NULL }, false },
    { "/no/in", "/no/input", ".wav", NULL, { NULL }, false },
    /* By what results are called. */
    { "/no/in", "/no/in/out", ".wav", NULL, { "+*.wav" }, true },
    { "/no/in", "/no/in/out", ".wav", NULL, { "+*.mp3" }, false },
    { "/no/in", "/no/in", ".wav", NULL, { "+*.mp3" }, false },
    { "/no/in", "/no/in/out", ".flac", NULL, { "-out/*", "+*.flac" }, true },
    { "/no/in", "/no/in/out", ".m3u8", NULL, { "+*.ts" }, true },
    { "/no/in", "/no/in/out", "", "{stem}.wav", { "+*.mp3" }, false },
    { "/no/in", "/no/in/out", "", "{stem}.wav", { "+*.wav" }, true },
    { "/no/in", "/no/in/out", "", "{stem}-%d.jpg", { "+*.mp4" }, true },
    /* By where a template puts them. */
    { "s3://b-in/media/", "s3://b-in/", "", "{key}.wav", { NULL }, true },
    { "s3://b-in/media/", "s3://b-in/", "", "{path}.wav", { NULL }, false },
    { "s3://b-in/media/", "s3://b-in/", "", "media/{path}.wav", { NULL }, true },
    { "s3://b-in/media/", "s3://b-in/", "", "media/o/{path}.wav", { "-o/*" }, false },
    { "s3://b-in/media/", "s3://b-in/o/", "", "{key}.wav", { NULL }, false },
    { "/no/in/deep", "/no/in", "", "deep/{path}.wav", { NULL }, true },
    { "/no/in/deep", "/no/in", "", "{key}.wav", { NULL }, false },
};

static bool judge(const struct run_settings *settings, struct error *err)
{
    struct run_order order;
    struct recipe *recipe;
    bool ok;

    if (!run_order_read(&order, settings, NULL, err))
        fail_msg("%s", err->text);
    recipe = recipe_parse(&order.words, err);
    assert_non_null(recipe);
    ok = own_results_refuse(&order, &settings->selection, recipe, err);
    recipe_free(recipe);
    run_order_release(&order);
    return ok;
}

static void test_own_results_refuse_those_that_would_be_input(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct run_settings settings = { .source = cases[i].source,
                                         .destination = cases[i].destination,
                                         .suffix = cases[i].name ? NULL : cases[i].suffix,
                                         .name = cases[i].name };
        struct error err = { 0 };

        for (int j = 0; j < 3 && cases[i].patterns[j]; j++)
            selection_add_pattern(&settings.selection, cases[i].patterns[j][0] == '+',
                                  cases[i].patterns[j] + 1);
        if (judge(&settings, &err) == cases[i].refused)
            fail_msg("case %zu: %s", i, err.text);
        if (cases[i].refused)
            assert_non_null(strstr(err.text, "inside the source"));
        selection_release(&settings.selection);
    }
}

static void refuse(const struct run_settings *settings)
{
    struct error err = { 0 };

    assert_false(judge(settings, &err));
    assert_int_equal(err.kind, ERROR_USAGE);
    assert_non_null(strstr(err.text, "inside the source"));
}

static void test_own_results_are_seen_through_links(void **state)
{
    char *source = memory_format("%s/link", scratch_path());
    char *destination = memory_format("%s/real/out", scratch_path());

    (void)state;
    scratch_folder("real");
    scratch_link("link", "real");
    refuse(&(struct run_settings){ .source = source, .destination = destination });
    free(source);
    free(destination);
}

static void test_own_results_of_a_job_file_count_too(void **state)
{
    char *path = memory_format("%s/job.json", scratch_path());

    (void)state;
    scratch_file("job.json", "{\"input\":{\"s3_bucket\":\"b-in\",\"s3_prefix\":\"media/\"},"
                             "\"output\":{\"s3_bucket\":\"b-in\",\"s3_suffix\":\".wav\"}}");
    refuse(&(struct run_settings){ .job = path });
    free(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_own_results_refuse_those_that_would_be_input),
        cmocka_unit_test_setup_teardown(test_own_results_are_seen_through_links, scratch_make,
                                        scratch_remove),
        cmocka_unit_test_setup_teardown(test_own_results_of_a_job_file_count_too, scratch_make,
                                        scratch_remove),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
