/* SPDX-License-Identifier: MIT */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/file_set.h"

enum { BUDGET_BYTES = 256 * 1024 };

static struct budget budget;
static struct file_set set;
static struct error err;

static int set_up(void **state)
{
    (void)state;
    budget_init(&budget, BUDGET_BYTES);
    file_set_init(&set, &budget);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    file_set_release(&set);
    assert_int_equal(budget.left_bytes, BUDGET_BYTES);
    return 0;
}

static void keep(const char *name, const char *text)
{
    struct spool spool;

    spool_init(&spool, &budget);
    assert_true(spool_write(&spool, 0, text, strlen(text), &err));
    assert_true(file_set_keep(&set, name, &spool, &err));
    spool_release(&spool);
}

static void check(unsigned index, const char *name, const char *text)
{
    struct spool spool;

    assert_true(index < set.count);
    assert_string_equal(set.members[index].name, name);
    assert_int_equal(set.members[index].size, strlen(text));
    spool_init(&spool, &budget);
    assert_true(file_set_read(&set, index, &spool, &err));
    assert_int_equal(spool.size, strlen(text));
    assert_memory_equal(spool_bytes(&spool), text, strlen(text));
    spool_release(&spool);
}

static void test_file_set_keeps_files_in_the_order_of_their_last_writing(void **state)
{
    (void)state;
    keep("list", "a");
    keep("a", "first");
    keep("b", "");
    keep("list", "a, b and much more than before");
    assert_int_equal(set.count, 3);
    assert_int_equal(set.size, 5 + 30);
    check(0, "a", "first");
    check(1, "b", "");
    check(2, "list", "a, b and much more than before");
    keep("a", "1st");
    check(2, "a", "1st");
    check(1, "list", "a, b and much more than before");
}

static void test_file_set_forgets_what_is_removed(void **state)
{
    (void)state;
    keep("a", "one");
    keep("b", "two");
    file_set_remove(&set, (unsigned)file_set_find(&set, "a"));
    assert_int_equal(file_set_find(&set, "a"), FILE_SET_NONE);
    assert_int_equal(set.size, 3);
    check(0, "b", "two");
    file_set_clear(&set);
    assert_int_equal(set.count, 0);
    assert_int_equal(set.size, 0);
}

static void test_file_set_spends_little_on_files_that_grow(void **state)
{
    char text[4001] = "";

    (void)state;
    for (size_t size = 1; size < sizeof(text); size++) {
        memset(text, 'x', size);
        text[size] = '\0';
        keep("list", text);
    }
    check(0, "list", text);
    assert_true(set.pack.size < 4 * sizeof(text));
}

static void test_file_set_moves_any_member_to_the_end(void **state)
{
    (void)state;
    keep("a", "1");
    keep("b", "2");
    keep("c", "3");
    file_set_move_last(&set, 0);
    check(0, "b", "2");
    check(2, "a", "1");
    file_set_move_last(&set, 2);
    check(2, "a", "1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            test_file_set_keeps_files_in_the_order_of_their_last_writing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_file_set_forgets_what_is_removed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_file_set_spends_little_on_files_that_grow, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_file_set_moves_any_member_to_the_end, set_up,
                                        tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
