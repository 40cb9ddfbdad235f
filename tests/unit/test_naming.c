/* SPDX-License-Identifier: MIT */

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "run/naming.h"

static void test_naming_check_knows_its_fields(void **state)
{
    static const struct {
        const char *template;
        bool ok;
    } cases[] = {
        { "{path}", true },    { "{key}{path}{dir}{stem}{ext}{index}", true },
        { "plain", true },     { "", true },
        { "}", true },         { "{", false },
        { "{}", false },       { "{stem", false },
        { "{Stem}", false },   { "{{stem}}", false },
        { "x/{name}", false }, { "{ stem}", false },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct naming naming = { cases[i].template, "", false };
        struct error err = { 0 };

        if (naming_check(&naming, &err) != cases[i].ok)
            fail_msg("%s: %s", cases[i].template, err.text);
        if (!cases[i].ok)
            assert_int_equal(err.kind, ERROR_USAGE);
    }
}

static void test_naming_is_unique_only_when_one_field_tells_all(void **state)
{
    static const struct {
        const char *template;
        bool unique;
    } cases[] = {
        { "{path}", true },        { "{key}", true },           { "x/{index}.wav", true },
        { "{stem}", false },       { "{dir}/{stem}", false },   { "x", false },
        { "{index}{ext}", false }, { "{index}{index}", false }, { "{dir}", false },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct naming naming = { cases[i].template, ".wav", false };

        if (naming_is_unique(&naming) != cases[i].unique)
            fail_msg("%s", cases[i].template);
    }
}

static void test_naming_expand_fills_the_template(void **state)
{
    static const struct {
        const char *template;
        const char *key; /* below s3://bucket/media/fol */
        const char *name;
    } cases[] = {
        { "{path}", "media/folder/x.tar.gz", "folder/x.tar.gz" },
        { "{key}", "media/folder/x.tar.gz", "media/folder/x.tar.gz" },
        { "{dir}/{stem}", "media/folder/x.tar.gz", "folder/x.tar" },
        { "{dir}/{stem}", "media/folx.mp3", "folx" },
        { "a/{dir}/{stem}", "media/folx.mp3", "a/folx" },
        { "{dir}_{stem}", "media/folx.mp3", "_folx" },
        { "{stem}.{ext}", "media/a/b.MP3", "b.MP3" },
        { "{stem}.{ext}", "media/a/b", "b." },
        { "{stem}|{ext}", "media/a/.hidden", ".hidden|" },
        { "{stem}|{ext}", "media/a/.hidden.mp3", ".hidden|mp3" },
        { "{stem}|{ext}", "media/a/b.", "b|" },
        { "{stem}|{ext}", "media/a.b/c", "c|" },
        { "{index}", "media/fol", "42" },
        { "{index}{index}x", "media/fol", "4242x" },
        { "{path}", "other/x", "other/x" },
        { "{path}", "media/{stem}", "{stem}" },
        { "{dir}/{stem}", "media//x", "/x" },
        { "{path}", "media/a\xff\n", "a\xff\n" },
        { "fixed", "media/x", "fixed" },
        { "", "media/x", "" },
    };
    struct location source;
    struct error err;

    (void)state;
    assert_true(location_parse("s3://bucket/media/fol", &source, &err));
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct naming naming = { cases[i].template, ".wav", false };
        struct item item = { .index = 42, .object.key = memory_copy_text(cases[i].key) };
        char *name = naming_expand(&naming, &source, &item);
        char *expected = memory_format("%s.wav", cases[i].name);

        if (strcmp(name, expected) != 0)
            fail_msg("%s, %s: %s", cases[i].template, cases[i].key, name);
        free(expected);
        free(name);
        item_release(&item);
    }
    location_release(&source);
}

static void test_naming_has_folders_when_one_is_named_after_the_item(void **state)
{
    static const struct {
        const char *template;
        const char *suffix;
        bool has;
    } cases[] = {
        { "{path}", "", false },          { "{dir}/{stem}", ".m3u8", false },
        { "{dir}/{stem}/x", "", true },   { "{path}", "/index.m3u8", true },
        { "{dir}/{stem}-%d", "", false }, { "x/{index}/%d", "", true },
        { "{ext}/{stem}", "", false },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct naming naming = { cases[i].template, cases[i].suffix, false };

        if (naming_has_folders(&naming) != cases[i].has)
            fail_msg("%s%s", cases[i].template, cases[i].suffix);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_naming_has_folders_when_one_is_named_after_the_item),
        cmocka_unit_test(test_naming_check_knows_its_fields),
        cmocka_unit_test(test_naming_is_unique_only_when_one_field_tells_all),
        cmocka_unit_test(test_naming_expand_fills_the_template),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
