/* SPDX-License-Identifier: MIT */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/memory.h"
#include "base/process_mark.h"

static void test_process_mark_judge_knows_this_process(void **state)
{
    char *mark = process_mark_own();

    (void)state;
    assert_int_equal(process_mark_judge(mark), PROCESS_LIVES);
    free(mark);
}

static void test_process_mark_judge_sees_that_a_process_has_ended(void **state)
{
    char mark[256] = "";
    int ends[2];
    siginfo_t how;
    pid_t child;

    (void)state;
    assert_int_equal(pipe(ends), 0);
    child = fork();
    if (child == 0) {
        char *own = process_mark_own();

        _exit(write(ends[1], own, strlen(own)) < 0);
    }
    /* It stays a zombie until it is waited for without WNOWAIT. */
    assert_int_equal(waitid(P_PID, (id_t)child, &how, WEXITED | WNOWAIT), 0);
    assert_true(read(ends[0], mark, sizeof(mark) - 1) > 0);
    close(ends[0]);
    close(ends[1]);
    assert_int_equal(process_mark_judge(mark), PROCESS_GONE);
    assert_int_equal(waitpid(child, NULL, 0), child);
    assert_int_equal(process_mark_judge(mark), PROCESS_GONE);
}

static void test_process_mark_judge_is_not_taken_in_by_a_number_used_again(void **state)
{
    char *mark = process_mark_own();
    char *program = strrchr(mark, ' ');
    char *former = memory_format("%.*s0%s", (int)(program - mark), mark, program);

    (void)state;
    assert_int_equal(process_mark_judge(former), PROCESS_GONE);
    program[1] ^= 1; /* the process has begun anew */
    assert_int_equal(process_mark_judge(mark), PROCESS_GONE);
    free(former);
    free(mark);
}

static void test_process_mark_judge_says_nothing_of_other_machines(void **state)
{
    static const char *const marks[] = { "", "x", "? ? 1 2",
                                         "00000000-0000-0000-0000-000000000000 pid:[1] 1 2" };

    (void)state;
    for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
        assert_int_equal(process_mark_judge(marks[i]), PROCESS_ELSEWHERE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_process_mark_judge_knows_this_process),
        cmocka_unit_test(test_process_mark_judge_sees_that_a_process_has_ended),
        cmocka_unit_test(test_process_mark_judge_is_not_taken_in_by_a_number_used_again),
        cmocka_unit_test(test_process_mark_judge_says_nothing_of_other_machines),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
