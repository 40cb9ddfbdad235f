/* SPDX-License-Identifier: MIT */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "media/recipe_local.h"
#include "scratch.h"

static char *write_file(const char *text)
{
    scratch_file("a file", text);
    return memory_format("%s/a file", scratch_path());
}

static void test_recipe_local_text_gives_what_is_in_the_file(void **state)
{
    struct error err = { 0 };
    char *path = write_file("hflip,\n  vflip\n");
    char *text = recipe_local_text(path, &err);

    (void)state;
    assert_non_null(text);
    assert_string_equal(text, "hflip,\n  vflip\n");
    free(text);
    free(path);
}

static void test_recipe_local_text_names_the_file_it_cannot_read(void **state)
{
    struct error err = { 0 };
    char *path = write_file("");

    (void)state;
    assert_null(recipe_local_text(path, &err));
    assert_int_equal(err.kind, ERROR_USAGE);
    assert_non_null(strstr(err.text, "a file is empty"));
    remove(path);
    assert_null(recipe_local_text(path, &err));
    assert_int_equal(err.kind, ERROR_USAGE);
    free(path);
}

static void test_recipe_local_attach_keeps_bytes_under_the_name_without_folders(void **state)
{
    struct error err = { 0 };
    struct recipe_file file = { 0 };
    char *path = write_file("letters");

    (void)state;
    assert_true(recipe_local_attach(&file, path, &err));
    assert_int_equal(file.attachment_count, 1);
    assert_string_equal(file.attachments[0].name, "a file");
    assert_int_equal(file.attachments[0].size, 7);
    assert_memory_equal(file.attachments[0].bytes, "letters", 7);
    free(file.attachments[0].name);
    free(file.attachments[0].bytes);
    free(file.attachments);
    free(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_recipe_local_text_gives_what_is_in_the_file),
        cmocka_unit_test(test_recipe_local_text_names_the_file_it_cannot_read),
        cmocka_unit_test(test_recipe_local_attach_keeps_bytes_under_the_name_without_folders),
    };

    return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
