/* SPDX-License-Identifier: MIT */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "items/item.h"

struct item_case {
    const char *name;
    const char *bucket;
    const char *key;
    const char *etag;
    const char *storage_class;
    uint64_t size;
    int64_t modified_ms;
    const char *json;
};

static void check(const struct item_case *expected)
{
    struct item item = {
        .index = 7,
        .object = { .key = memory_copy_text(expected->key),
                    .etag = memory_copy_text(expected->etag),
                    .storage_class = memory_copy_text(expected->storage_class),
                    .size = expected->size,
                    .modified_ms = expected->modified_ms },
    };
    char *json = item_json(&item, expected->bucket);

    if (strcmp(json, expected->json) != 0)
        fail_msg("%s: %s", expected->name, json);
    free(json);
    item_release(&item);
    assert_null(item.object.key);
    item_release(&item);
}

static void test_item_json_is_what_a_map_gets(void **state)
{
    static const struct item_case cases[] = {
        { "S3", "in", "a b/c.mp3", "\"9a0364b9e99bb480dd25e1f0284c8555\"", "STANDARD", 34910,
          INT64_C(1699999999999),
          "{\"Bucket\":\"in\",\"Etag\":\"\\\"9a0364b9e99bb480dd25e1f0284c8555\\\"\","
          "\"Key\":\"a b/c.mp3\",\"LastModified\":1699999999,\"Size\":34910,"
          "\"StorageClass\":\"STANDARD\"}" },
        { "folder", NULL, "x", NULL, NULL, 1, 0, "{\"Key\":\"x\",\"LastModified\":0,\"Size\":1}" },
        { "over 4 GiB", NULL, "x", NULL, NULL, UINT64_C(5) << 40, 0,
          "{\"Key\":\"x\",\"LastModified\":0,\"Size\":5497558138880}" },
        { "quotes and control characters", NULL, "\"\\/\t\x01\x7f", NULL, NULL, 1, 0,
          "{\"Key\":\"\\\"\\\\/\\t\\u0001\x7f\",\"LastModified\":0,\"Size\":1}" },
        { "UTF-8", NULL, "\xc3\xa9\xf0\x9f\x8e\xb5", NULL, NULL, 1, 0,
          "{\"Key\":\"\xc3\xa9\xf0\x9f\x8e\xb5\",\"LastModified\":0,\"Size\":1}" },
        { "no UTF-8", NULL, "a/\xff%\xc3\xa9 \x01~", NULL, NULL, 1, 0,
          "{\"Key\":\"a/\xef\xbf\xbd%\xc3\xa9 \\u0001~\","
          "\"KeyEncoded\":\"a/%FF%25%C3%A9%20%01~\",\"LastModified\":0,\"Size\":1}" },
        { "surrogates", NULL, "\xed\xa0\x80", NULL, NULL, 1, 0,
          "{\"Key\":\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\",\"KeyEncoded\":\"%ED%A0%80\","
          "\"LastModified\":0,\"Size\":1}" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        check(&cases[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_item_json_is_what_a_map_gets),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
