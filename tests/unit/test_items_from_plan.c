/* SPDX-License-Identifier: MIT */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "items/item_source.h"
#include "scratch.h"
#include "store_fixture.h"

static struct error err;

static int set_up(void **state)
{
    if (store_fixture_make(state) != 0)
        return -1;
    location_make_folder(&store_fixture.place);
    scratch_file("shard-00000.jsonl", "\"a\"\n\"b\"\n");
    scratch_file("shard-00001.jsonl", "");
    scratch_file("shard-00002.jsonl", "\"c\"\n7\n");
    return 0;
}

/* Keys of what is ours, and in brackets of what is elsewhere; "!" for what is no item. */
static char *read_plan(unsigned shard, bool names_collide)
{
    const struct item_plan plan = { store_fixture.store, &store_fixture.place, shard,
                                    names_collide };
    struct item_source *source = items_from_plan(&plan, &err);
    struct buffer text;
    bool found = true;

    buffer_init(&text, SIZE_MAX);
    while (source && found) {
        struct item item;

        if (!source->next(source, &item, &found, &err)) {
            buffer_append_text(&text, "ERROR");
            break;
        }
        if (found)
            buffer_append_format(&text, item.elsewhere ? "(%s)" : "%s",
                                 item.problem ? "!" : item.object.key);
        item_release(&item);
    }
    if (source)
        source->close(source);
    else
        buffer_append_text(&text, "NONE");
    return buffer_take(&text);
}

static void check(unsigned shard, bool names_collide, const char *expected)
{
    char *text = read_plan(shard, names_collide);

    assert_string_equal(text, expected);
    free(text);
}

static void test_items_from_plan_gives_the_shard_s_own(void **state)
{
    (void)state;
    check(0, false, "ab");
    check(1, false, "");
    check(2, false, "c!");
}

static void test_items_from_plan_gives_the_others_before_where_names_collide(void **state)
{
    (void)state;
    check(0, true, "ab");
    check(1, true, "(a)(b)");
    check(2, true, "(a)(b)c!");
}

static void test_items_from_plan_fails_when_a_list_is_missing(void **state)
{
    (void)state;
    check(3, false, "NONE");
    check(4, true, "(a)(b)(c)(!)ERROR");
    assert_non_null(strstr(err.text, "shard-00003.jsonl"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, store_fixture_remove)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_items_from_plan_gives_the_shard_s_own),
        TEST(test_items_from_plan_gives_the_others_before_where_names_collide),
        TEST(test_items_from_plan_fails_when_a_list_is_missing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
