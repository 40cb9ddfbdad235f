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

#define NO_ARRAY                                                                                   \
    "ERROR: /list, line 1: no array begins here; --items-pointer says where in a document one "    \
    "is, and jsonl is for an entry a line\n"

struct json_case {
    const char *name;
    const char *text;
    const char *items;
    const char *pointer;
};

static void check(enum items_format format, const struct json_case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++)
        list_fixture_check(cases[i].name, format, cases[i].pointer, cases[i].text,
                           strlen(cases[i].text), cases[i].items);
}

#define CHECK(format, cases) check(format, cases, sizeof(cases) / sizeof((cases)[0]))

static void test_items_from_jsonl_reads_an_entry_a_line(void **state)
{
    static const struct json_case cases[] = {
        { "empty", "", "", NULL },
        { "strings", "\"a\"\n\"s3://in/b c\"\n", "a\nin/b c\n", NULL },
        { "objects", "{\"Key\":\"a\"}\r\n {\"Key\":\"b\",\"Bucket\":\"in\",\"VersionId\":\"v\"}",
          "a\nin/b?v\n", NULL },
        { "all fields",
          "{\"Bucket\":\"in\",\"Etag\":\"\\\"e\\\"\",\"Key\":\"a\",\"LastModified\":1699999999,"
          "\"Size\":34910,\"StorageClass\":\"STANDARD\"}\n",
          "in/a 34910 \"e\" @1699999999000\n", NULL },
        { "as inventories are read",
          "{\"ETag\":\"e\",\"Key\":\"a\",\"LastModifiedDate\":\"2026-09-23T22:59:01.5Z\","
          "\"Size\":\"12\"}\n",
          "a 12 \"e\" @1790204341500\n", NULL },
        { "an exact name", "{\"Key\":\"\xef\xbf\xbd\",\"KeyEncoded\":\"%FF\"}\n", "\xff\n", NULL },
        { "empty lines", "\n\n\"a\"\n \t\n\"b\"", "a\nb\n", NULL },
        { "nulls and empty texts", "{\"Key\":\"a\",\"Bucket\":null,\"VersionId\":\"\"}", "a\n",
          NULL },
        { "a null beside a key with a percent sign", "{\"Key\":\"a%20b\",\"KeyEncoded\":null}",
          "a%20b\n", NULL },
    };

    (void)state;
    CHECK(ITEMS_JSONL, cases);
}

static void test_items_from_jsonl_gives_a_malformed_line_as_a_problem_and_goes_on(void **state)
{
    static const struct json_case cases[] = {
        { "no JSON", "\"a\"\n{\"Key\":\n\n\"b\"\n",
          "a\n2! it is no JSON: unexpected token near end of file\nb\n", NULL },
        { "no key", "{}\n{\"Key\":\"\"}\n\"\"\n{\"Key\":7}\n",
          "1! it has no Key\n2! it has no Key\n3! its Key is empty\n4! its Key is no string\n",
          NULL },
        { "no entry", "7\n[\"a\"]\nnull\n",
          "1! it is neither an object nor a string\n2! it is neither an object nor a string\n"
          "3! it is neither an object nor a string\n",
          NULL },
        { "bad bucket", "{\"Key\":\"a\",\"Bucket\":\"a/b\"}\n\"s3://\"\n\"s3://in/\"\n",
          "1! its Bucket \"a/b\" cannot be one\n2! it is no S3 URL: s3:// does not name a bucket\n"
          "3! its Key is empty\n",
          NULL },
        { "bad numbers",
          "{\"Key\":\"a\",\"Size\":-1}\n{\"Key\":\"a\",\"Size\":1.5}\n"
          "{\"Key\":\"a\",\"LastModified\":\"soon\"}\n"
          "{\"Key\":\"a\",\"LastModified\":-9223372036854775808}\n",
          "1! its Size is no number of bytes\n2! its Size is no number of bytes\n"
          "3! its LastModified is neither seconds nor a date\n"
          "4! its LastModified is neither seconds nor a date\n",
          NULL },
        { "a NUL in a name", "\"a\\u0000b\"\n",
          "1! it is no JSON: \\u0000 is not allowed without JSON_ALLOW_NUL near '\"a\\u0000b\"'\n",
          NULL },
        { "a bad row of an earlier run", "{\"Key\":\"l:7\",\"Problem\":\"it has no Key\"}\n",
          "1! it has no Key\n", NULL },
    };

    (void)state;
    CHECK(ITEMS_JSONL, cases);
}

static void test_items_from_json_reads_the_array_that_the_pointer_names(void **state)
{
    static const struct json_case cases[] = {
        { "document", "[\"a\", {\"Key\":\"b\"}\n]\n", "a\nb\n", NULL },
        { "empty array", " [ ] ", "", "" },
        { "member", "{\"x\":[1,{\"y\":2}],\"items\":[\"a\"],\"z\":0}", "a\n", "/items" },
        { "member of a member", "{\"a\":{\"c\":[]},\"b\":{\"c\":[\"x\"]}}", "x\n", "/b/c" },
        { "element", "[[\"a\"],[\"b\"]]", "b\n", "/1" },
        { "escaped", "{\"m~n\":0,\"a/b\":{\"m~n\":[\"x\"]}}", "x\n", "/a~1b/m~0n" },
        { "brackets in strings", "{\"no\":\"]}\\\"[\",\"x\":[\"a]\",\"b\\\",\"]}", "a]\nb\",\n",
          "/x" },
        { "empty name", "{\"\":[\"x\"]}", "x\n", "/" },
    };

    (void)state;
    CHECK(ITEMS_JSON, cases);
}

static void test_items_from_json_loses_only_the_element_that_is_malformed(void **state)
{
    static const struct json_case cases[] = {
        { "no JSON", "[\"a\",\nxyz,\n\"b\"]", "a\n2! it is no JSON: invalid token near 'xyz'\nb\n",
          NULL },
        { "open string", "[\"a,\n\"b\"]", "1! it is no JSON: unexpected newline near '\"a,'\n",
          NULL },
        { "no comma", "[{\"Key\":\"a\"} {\"Key\":\"b\"}, \"c\"]",
          "1! it is no JSON: end of file expected near '{'\nc\n", NULL },
        { "no element", "[\"a\",,\"b\"]",
          "a\n1! it is no JSON: unexpected token near end of file\nb\n", NULL },
    };

    (void)state;
    CHECK(ITEMS_JSON, cases);
}

static void test_items_from_json_fails_when_the_list_cannot_be_read_to_its_end(void **state)
{
    static const struct json_case cases[] = {
        { "empty", "", NO_ARRAY, NULL },
        { "object", "{\"a\":1}", NO_ARRAY, NULL },
        { "cut off", "[\"a\",\"b", "a\nERROR: /list, line 1: the list ends inside of its array\n",
          NULL },
        { "cut off behind a comma", "[\"a\",\n",
          "a\nERROR: /list, line 2: the list ends inside of its array\n", NULL },
        { "two arrays", "[\"a\"]\n[\"b\"]\n",
          "a\nERROR: /list, line 2: there is more text after the array; is it jsonl?\n", NULL },
        { "nothing there", "{\"a\":[]}",
          "ERROR: /list, line 1: the items pointer names nothing in it\n", "/b" },
        { "no such element", "[[]]",
          "ERROR: /list, line 1: the items pointer names nothing in it\n", "/1" },
        { "not below", "{\"a\":1}",
          "ERROR: /list, line 1: the items pointer goes on where nothing is below it\n", "/a/b" },
        { "no pointer", "[]", "ERROR: --items-pointer: \"a\" does not begin with /\n", "a" },
    };

    (void)state;
    CHECK(ITEMS_JSON, cases);
}

static void test_items_from_json_survives_depth_and_length(void **state)
{
    struct buffer text;

    (void)state;
    buffer_init(&text, SIZE_MAX);
    buffer_append_text(&text, "[");
    for (int i = 0; i < 300000; i++)
        buffer_append_text(&text, "[");
    for (int i = 0; i < 300000; i++)
        buffer_append_text(&text, "]");
    buffer_append_text(&text, ",\"");
    for (int i = 0; i < 1100000; i++)
        buffer_append_text(&text, "k");
    buffer_append_text(&text, "\",\"b\"]");
    list_fixture_check("deep and long", ITEMS_JSON, NULL, text.bytes, text.size,
                       "1! it is no JSON: maximum parsing depth reached near '['\n"
                       "1! it is over 1 MiB long\nb\n");
    buffer_release(&text);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_make, scratch_remove)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_items_from_jsonl_reads_an_entry_a_line),
        TEST(test_items_from_jsonl_gives_a_malformed_line_as_a_problem_and_goes_on),
        TEST(test_items_from_json_reads_the_array_that_the_pointer_names),
        TEST(test_items_from_json_loses_only_the_element_that_is_malformed),
        TEST(test_items_from_json_fails_when_the_list_cannot_be_read_to_its_end),
        TEST(test_items_from_json_survives_depth_and_length),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
