/* SPDX-License-Identifier: MIT */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "media/recipe.h"
#include "media/recipe_fields.h"
#include "media_fixture.h"

static const char *size_of(const struct recipe *recipe)
{
    const char *size = NULL;

    for (size_t i = 0; i < recipe->output.setting_count; i++) {
        if (recipe->output.settings[i].key == RECIPE_SIZE)
            size = recipe->output.settings[i].value;
    }
    return size;
}

static const char *codec_option(const struct recipe *recipe, const char *name)
{
    const AVDictionaryEntry *entry = av_dict_get(recipe->output.codec_options, name, NULL, 0);

    return entry ? entry->value : "";
}

static void test_recipe_medium_depends_on_the_norm(void **state)
{
    static const struct {
        const char *options, *format, *size, *group;
    } cases[] = {
        { "-target pal-vcd", "vcd", "352x288", "15" },
        { "-target ntsc-svcd", "svcd", "480x480", "18" },
        { "-target film-dvd", "dvd", "720x480", "18" },
        { "-target pal-dv50", "dv", "720x576", "" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct recipe *recipe = media_recipe(cases[i].options);

        assert_non_null(recipe);
        assert_string_equal(recipe->output.format, cases[i].format);
        assert_string_equal(size_of(recipe), cases[i].size);
        assert_string_equal(codec_option(recipe, "g"), cases[i].group);
        assert_null(recipe->other_norm);
        recipe_free(recipe);
    }
}

static void test_recipe_medium_leaves_the_norm_to_the_input(void **state)
{
    struct recipe *recipe = media_recipe("-target dvd");

    (void)state;
    assert_non_null(recipe);
    assert_string_equal(size_of(recipe), "720x576");
    assert_string_equal(size_of(recipe->other_norm), "720x480");
    recipe_free(recipe);
}

static void test_recipe_medium_yields_to_options_of_libav_and_to_later_ones(void **state)
{
    struct recipe *recipe = media_recipe("-s 32x32 -g 9 -target pal-vcd -b 1M -f mpeg");

    (void)state;
    assert_non_null(recipe);
    assert_string_equal(recipe->output.format, "mpeg");
    assert_string_equal(size_of(recipe), "352x288");
    assert_string_equal(codec_option(recipe, "g"), "9");
    assert_string_equal(codec_option(recipe, "b:v"), "1M");
    assert_string_equal(codec_option(recipe, "b:a"), "224000");
    recipe_free(recipe);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_recipe_medium_depends_on_the_norm),
        cmocka_unit_test(test_recipe_medium_leaves_the_norm_to_the_input),
        cmocka_unit_test(test_recipe_medium_yields_to_options_of_libav_and_to_later_ones),
    };

    return cmocka_run_group_tests(tests, media_set_up, media_tear_down);
}
