/* SPDX-License-Identifier: MIT */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/memory.h"
#include "run/document.h"
#include "scratch.h"
#include "store_fixture.h"

static struct error err;

static void test_document_write_is_read_again(void **state)
{
    json_t *value = json_pack("{s:s, s:i, s:{s:[]}}", "z", "\xc3\xa9\n\x01", "a", 7, "m", "n");
    json_t *read;
    char *text;

    (void)state;
    for (int i = 0; i < 2; i++) { /* the second time over the first */
        assert_true(document_write(store_fixture.store, "a/b c.json", value, &err));
        text = scratch_read("a/b c.json");
        assert_string_equal(text, "{\"a\":7,\"m\":{\"n\":[]},\"z\":\"\xc3\xa9\\n\\u0001\"}");
        free(text);
        read = document_read(store_fixture.store, "a/b c.json", &err);
        assert_true(json_equal(read, value));
        json_decref(read);
    }
    json_decref(value);
}

#define TEXT(bytes) bytes, sizeof(bytes) - 1

static void test_document_read_refuses_what_is_no_json_object(void **state)
{
    static const struct {
        const char *name;
        const char *bytes;
        size_t size;
    } cases[] = {
        { "nothing", TEXT("") },
        { "spaces", TEXT(" \n") },
        { "an array", TEXT("[]") },
        { "a string", TEXT("\"x\"") },
        { "a number", TEXT("7") },
        { "null", TEXT("null") },
        { "cut short", TEXT("{\"a\":1") },
        { "two", TEXT("{}{}") },
        { "a NUL at the end", TEXT("{}\0") },
        { "a NUL within", TEXT("{\"a\":\"\0\"}") },
        { "an escaped NUL", TEXT("{\"a\":\"\\u0000\"}") },
        { "a name twice", TEXT("{\"a\":1,\"a\":1}") },
        { "not UTF-8", TEXT("{\"a\":\"\xff\"}") },
        { "half a surrogate", TEXT("{\"a\":\"\\ud800\"}") },
        { "a byte order mark", TEXT("\xef\xbb\xbf{}") },
        { "a line feed in a string", TEXT("{\"a\":\"\n\"}") },
        { "a number without end", TEXT("{\"a\":1e999999}") },
        { "HTML", TEXT("<html><body>503</body></html>") },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        json_t *value;

        scratch_bytes("x.json", cases[i].bytes, cases[i].size);
        value = document_read(store_fixture.store, "x.json", &err);
        if (value)
            fail_msg("took %s", cases[i].name);
        if (err.kind != ERROR_OBJECT || strcmp(err.word, "Avmap.BadDocument") != 0 ||
            !strstr(err.text, "x.json"))
            fail_msg("%s: %s: %s", cases[i].name, err.word, err.text);
    }
}

static void test_document_read_refuses_what_is_not_there_or_no_file(void **state)
{
    (void)state;
    assert_null(document_read(store_fixture.store, "nowhere.json", &err));
    assert_int_equal(err.kind, ERROR_NOT_FOUND);
    assert_non_null(strstr(err.text, "nowhere.json"));
    scratch_folder("folder");
    assert_null(document_read(store_fixture.store, "folder", &err));
    scratch_file("target", "{}");
    scratch_link("link", "target");
    assert_null(document_read(store_fixture.store, "link", &err));
    assert_null(document_read(store_fixture.store, "../x", &err));
    assert_null(document_read(store_fixture.store, "/etc/passwd", &err));
}

/* A hostile file of any size takes no more memory than a large document. */
static void test_document_read_refuses_what_is_too_long(void **state)
{
    char *path = memory_format("%s/long", scratch_path());

    (void)state;
    scratch_file("long", "{\"a\":1}");
    assert_int_equal(truncate(path, (off_t)65 * 1024 * 1024), 0);
    assert_null(document_read(store_fixture.store, "long", &err));
    assert_string_equal(err.word, "Avmap.BadDocument");
    assert_non_null(strstr(err.text, "too long"));
    free(path);
}

static void test_document_write_fails_where_nothing_can_be_written(void **state)
{
    json_t *value = json_object();

    (void)state;
    scratch_folder("x.json/in the way");
    assert_false(document_write(store_fixture.store, "x.json", value, &err));
    assert_int_not_equal(err.kind, ERROR_NONE);
    assert_false(document_write(store_fixture.store, "../x.json", value, &err));
    json_decref(value);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, store_fixture_make, store_fixture_remove)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_document_write_is_read_again),
        TEST(test_document_read_refuses_what_is_no_json_object),
        TEST(test_document_read_refuses_what_is_not_there_or_no_file),
        TEST(test_document_read_refuses_what_is_too_long),
        TEST(test_document_write_fails_where_nothing_can_be_written),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
