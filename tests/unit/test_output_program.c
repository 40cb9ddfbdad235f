/* SPDX-License-Identifier: MIT */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <libavutil/dict.h>

#include "media/output_program.h"

static AVFormatContext *format;

static int set_up(void **state)
{
    (void)state;
    format = avformat_alloc_context();
    for (int i = 0; i < 3; i++)
        avformat_new_stream(format, NULL);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    avformat_free_context(format);
    return 0;
}

static void test_output_program_has_title_number_and_streams(void **state)
{
    const AVProgram *program;

    (void)state;
    assert_null(output_program(format, "title=Late\\: news:st=2:program_num=0x10:st=0", 1));
    assert_int_equal(format->nb_programs, 1);
    program = format->programs[0];
    assert_int_equal(program->id, 16);
    assert_int_equal(program->nb_stream_indexes, 2);
    assert_int_equal(program->stream_index[0], 2);
    assert_int_equal(program->stream_index[1], 0);
    assert_string_equal(av_dict_get(program->metadata, "title", NULL, 0)->value, "Late: news");
}

static void test_output_program_is_numbered_by_the_caller_else(void **state)
{
    (void)state;
    assert_null(output_program(format, "st=1", 4));
    assert_int_equal(format->programs[0]->id, 4);
}

static void test_output_program_says_what_is_wrong_before_there_is_a_result(void **state)
{
    (void)state;
    assert_null(output_program(NULL, "title=A:st=9", 1));
    assert_non_null(strstr(output_program(NULL, "title=A:st", 1), "No '='"));
    assert_non_null(strstr(output_program(NULL, "name=A", 1), "Unknown program key"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_output_program_has_title_number_and_streams),
        TEST(test_output_program_is_numbered_by_the_caller_else),
        TEST(test_output_program_says_what_is_wrong_before_there_is_a_result),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
