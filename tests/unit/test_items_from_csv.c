/* SPDX-License-Identifier: MIT */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "list_fixture.h"
#include "scratch.h"

struct csv_case {
    const char *name;
    const char *text;
    const char *items;
};

static void check(const struct csv_case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++)
        list_fixture_check(cases[i].name, ITEMS_CSV, NULL, cases[i].text, strlen(cases[i].text),
                           cases[i].items);
}

#define CHECK(cases) check(cases, sizeof(cases) / sizeof((cases)[0]))

static void test_items_from_csv_reads_batch_operations_manifests(void **state)
{
    static const struct csv_case cases[] = {
        { "empty", "", "" },
        { "bucket and key", "in,a.wav\nin,b/c.wav\n", "in/a.wav\nin/b/c.wav\n" },
        { "no line end at the end", "in,a\nin,b", "in/a\nin/b\n" },
        { "CRLF", "in,a\r\nin,b,v1\r\n", "in/a\nin/b?v1\n" },
        { "versions", "in,a,null\nin,b,3/L4+x.y\nin,c,\n", "in/a?null\nin/b?3/L4+x.y\nin/c\n" },
        { "encoded keys", "in,a%20b%2Cc%0A%C3%A9\nin,a+b%2Bc\n", "in/a b,c\n\xc3\xa9\nin/a b+c\n" },
        { "more columns", "in,a,v,what,ever\n", "in/a?v\n" },
        { "empty lines", "\n\r\nin,a\n\n\nin,b\n\n", "in/a\nin/b\n" },
        { "byte order mark", "\xef\xbb\xbfin,a\n", "in/a\n" },
        { "a header in spite of all", "Bucket,Key,VersionId\nin,a\n", "in/a\n" },
    };

    (void)state;
    CHECK(cases);
}

static void test_items_from_csv_takes_quotes_and_backslashes_away(void **state)
{
    static const struct csv_case cases[] = {
        { "quoted", "\"in\",\"a,b\"\n", "in/a,b\n" },
        { "quote in quotes", "in,\"a\"\"b\"\n", "in/a\"b\n" },
        { "quoted empty version", "in,a,\"\"\n", "in/a\n" },
        { "line end in quotes", "in,\"a\nb\"\nin,c\n", "in/a\nb\nin/c\n" },
        { "CRLF behind a quote", "\"in\",\"a\"\r\n", "in/a\n" },
        { "escaped quote, comma and backslash", "in,a\\\"\\,\\\\b\n", "in/a\",\\b\n" },
        { "escaped in quotes", "in,\"a\\\"b\"\n", "in/a\"b\n" },
        { "other backslashes go", "in,a\\bc\n", "in/abc\n" },
        { "quote inside of a field", "in,a\"b\n", "in/a\"b\n" },
    };

    (void)state;
    CHECK(cases);
}

static void test_items_from_csv_gives_a_malformed_row_as_a_problem_and_goes_on(void **state)
{
    static const struct csv_case cases[] = {
        { "one column", "in\nin,a\n", "1! it has one column; Bucket,Key is wanted\nin/a\n" },
        { "no key", "in,\nin,a\n", "1! its Key is empty\nin/a\n" },
        { "no percent-encoding", "in,a%2\nin,%zz\nin,%00\nin,a\n",
          "1! its key is not percent-encoded: a % begins no %XX\n"
          "2! its key is not percent-encoded: a % begins no %XX\n"
          "3! its key is not percent-encoded: a % begins no %XX\nin/a\n" },
        { "no bucket", ",a\nin,a\n", "a\nin/a\n" },
        { "a bucket that would be another host", "evil.example/x,a\nin@host:1,a\nin,a\n",
          "1! its Bucket \"evil.example/x\" cannot be one\n"
          "2! its Bucket \"in@host:1\" cannot be one\nin/a\n" },
        { "text behind a quote", "in,\"a\"b\nin,c\n", "1! text follows a closing quote\nin/c\n" },
        { "open quote", "in,\"a\nin,b\nin,c\n", "1! a quote is not closed\nin/b\nin/c\n" },
        { "open quote at the end", "in,a\nin,\"", "in/a\n2! a quote is not closed\n" },
        { "two open quotes", "in,\"a\nin,b\nin,\"c\nin,d\n",
          "1! text follows a closing quote\nin/b\n3! a quote is not closed\nin/d\n" },
        { "lines are counted", "\n\nin,\"a\nb\"\nx\n",
          "in/a\nb\n5! it has one column; Bucket,Key is wanted\n" },
    };

    (void)state;
    CHECK(cases);
}

static void test_items_from_csv_has_limits(void **state)
{
    struct buffer text;

    (void)state;
    buffer_init(&text, SIZE_MAX);
    buffer_append_text(&text, "in,");
    for (int i = 0; i < 100000; i++)
        buffer_append_text(&text, "k");
    buffer_append_text(&text, "\nin,a\n");
    list_fixture_check("long row", ITEMS_CSV, NULL, text.bytes, text.size,
                       "1! it is over 64 KiB long\nin/a\n");
    buffer_clear(&text);
    buffer_append_text(&text, "in,\"a\n");
    for (int i = 0; i < 30000; i++)
        buffer_append_text(&text, "\n\n\n");
    buffer_append_text(&text, "in,b\n");
    list_fixture_check("open quote", ITEMS_CSV, NULL, text.bytes, text.size,
                       "1! a quote is not closed within 64 KiB\nin/b\n");
    buffer_clear(&text);
    buffer_append_text(&text, "in,a,");
    for (int i = 0; i < 1000; i++)
        buffer_append_text(&text, ",b");
    list_fixture_check("many columns", ITEMS_CSV, NULL, text.bytes, text.size, "in/a\n");
    buffer_release(&text);
    list_fixture_check("a NUL", ITEMS_CSV, NULL, "in,a\0b\nin,c\n", 12,
                       "1! it has a NUL byte\nin/c\n");
}

static void test_items_from_csv_fails_without_its_list(void **state)
{
    char *read;

    (void)state;
    read = list_fixture_read(ITEMS_CSV, "nothing", NULL);
    assert_non_null(strstr(read, "ERROR: "));
    assert_non_null(strstr(read, "nothing"));
    free(read);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_make, scratch_remove)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_items_from_csv_reads_batch_operations_manifests),
        TEST(test_items_from_csv_takes_quotes_and_backslashes_away),
        TEST(test_items_from_csv_gives_a_malformed_row_as_a_problem_and_goes_on),
        TEST(test_items_from_csv_has_limits),
        TEST(test_items_from_csv_fails_without_its_list),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
