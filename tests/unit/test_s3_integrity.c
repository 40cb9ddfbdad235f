/* SPDX-License-Identifier: MIT */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "s3/s3_download.h"
#include "s3/s3_integrity.h"
#include "s3/s3_service_parts.h"
#include "s3/s3_upload.h"
#include "s3_fixture.h"

/* Of "123456789": CRC32 cbf43926, CRC32C e3069283, CRC64NVME ae8b14860a799888, and its MD5. */
#define MD5 "25f9e794323b453885f5181f1b624d0b"

/* That of "12345" and "6789", and of "123456" and "789". */
#define MD5_OF_PARTS "324730582f20c3f18cbb66d63a6137d2-2"
#define MD5_OF_ODD_PARTS "89b03e7c1a38d5389a7d1fb483c126d4-2"

static enum s3_verdict judge(const char *headers, bool by_etag)
{
    struct http_response response;
    struct budget budget;
    struct spool spool;
    struct error err;
    struct s3_finding finding = { .verdict = S3_UNSURE };

    budget_init(&budget, 1 << 20);
    spool_init(&spool, &budget);
    assert_true(spool_write(&spool, 0, "123456789", 9, &err));
    http_response_init(&response, 1024);
    http_response_clear(&response);
    response.status = 200;
    while (*headers) {
        size_t length = strcspn(headers, "\n") + 1;

        http_response_keep(&response, headers, length);
        headers += length;
    }
    assert_true(s3_integrity_check(&response, &spool, by_etag, &finding, &err));
    http_response_release(&response);
    spool_release(&spool);
    return finding.verdict;
}

static void test_s3_integrity_check_compares_with_all_that_was_sent(void **state)
{
    static const struct {
        const char *headers;
        bool by_etag;
        enum s3_verdict verdict;
    } cases[] = {
        { "\n", true, S3_INTACT },
        { "x-amz-checksum-crc32: y/Q5Jg==\n", false, S3_INTACT },
        { "x-amz-checksum-crc32: y/Q5Jw==\n", false, S3_DAMAGED },
        { "x-amz-checksum-sha1: 98O8HYCOBHMq32eZZczDTKeuNEE=\n", false, S3_INTACT },
        { "x-amz-checksum-sha1: A8O8HYCOBHMq32eZZczDTKeuNEE=\n", false, S3_DAMAGED },
        { "x-amz-checksum-sha256: FeKw08M4keuw8e9gnsQZQgwg4yDOlMZfvIwzEkSOsiU=\n", false,
          S3_INTACT },
        { "x-amz-checksum-sha256: AeKw08M4keuw8e9gnsQZQgwg4yDOlMZfvIwzEkSOsiU=\n", false,
          S3_DAMAGED },
        { "x-amz-checksum-sha1: A8O8HYCOBHMq32eZZczDTKeuNEE=\nx-amz-checksum-sha256: "
          "FeKw08M4keuw8e9gnsQZQgwg4yDOlMZfvIwzEkSOsiU=\n",
          false, S3_DAMAGED },
        { "x-amz-checksum-crc32c: 4waSgw==\n", false, S3_INTACT },
        { "x-amz-checksum-crc32c: 4waSgg==\n", false, S3_DAMAGED },
        { "x-amz-checksum-crc64nvme: rosUhgp5mIg=\n", false, S3_INTACT },
        { "x-amz-checksum-crc64nvme: rosUhgp5mIk=\n", false, S3_DAMAGED },
        { "x-amz-checksum-crc32: y/Q5Jw==-2\n", false, S3_INTACT },
        { "x-amz-checksum-crc32: y/Q5Jw==\nx-amz-checksum-type: COMPOSITE\n", false, S3_INTACT },
        { "etag: \"" MD5 "\"\n", true, S3_INTACT },
        { "etag: \"35f9e794323b453885f5181f1b624d0b\"\n", true, S3_DAMAGED },
        { "etag: \"35f9e794323b453885f5181f1b624d0b\"\n", false, S3_INTACT },
        { "etag: \"35f9e794323b453885f5181f1b624d0b-2\"\n", true, S3_UNSURE },
        { "etag: \"35f9e794323b453885f5181f1b624d0b-2\"\n", false, S3_INTACT },
        { "etag: \"" MD5_OF_PARTS "\"\n", true, S3_INTACT },
        { "etag: W/" MD5_OF_PARTS "\n", true, S3_INTACT },
        { "etag: \"" MD5_OF_PARTS "\"\nx-amz-checksum-crc32: y/Q5Jw==\n", true, S3_DAMAGED },
        { "etag: \"35f9e794323b453885f5181f1b624d0b-2\"\nx-amz-checksum-crc32: y/Q5Jg==\n", true,
          S3_INTACT },
        { "etag: \"35f9e794323b453885f5181f1b624d0b-2\"\nx-amz-server-side-encryption: aws:kms\n",
          true, S3_INTACT },
        { "etag: \"35f9e794323b453885f5181f1b624d0b\"\nx-amz-server-side-encryption: aws:kms\n",
          true, S3_INTACT },
        { "etag: \"opaque\"\n", true, S3_INTACT },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        print_message("%s", cases[i].headers);
        assert_int_equal(judge(cases[i].headers, cases[i].by_etag), cases[i].verdict);
    }
}

static void test_s3_download_fetches_changed_bytes_again(void **state)
{
    static const struct canned_reply replies[] = {
        { .status = 200, .headers = "ETag: \"" MD5 "\"\r\n", .body = "123456780" },
        { .status = 200,
          .headers = "ETag: \"" MD5 "\"\r\nx-amz-checksum-crc32: y/Q5Jg==\r\n",
          .body = "123446789" },
        { .status = 200, .headers = "ETag: \"" MD5 "\"\r\n", .body = "123456789" },
    };
    char key[] = "k";
    char etag[] = "\"" MD5 "\"";
    const struct object object = { .key = key, .etag = etag, .size = 9 };
    struct s3_fixture fixture;

    (void)state;
    s3_fixture_open(&fixture, replies, COUNT(replies));
    assert_true(s3_download(fixture.client, "bucket", &object, &fixture.spool, &fixture.err));
    assert_memory_equal(spool_bytes(&fixture.spool), "123456789", 9);
    assert_int_equal(canned_server_requests(fixture.server), 3);
    assert_true(canned_server_saw(fixture.server, 0, "\r\nx-amz-checksum-mode: ENABLED\r\n"));
    s3_fixture_close(&fixture);
}

static void test_s3_download_never_gives_changed_bytes_out(void **state)
{
    static const struct canned_reply replies[] = {
        { .status = 200, .headers = "ETag: \"" MD5 "\"\r\n", .body = "123456780" },
    };
    char key[] = "k";
    char etag[] = "\"" MD5 "\"";
    const struct object object = { .key = key, .etag = etag, .size = 9 };
    struct s3_fixture fixture;

    (void)state;
    s3_fixture_open(&fixture, replies, COUNT(replies));
    assert_false(s3_download(fixture.client, "bucket", &object, &fixture.spool, &fixture.err));
    assert_string_equal(fixture.err.word, "S3.ChecksumMismatch");
    fixture.service->wants_checks = false;
    spool_clear(&fixture.spool);
    assert_true(s3_download(fixture.client, "bucket", &object, &fixture.spool, &fixture.err));
    s3_fixture_close(&fixture);
}

/* The download of "123456789" in parts with that ETag. */
static bool download(const char *etag, const struct canned_reply *replies, size_t count,
                     size_t *requests)
{
    const struct object object = { .key = (char[]){ "k" }, .etag = (char *)etag, .size = 9 };
    struct s3_fixture fixture;
    bool ok;

    s3_fixture_open(&fixture, replies, count);
    ok = s3_download(fixture.client, "bucket", &object, &fixture.spool, &fixture.err);
    if (ok)
        assert_memory_equal(spool_bytes(&fixture.spool), "123456789", 9);
    else
        assert_string_equal(fixture.err.word, "S3.ChecksumMismatch");
    *requests = canned_server_requests(fixture.server);
    s3_fixture_close(&fixture);
    return ok;
}

#define WHOLE(etag, text)                                                                          \
    {                                                                                              \
        .status = 200, .headers = "ETag: \"" etag "\"\r\n", .body = (text)                         \
    }
#define PIECE(range, text)                                                                         \
    {                                                                                              \
        .status = 206, .headers = "Content-Range: bytes " range "/9\r\n", .body = (text)           \
    }

static void test_s3_download_of_parts_reads_twice_only_when_the_etag_fits_no_parts(void **state)
{
    static const struct canned_reply usual[] = { WHOLE(MD5_OF_PARTS, "123456789") };
    static const struct canned_reply odd[] = {
        WHOLE(MD5_OF_ODD_PARTS, "123456789"),
        PIECE("0-3", "1234"),
        PIECE("4-7", "5678"),
        PIECE("8-8", "9"),
    };
    size_t requests;

    (void)state;
    assert_true(download("\"" MD5_OF_PARTS "\"", usual, COUNT(usual), &requests));
    assert_int_equal(requests, 1);
    assert_true(download("\"" MD5_OF_ODD_PARTS "\"", odd, COUNT(odd), &requests));
    assert_int_equal(requests, 4);
}

static void test_s3_download_of_parts_fetches_changed_bytes_again(void **state)
{
    static const struct canned_reply usual[] = {
        WHOLE(MD5_OF_PARTS, "123446789"),
        PIECE("0-3", "1234"),
        PIECE("4-7", "5678"),
        PIECE("8-8", "9"),
        WHOLE(MD5_OF_PARTS, "123456789"),
    };
    static const struct canned_reply odd[] = {
        WHOLE(MD5_OF_ODD_PARTS, "123456789"),
        PIECE("0-3", "1234"),
        PIECE("4-7", "4678"),
        PIECE("8-8", "9"),
        WHOLE(MD5_OF_ODD_PARTS, "123456789"),
        PIECE("0-3", "1234"),
        PIECE("4-7", "5678"),
        PIECE("8-8", "9"),
    };
    size_t requests;

    (void)state;
    assert_true(download("\"" MD5_OF_PARTS "\"", usual, COUNT(usual), &requests));
    assert_int_equal(requests, COUNT(usual));
    assert_true(download("\"" MD5_OF_ODD_PARTS "\"", odd, COUNT(odd), &requests));
    assert_int_equal(requests, COUNT(odd));
}

/* The first byte of every reply is another one. */
static void test_s3_download_of_parts_never_gives_changed_bytes_out(void **state)
{
    static const struct canned_reply twice[] = {
        WHOLE(MD5_OF_PARTS, "023456789"),
        PIECE("0-3", "0234"),
        PIECE("4-7", "0678"),
        PIECE("8-8", "0"),
    };
    struct canned_reply replies[4 * COUNT(twice)];
    size_t requests;

    (void)state;
    for (size_t i = 0; i < COUNT(replies); i++)
        replies[i] = twice[i % COUNT(twice)];
    assert_false(download("\"" MD5_OF_PARTS "\"", replies, COUNT(replies), &requests));
    assert_int_equal(requests, COUNT(replies));
}

static bool put(struct s3_fixture *fixture)
{
    const struct s3_upload_request request = { .bucket = "bucket", .key = "k" };

    return s3_upload(fixture->client, &request, &fixture->spool, NULL, &fixture->err);
}

static void test_s3_upload_sends_a_checksum(void **state)
{
    static const struct canned_reply replies[] = { { .status = 200 } };
    struct s3_fixture fixture;

    (void)state;
    s3_fixture_open(&fixture, replies, COUNT(replies));
    assert_true(spool_write(&fixture.spool, 0, "123456789", 9, &fixture.err));
    assert_true(put(&fixture));
    assert_true(canned_server_saw(fixture.server, 0, "\r\nx-amz-checksum-crc32: y/Q5Jg==\r\n"));
    assert_false(canned_server_saw(fixture.server, 0, "\r\ncontent-md5"));
    fixture.service->settings.checksum = S3_CHECKSUM_CRC64NVME;
    assert_true(put(&fixture));
    assert_true(
        canned_server_saw(fixture.server, 1, "\r\nx-amz-checksum-crc64nvme: rosUhgp5mIg=\r\n"));
    assert_false(canned_server_saw(fixture.server, 1, "\r\nx-amz-checksum-crc32"));
    fixture.service->sends_checks = false;
    assert_true(put(&fixture));
    assert_false(canned_server_saw(fixture.server, 2, "\r\nx-amz-checksum"));
    s3_fixture_close(&fixture);
}

static void expect_md5_after(const struct canned_reply *refusal)
{
    const struct canned_reply replies[] = { *refusal, { .status = 200 } };
    struct s3_fixture fixture;

    s3_fixture_open(&fixture, replies, COUNT(replies));
    assert_true(spool_write(&fixture.spool, 0, "123456789", 9, &fixture.err));
    assert_true(put(&fixture));
    assert_true(put(&fixture));
    for (size_t i = 1; i < 3; i++) {
        assert_false(canned_server_saw(fixture.server, i, "\r\nx-amz-checksum"));
        assert_true(
            canned_server_saw(fixture.server, i, "\r\ncontent-md5: JfnnlDI7RTiF9RgfG2JNCw==\r\n"));
    }
    assert_int_equal(canned_server_requests(fixture.server), 3);
    s3_fixture_close(&fixture);
}

/* Cloudflare, others, and Google. */
static void test_s3_upload_falls_back_to_md5_for_servers_without_crc32(void **state)
{
    static const struct canned_reply refusals[] = {
        { .status = 501, .body = "<Error><Code>NotImplemented</Code></Error>" },
        { .status = 400, .body = "<Error><Code>InvalidArgument</Code></Error>" },
        { .status = 403, .body = "<Error><Code>SignatureDoesNotMatch</Code></Error>" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(refusals); i++)
        expect_md5_after(&refusals[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_s3_integrity_check_compares_with_all_that_was_sent),
        cmocka_unit_test(test_s3_download_fetches_changed_bytes_again),
        cmocka_unit_test(test_s3_download_never_gives_changed_bytes_out),
        cmocka_unit_test(test_s3_download_of_parts_reads_twice_only_when_the_etag_fits_no_parts),
        cmocka_unit_test(test_s3_download_of_parts_fetches_changed_bytes_again),
        cmocka_unit_test(test_s3_download_of_parts_never_gives_changed_bytes_out),
        cmocka_unit_test(test_s3_upload_sends_a_checksum),
        cmocka_unit_test(test_s3_upload_falls_back_to_md5_for_servers_without_crc32),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
