/* SPDX-License-Identifier: MIT */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "run/set_note.h"
#include "s3_fixture.h"
#include "scratch.h"
#include "store_fixture.h"

static struct error err;

static void test_set_note_make_tells_rows_by_their_first_name(void **state)
{
    char b2[] = "x/b2.ts";
    char b1[] = "x/b1.ts";
    char b10[] = "x/b10.ts";
    char deep[] = "x/d e/100%*.ts";
    char *keys[] = { deep, b10, b2, b1 };
    char *note = set_note_make("x/b.m3u8", keys, 4, 99);

    (void)state;
    assert_string_equal(note, "99 b1.ts*2 b10.ts d%20e/100%25%2A.ts");
    free(note);
    note = set_note_make("b0.ts", NULL, 0, 0);
    assert_string_equal(note, "0");
    free(note);
}

static void test_set_note_make_gives_up_where_rows_are_many(void **state)
{
    char *keys[100];
    char *note;

    (void)state;
    for (int i = 0; i < 100; i++)
        keys[i] = memory_format("%d.ts", 2 * i);
    note = set_note_make("x.m3u8", keys, 100, 1);
    assert_null(note);
    for (int i = 0; i < 100; i++)
        free(keys[i]);
}

static bool is_true(const char *note, struct store *where)
{
    bool answer = false;

    if (!set_note_is_true(note, "x/a.m3u8", where, &answer, &err))
        fail_msg("%s: %s", note, err.text);
    return answer;
}

static void test_set_note_is_true_when_all_is_there_with_its_bytes(void **state)
{
    static const struct {
        const char *note;
        bool answer;
    } cases[] = {
        { "0", true },
        { "10 a1.ts*2", true },
        { "12 a1.ts*2 d/x%20y", true },
        { "15 a1.ts*3", false },
        { "11 a1.ts*2", false },
        { "5 a1.ts", true },
        { "0 a3.ts", false },
        { "2 ../x/d/x%20y", false },
        { "", false },
        { "x", false },
        { "5 a1.ts*0", false },
        { "5 a1.ts*x", false },
        { "5 d*2", false },
        { "5 %", false },
        { "5 a1.ts*999999999", false },
        { "-1 a1.ts", false },
    };

    (void)state;
    scratch_file("x/a1.ts", "12345");
    scratch_file("x/a2.ts", "12345");
    scratch_file("x/d/x y", "12");
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        if (is_true(cases[i].note, store_fixture.store) != cases[i].answer)
            fail_msg("%s", cases[i].note);
    }
}

#define OBJECT(key)                                                                                \
    "<Contents><Key>" key "</Key><LastModified>2013-01-10T21:45:09.000Z</LastModified>"            \
    "<Size>5</Size></Contents>"

static void test_set_note_is_true_after_one_listing_in_s3(void **state)
{
    static const struct canned_reply reply = {
        .status = 200,
        .body = "<ListBucketResult><IsTruncated>false</IsTruncated>" OBJECT("x/a.m3u8")
            OBJECT("x/a1.ts") OBJECT("x/a1x.ts") OBJECT("x/a2.ts") "</ListBucketResult>",
    };
    struct s3_fixture fixture;
    struct location in_s3;
    struct store *bucket;

    (void)state;
    s3_fixture_open(&fixture, &reply, 1);
    assert_true(location_parse("s3://bucket/x/", &in_s3, &err));
    bucket = store_open(&in_s3, fixture.service, NULL, false, &err);
    assert_true(is_true("10 a1.ts*2", bucket));
    assert_false(is_true("15 a1.ts*3", bucket));
    assert_false(is_true("11 a1.ts*2", bucket));
    assert_int_equal(canned_server_requests(fixture.server), 3);
    assert_true(canned_server_saw(fixture.server, 0, "prefix=x%2Fa "));
    assert_false(is_true("15 a%01b1.ts*3", bucket));
    assert_true(canned_server_saw(fixture.server, 3, "prefix=x%2Fa "));
    store_close(bucket);
    location_release(&in_s3);
    s3_fixture_close(&fixture);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, store_fixture_make, store_fixture_remove)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_set_note_make_tells_rows_by_their_first_name),
        cmocka_unit_test(test_set_note_make_gives_up_where_rows_are_many),
        TEST(test_set_note_is_true_when_all_is_there_with_its_bytes),
        cmocka_unit_test(test_set_note_is_true_after_one_listing_in_s3),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
