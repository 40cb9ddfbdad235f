/* SPDX-License-Identifier: MIT */

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "base/memory.h"
#include "base/replace_file.h"
#include "scratch.h"

static struct error err;

static char *path_of(const char *key)
{
    return memory_format("%s/%s", scratch_path(), key);
}

/* By path, as what is mounted in a test cannot be seen through the folder's descriptor. */
static void assert_holds(const char *path, const char *text)
{
    char read[64] = "";
    FILE *file = fopen(path, "re");

    assert_non_null(file);
    (void)fread(read, 1, sizeof(read) - 1, file);
    assert_int_equal(fclose(file), 0);
    assert_string_equal(read, text);
}

static size_t count_names(const char *folder)
{
    DIR *names = opendir(folder);
    size_t count = 0;

    assert_non_null(names);
    while (readdir(names))
        count++;
    assert_int_equal(closedir(names), 0);
    return count - 2; /* . and .. */
}

static void test_replace_file_makes_a_file_and_replaces_it(void **state)
{
    char *path = path_of("metrics.prom");
    mode_t mask = umask(022);
    struct stat status;

    (void)state;
    assert_true(replace_file(path, "longer than the next\n", 21, &err));
    assert_holds(path, "longer than the next\n");
    assert_true(replace_file(path, "short\n", 6, &err));
    assert_holds(path, "short\n");
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0644);
    assert_true(replace_private_file(path, "secret\n", 7, &err));
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    assert_int_equal(count_names(scratch_path()), 1);
    umask(mask);
    free(path);
}

static void test_replace_file_replaces_a_link_instead_of_following_it(void **state)
{
    char *path = path_of("link");
    char *target = path_of("target");

    (void)state;
    scratch_file("target", "untouched");
    scratch_link("link", "target");
    assert_true(replace_file(path, "new", 3, &err));
    assert_holds(target, "untouched");
    assert_holds(path, "new");
    free(target);
    free(path);
}

static void test_replace_file_fails_where_there_is_no_folder(void **state)
{
    char *path = path_of("absent/metrics.prom");

    (void)state;
    assert_false(replace_file(path, "x", 1, &err));
    assert_int_equal(err.kind, ERROR_LOCAL);
    assert_non_null(strstr(err.text, path));
    assert_int_equal(count_names(scratch_path()), 0);
    free(path);
}

static void test_replace_file_leaves_the_former_text_when_the_disk_is_full(void **state)
{
    enum { SIZE = 1 << 20 };

    char *folder = path_of("small");
    char *path = path_of("small/metrics.prom");
    char *bytes = memory_new(SIZE, 1);

    (void)state;
    scratch_folder("small");
    if (!scratch_mount("small", SIZE / 2)) {
        free(bytes);
        free(path);
        free(folder);
        skip();
        return;
    }
    assert_true(replace_file(path, "former", 6, &err));
    assert_false(replace_file(path, bytes, SIZE, &err));
    assert_int_equal(err.kind, ERROR_LOCAL);
    assert_holds(path, "former");
    assert_int_equal(count_names(folder), 1);
    free(bytes);
    free(path);
    free(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_replace_file_makes_a_file_and_replaces_it,
                                        scratch_make, scratch_remove),
        cmocka_unit_test_setup_teardown(test_replace_file_replaces_a_link_instead_of_following_it,
                                        scratch_make, scratch_remove),
        cmocka_unit_test_setup_teardown(test_replace_file_fails_where_there_is_no_folder,
                                        scratch_make, scratch_remove),
        cmocka_unit_test_setup_teardown(
            test_replace_file_leaves_the_former_text_when_the_disk_is_full, scratch_make,
            scratch_remove),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
