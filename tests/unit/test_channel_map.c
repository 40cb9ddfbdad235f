/* SPDX-License-Identifier: MIT */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "media/channel_map.h"

static void test_channel_map_problem_takes_what_ffmpeg_takes(void **state)
{
    static const char *const good[] = { "0.0.0",     "1.2.3",  "-1",    "0.0.1?",
                                        "0.0.1:0.0", "-1:0.0", "-1.0.0" };
    static const char *const bad[] = { "", "0", "0.0", "-1:0", "0.0.1:0", "2.0.0", "a.0.0" };

    (void)state;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        print_message("good: %s\n", good[i]);
        assert_null(channel_map_problem(good[i], 2));
    }
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        print_message("bad: %s\n", bad[i]);
        assert_non_null(channel_map_problem(bad[i], 2));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_channel_map_problem_takes_what_ffmpeg_takes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
