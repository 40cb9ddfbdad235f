/* SPDX-License-Identifier: MIT */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "media/key_files.h"
#include "scratch.h"

static struct budget budget;
static struct spool spool;
static struct error err;
static char path[256];

static int set_up(void **state)
{
    scratch_make(state);
    budget_init(&budget, 1 << 20);
    spool_init(&spool, &budget);
    snprintf(path, sizeof(path), "%s/info", scratch_path());
    return 0;
}

static int tear_down(void **state)
{
    spool_release(&spool);
    return scratch_remove(state);
}

/* A file of letters, in path. */
static void make_file(size_t size)
{
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    for (size_t i = 0; i < size; i++)
        assert_int_equal(fputc('a', file), 'a');
    assert_int_equal(fclose(file), 0);
}

static void refuse(const char *name, const char *text)
{
    struct key_files files = { .description = name };

    assert_false(key_files_read(&files, name, &spool, &err));
    assert_int_equal(err.kind, ERROR_LOCAL);
    assert_non_null(strstr(err.text, name));
    assert_non_null(strstr(err.text, text));
    key_files_release(&files);
}

static void test_key_files_read_finds_the_key_in_the_second_line(void **state)
{
    struct key_files files = { .description = path };
    FILE *file = fopen(path, "w");

    (void)state;
    assert_true(file && fputs("https://keys/1\n/keys/1\n", file) >= 0 && fclose(file) == 0);
    assert_true(key_files_read(&files, path, &spool, &err));
    assert_int_equal(spool.size, 23);
    assert_true(key_files_has(&files, "/keys/1"));
    assert_false(key_files_has(&files, "https://keys/1"));
    key_files_release(&files);
}

static void test_key_files_read_does_not_wait_for_a_pipe(void **state)
{
    (void)state;
    assert_int_equal(mkfifo(path, 0600), 0);
    refuse(path, "no regular file");
    refuse(scratch_path(), "no regular file");
}

static void test_key_files_read_cuts_nothing_off(void **state)
{
    struct key_files files = { .description = path };

    (void)state;
    make_file(65536);
    assert_true(key_files_read(&files, path, &spool, &err));
    assert_int_equal(spool.size, 65536);
    make_file(65537);
    refuse(path, "more than 65536 bytes");
    key_files_release(&files);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_key_files_read_finds_the_key_in_the_second_line,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_key_files_read_does_not_wait_for_a_pipe, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_key_files_read_cuts_nothing_off, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
