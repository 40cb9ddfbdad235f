/* SPDX-License-Identifier: MIT */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "media/libav.h"
#include "run/one_order.h"

static struct error err;

static int set_up(void **state)
{
    (void)state;
    libav_init();
    return 0;
}

static void test_one_order_splits_inputs_as_the_wrapper_did(void **state)
{
    static const struct {
        const char *input_url;
        const char *urls[4];
    } cases[] = {
        { "s3://bkt/a.wav", { "s3://bkt/a.wav" } },
        { "s3://bkt/a.wav,s3://ckt/d/b.wav", { "s3://bkt/a.wav", "s3://ckt/d/b.wav" } },
        { " s3://bkt/a.wav , s3://ckt/b.wav", { "s3://bkt/a.wav", "s3://ckt/b.wav" } },
        { "s3://bkt/one, two.wav,s3://ckt/b c.wav",
          { "s3://bkt/one, two.wav", "s3://ckt/b c.wav" } },
        { "s3://bkt/a.wav,file:///b.wav", { "s3://bkt/a.wav", "/b.wav" } },
        { "/a.wav,/b.wav, /c.wav", { "/a.wav", "/b.wav", "/c.wav" } },
        { "/a.wav,s3://bkt/b.wav", { "/a.wav", "s3://bkt/b.wav" } },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct one_settings settings = { .input_url = cases[i].input_url,
                                               .output_url = "s3://out/x.wav" };
        struct one_order order;
        size_t count = 0;

        print_message("case: %s\n", cases[i].input_url);
        assert_true(one_order_read(&order, &settings, &err));
        while (count < 4 && cases[i].urls[count])
            count++;
        assert_int_equal(order.input_count, count);
        for (size_t j = 0; j < count; j++)
            assert_string_equal(order.inputs[j].url, cases[i].urls[j]);
        one_order_release(&order);
    }
}

static void test_one_order_takes_null_for_unset(void **state)
{
    const struct one_settings settings = {
        .input_url = "s3://in/a.wav",
        .output_url = "s3://out/deep/x.wav",
        .input_file_options = "null",
        .output_file_options = "",
        .name = "null",
    };
    struct one_order order;

    (void)state;
    assert_true(one_order_read(&order, &settings, &err));
    assert_null(order.name);
    assert_int_equal(order.word_count, 2);
    assert_string_equal(order.output.location.container, "out");
    assert_string_equal(order.output.key, "deep/x.wav");
    one_order_release(&order);
}

static void test_one_order_takes_inputs_among_the_options(void **state)
{
    const struct one_settings settings = {
        .input_url = "s3://in/c.wav",
        .output_url = "x.wav",
        .global_options = "-y",
        .input_file_options = "-ss 1 -i 's3://in/a b.wav' -i s3://in/b.wav -t 2",
        .output_file_options = "-filter_complex amix=3",
    };
    struct one_order order;

    (void)state;
    assert_true(one_order_read(&order, &settings, &err));
    assert_int_equal(order.input_count, 3);
    assert_string_equal(order.inputs[0].key, "a b.wav");
    assert_string_equal(order.inputs[2].key, "c.wav");
    assert_int_equal(order.word_count, 1 + 2 + 2 + 2 + 2 + 2 + 2);
    one_order_release(&order);
}

static void test_one_order_refuses_what_cannot_be_meant(void **state)
{
    static const struct {
        struct one_settings settings;
        const char *text;
    } cases[] = {
        { { .output_url = "x.wav" }, "--input_url is missing" },
        { { .input_url = "null", .output_url = "x.wav" }, "--input_url is missing" },
        { { .input_url = "a.wav" }, "--output_url is missing" },
        { { .input_url = "https://h/a.wav", .output_url = "x.wav" },
          "--input_url: https://h/a.wav: " },
        { { .input_url = "s3://bkt/", .output_url = "x.wav" },
          "--input_url: s3://bkt/ names no file" },
        { { .input_url = "a.wav", .output_url = "s3://bkt/d/" },
          "--output_url: s3://bkt/d/ names no" },
        { { .input_url = "/a.wav", .output_url = "//a.wav" }, "the output /a.wav is one of the" },
        { { .input_url = "a.wav", .output_url = "x.wav", .output_file_options = "-ac '1" },
          "--output_file_options: " },
        { { .input_url = "a.wav", .output_url = "x.wav", .output_file_options = "-nope 1" },
          "Unrecognized option '-nope'" },
        { { .input_url = "a.wav", .output_url = "x.wav", .output_file_options = "-map 1" },
          "-map 1: Invalid input file index" },
        { { .input_url = "a.wav", .output_url = "x.unknown" }, "Unable to find" },
        { { .input_url = "a.wav", .output_url = "x.wav", .input_file_options = "-f lavfi -i sine" },
          "-f lavfi: inputs are files" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct one_order order;

        print_message("case: %s\n", cases[i].text);
        assert_false(one_order_read(&order, &cases[i].settings, &err));
        assert_int_equal(err.kind, ERROR_USAGE);
        if (!strstr(err.text, cases[i].text))
            fail_msg("said: %s", err.text);
        one_order_release(&order);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_order_splits_inputs_as_the_wrapper_did),
        cmocka_unit_test(test_one_order_takes_null_for_unset),
        cmocka_unit_test(test_one_order_takes_inputs_among_the_options),
        cmocka_unit_test(test_one_order_refuses_what_cannot_be_meant),
    };

    return cmocka_run_group_tests(tests, set_up, NULL);
}
