/* SPDX-License-Identifier: MIT */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "items/item_source.h"
#include "scratch.h"

static struct location place;
static struct store *store;
static struct error err;

static struct item_source *open_source(const struct location *skip)
{
    assert_true(location_parse(scratch_path(), &place, &err));
    store = store_open(&place, NULL, NULL, false, &err);
    assert_non_null(store);
    return items_from_listing(store, skip);
}

static void close_source(struct item_source *source)
{
    source->close(source);
    store_close(store);
    location_release(&place);
}

static void test_items_from_listing_gives_each_file_once(void **state)
{
    static const char *const keys[] = { "a/empty", "a/x", "b" };
    struct item_source *source;
    struct item item;
    bool found;

    (void)state;
    scratch_file("b", "1");
    scratch_file("a/x", "22");
    scratch_file("a/empty", "");
    scratch_link("link", "b");
    source = open_source(NULL);
    for (size_t i = 0; i < 3; i++) {
        memset(&item, 0xa5, sizeof(item)); /* whatever the caller's memory held */
        assert_true(source->next(source, &item, &found, &err));
        assert_true(found);
        assert_string_equal(item.object.key, keys[i]);
        assert_null(item.object.etag);
        item_release(&item);
    }
    memset(&item, 0xa5, sizeof(item));
    assert_true(source->next(source, &item, &found, &err));
    assert_false(found);
    assert_null(item.object.key);
    item_release(&item);
    close_source(source);
}

static void test_items_from_listing_leaves_a_folder_out(void **state)
{
    struct item_source *source;
    struct location skip;
    struct location root;
    struct item item;
    bool found;

    (void)state;
    scratch_file("_avmap/x", "1");
    assert_true(location_parse(scratch_path(), &root, &err));
    location_below(&root, "_avmap", &skip);
    source = open_source(&skip);
    assert_true(source->next(source, &item, &found, &err));
    assert_false(found);
    close_source(source);
    location_release(&skip);
    location_release(&root);
}

static void test_items_from_listing_may_be_closed_at_once(void **state)
{
    (void)state;
    scratch_file("x", "1");
    close_source(open_source(NULL));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_make, scratch_remove)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_items_from_listing_gives_each_file_once),
        TEST(test_items_from_listing_leaves_a_folder_out),
        TEST(test_items_from_listing_may_be_closed_at_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
