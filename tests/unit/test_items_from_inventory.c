/* SPDX-License-Identifier: MIT */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/digest.h"
#include "base/memory.h"
#include "list_fixture.h"
#include "scratch.h"

#define MANIFEST "inv/src/daily/2026-11-01T01-00Z/manifest.json"
#define FILE_KEY "inv/src/daily/data/one.csv.gz"
#define SCHEMA                                                                                     \
    "Bucket, Key, VersionId, IsLatest, IsDeleteMarker, Size, LastModifiedDate, ETag, StorageClass"

/* The text is not packed, which unpack.c tells by itself. */
static void write_inventory(const char *schema, const char *format, const char *rows,
                            const char *file_key)
{
    uint8_t digest[MD5_SIZE];
    char md5[2 * MD5_SIZE + 1];
    char *manifest;

    digest_md5(rows, strlen(rows), digest);
    manifest = memory_format(
        "{\"sourceBucket\":\"src\",\"destinationBucket\":\"arn:aws:s3:::dest\",\"version\":"
        "\"2016-11-30\",\"fileFormat\":\"%s\",\"fileSchema\":\"%s\",\"files\":[{\"key\":\"%s\","
        "\"size\":%zu,\"MD5checksum\":\"%s\"}]}",
        format, schema, FILE_KEY, strlen(rows), digest_hex(digest, MD5_SIZE, md5));
    scratch_file(MANIFEST, manifest);
    if (file_key)
        scratch_file(file_key, rows);
    free(manifest);
}

static void check(const char *expected)
{
    char *read = list_fixture_read(ITEMS_INVENTORY, MANIFEST, NULL);

    assert_string_equal(read, expected);
    free(read);
}

static void check_refusal(const char *words)
{
    char *read = list_fixture_read(ITEMS_INVENTORY, MANIFEST, NULL);

    if (strncmp(read, "ERROR: ", 7) != 0 || !strstr(read, words))
        fail_msg("\"%s\" expected: %s", words, read);
    free(read);
}

static void test_items_from_inventory_gives_current_versions_by_the_schema(void **state)
{
    static const char rows[] =
        "\"src\",\"a+b%2Bc.wav\",\"v1\",\"true\",\"false\",\"12\",\"2026-09-23T22:59:01.000Z\","
        "\"e1\",\"STANDARD\"\n"
        "\"src\",\"old.wav\",\"v1\",\"false\",\"false\",\"12\",\"2026-09-23T22:59:01.000Z\",\"e\","
        "\"STANDARD\"\n"
        "\"src\",\"gone.wav\",\"v2\",\"true\",\"true\",\"\",\"2026-09-23T22:59:01.000Z\",\"\","
        "\"\"\n"
        "\"src\",\"empty/\",\"\",\"true\",\"false\",\"0\",\"2026-09-23T22:59:01.000Z\",\"e2\","
        "\"GLACIER\"\n"
        "\"src\",\"%zz\",\"\",\"true\",\"false\",\"1\",\"\",\"\",\"\"\n"
        "\"src\",\"x\",\"\",\"true\",\"false\",\"many\",\"\",\"\",\"\"\n";

    (void)state;
    write_inventory(SCHEMA, "CSV", rows, FILE_KEY);
    check("src/a b+c.wav?v1 12 \"e1\" @1790204341000\n"
          "src/empty/ 0 \"e2\" @1790204341000\n"
          "5! its key is not percent-encoded: a % begins no %XX\n"
          "6! its Size is no number of bytes\n");
}

static void test_items_from_inventory_takes_columns_in_any_order(void **state)
{
    (void)state;
    write_inventory("Size, Key", "CSV", "\"7\",\"a\"\n", FILE_KEY);
    check("src/a 7\n");
}

static void test_items_from_inventory_finds_local_files(void **state)
{
    static const char *const places[] = {
        FILE_KEY,                                          /* below a folder above, as in S3 */
        "inv/src/daily/data/one.csv.gz",                   /* in data, as in S3 */
        "inv/src/daily/2026-11-01T01-00Z/data/one.csv.gz", /* in data below */
        "inv/src/daily/2026-11-01T01-00Z/one.csv.gz",      /* beside */
        "inv/src/inv/src/daily/data/one.csv.gz",           /* in a copy of the bucket */
    };

    (void)state;
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        write_inventory("Key", "CSV", "\"a\"\n", places[i]);
        check("src/a\n");
        scratch_remove(state);
        scratch_make(state);
    }
    write_inventory("Key", "CSV", "\"a\"\n", NULL);
    check_refusal("one.csv.gz is neither in data beside it nor in a folder above");
}

static void test_items_from_inventory_does_without_a_checksum(void **state)
{
    (void)state;
    write_inventory("Key", "CSV", "\"a\"\n", FILE_KEY);
    scratch_file("inv/src/daily/2026-11-01T01-00Z/manifest.checksum", "");
    check("src/a\n");
}

static void test_items_from_inventory_refuses_what_is_damaged(void **state)
{
    (void)state;
    write_inventory("Key", "CSV", "\"a\"\n", FILE_KEY);
    scratch_file(FILE_KEY, "\"b\"\n");
    check_refusal("its MD5 is");
    write_inventory("Key", "CSV", "\"a\"\n", FILE_KEY);
    scratch_file("inv/src/daily/2026-11-01T01-00Z/manifest.checksum",
                 "00000000000000000000000000000000\n");
    check_refusal("its MD5 is");
}

static void test_items_from_inventory_refuses_other_documents(void **state)
{
    static const struct {
        const char *text;
        const char *words;
    } cases[] = {
        { "", "no JSON" },
        { "[]", "it has no fileFormat" },
        { "{\"fileFormat\":7}", "it has no fileFormat" },
        { "{\"fileFormat\":\"CSV\",\"sourceBucket\":\"s\",\"destinationBucket\":\"d\"}",
          "it has no fileSchema" },
        { "{\"fileFormat\":\"CSV\",\"sourceBucket\":\"s\",\"destinationBucket\":\"d\","
          "\"fileSchema\":\"Bucket\"}",
          "its fileSchema has no Key" },
        { "{\"fileFormat\":\"CSV\",\"sourceBucket\":\"s\",\"destinationBucket\":\"d\","
          "\"fileSchema\":\"Key\",\"files\":[{\"key\":\"x\"}]}",
          "it has no MD5checksum" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        scratch_file(MANIFEST, cases[i].text);
        check_refusal(cases[i].words);
    }
    write_inventory("Key", "Parquet", "", FILE_KEY);
    check_refusal("the inventory's files are Parquet, avmap reads CSV ones");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_make, scratch_remove)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_items_from_inventory_gives_current_versions_by_the_schema),
        TEST(test_items_from_inventory_takes_columns_in_any_order),
        TEST(test_items_from_inventory_finds_local_files),
        TEST(test_items_from_inventory_does_without_a_checksum),
        TEST(test_items_from_inventory_refuses_what_is_damaged),
        TEST(test_items_from_inventory_refuses_other_documents),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
