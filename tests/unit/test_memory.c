/* SPDX-License-Identifier: MIT */

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/memory.h"

static void test_memory_new_gives_zeros(void **state)
{
    static const char zeros[4000];
    char *memory;

    (void)state;
    for (int i = 0; i < 10; i++) {
        memory = memory_new(1000, 4);
        assert_memory_equal(memory, zeros, sizeof(zeros));
        memset(memory, 'x', sizeof(zeros));
        free(memory);
    }
}

static void test_memory_new_of_nothing_is_not_null(void **state)
{
    void *no_elements = memory_new(0, 8);
    void *no_size = memory_new(8, 0);

    (void)state;
    assert_non_null(no_elements);
    assert_non_null(no_size);
    free(no_elements);
    free(no_size);
}

static void test_memory_grow_keeps_what_was_there(void **state)
{
    int *numbers = memory_grow(NULL, 2, sizeof(*numbers));

    (void)state;
    numbers[0] = 7;
    numbers[1] = 8;
    numbers = memory_grow(numbers, 100000, sizeof(*numbers));
    numbers[99999] = 9;
    assert_int_equal(numbers[0], 7);
    assert_int_equal(numbers[1], 8);
    numbers = memory_grow(numbers, 0, sizeof(*numbers));
    assert_non_null(numbers);
    free(numbers);
}

static void too_many_new(void)
{
    free(memory_new(SIZE_MAX / 2, 4));
}

static void too_many_grown(void)
{
    free(memory_grow(NULL, SIZE_MAX / 2, 4));
}

static void too_long_a_copy(void)
{
    free(memory_copy_bytes("", SIZE_MAX));
}

/* Whether the function never returns; what is said about it on stderr is not shown. */
static bool ends_program(void (*function)(void))
{
    pid_t child = fork();
    int status;

    assert_true(child >= 0);
    if (child == 0) {
        close(STDERR_FILENO);
        function();
        _exit(42);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    return !(WIFEXITED(status) && (WEXITSTATUS(status) == 42 || WEXITSTATUS(status) == 0));
}

static void test_memory_ends_the_program_when_a_size_overflows(void **state)
{
    (void)state;
    assert_true(ends_program(too_many_new));
    assert_true(ends_program(too_many_grown));
    assert_true(ends_program(too_long_a_copy));
}

static void test_memory_copy_text_copies(void **state)
{
    char text[] = "a b";
    char *copy = memory_copy_text(text);

    (void)state;
    text[0] = 'x';
    assert_string_equal(copy, "a b");
    free(copy);
    assert_null(memory_copy_text(NULL));
}

static void test_memory_copy_bytes_adds_a_nul(void **state)
{
    char *copy = memory_copy_bytes("a\0bcd", 4);
    char *empty = memory_copy_bytes(NULL, 0);

    (void)state;
    assert_memory_equal(copy, "a\0bc\0", 5);
    assert_string_equal(empty, "");
    free(copy);
    free(empty);
}

static void test_memory_format_writes_text_of_any_length(void **state)
{
    char *number = memory_format("%s-%03d", "part", 7);
    char *wide = memory_format("%100000d", 1);

    (void)state;
    assert_string_equal(number, "part-007");
    assert_int_equal(strlen(wide), 100000);
    free(number);
    free(wide);
}

static void test_memory_free_secret_accepts_null_and_text(void **state)
{
    (void)state;
    memory_free_secret(NULL);
    memory_free_secret(memory_copy_text("secret"));
    memory_free_secret(memory_copy_text(""));
}

static void test_memory_prefer_large_pages_leaves_what_is_there(void **state)
{
    const size_t sizes[] = { 1, 4096, 2 << 20, (4 << 20) + 1, 16 << 20 };

    (void)state;
    memory_prefer_large_pages(NULL, 0);
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        char *memory = malloc(sizes[i]);

        assert_non_null(memory);
        memory[0] = 'a';
        memory[sizes[i] - 1] = 'z';
        memory_prefer_large_pages(memory, sizes[i]);
        assert_int_equal(memory[0], sizes[i] > 1 ? 'a' : 'z');
        assert_int_equal(memory[sizes[i] - 1], 'z');
        free(memory);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_memory_new_gives_zeros),
        cmocka_unit_test(test_memory_new_of_nothing_is_not_null),
        cmocka_unit_test(test_memory_grow_keeps_what_was_there),
        cmocka_unit_test(test_memory_ends_the_program_when_a_size_overflows),
        cmocka_unit_test(test_memory_copy_text_copies),
        cmocka_unit_test(test_memory_copy_bytes_adds_a_nul),
        cmocka_unit_test(test_memory_format_writes_text_of_any_length),
        cmocka_unit_test(test_memory_free_secret_accepts_null_and_text),
        cmocka_unit_test(test_memory_prefer_large_pages_leaves_what_is_there),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
