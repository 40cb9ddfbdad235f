/* SPDX-License-Identifier: MIT */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "s3/s3_xml.h"
#include "s3/s3_xml_write.h"

static void test_s3_xml_read_error_fills_what_is_there(void **state)
{
    static const char text[] = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                               "<Error><Code>NoSuchKey</Code><Message>a &lt;b&gt; &amp; c</Message>"
                               "<Key>k</Key><RequestId>R1</RequestId><HostId>H</HostId></Error>";
    struct s3_xml_error error;

    (void)state;
    assert_true(s3_xml_read_error(text, strlen(text), &error));
    assert_string_equal(error.code, "NoSuchKey");
    assert_string_equal(error.message, "a <b> & c");
    assert_string_equal(error.request_id, "R1");
    assert_string_equal(error.region, "");
}

static void test_s3_xml_read_error_cuts_long_fields(void **state)
{
    struct s3_xml_error error;
    struct buffer text;

    (void)state;
    buffer_init(&text, 65536);
    buffer_append_text(&text, "<Error><Code>X</Code><Message>");
    for (int i = 0; i < 5000; i++)
        buffer_append_text(&text, "y");
    buffer_append_text(&text, "</Message></Error>");
    assert_true(s3_xml_read_error(text.bytes, text.size, &error));
    assert_int_equal(strlen(error.message), sizeof(error.message) - 1);
    buffer_release(&text);
}

static void test_s3_xml_read_error_takes_no_other_document(void **state)
{
    static const char *const texts[] = {
        "",
        "<html><body>bad gateway</body></html>",
        "<Error><Code>X</Code>",
        "bad_request",
        "<ListBucketResult/>",
        "<!DOCTYPE Error [<!ENTITY a \"aaaa\">]><Error><Code>&a;</Code></Error>",
        "<!DOCTYPE Error SYSTEM \"file:///etc/passwd\"><Error><Code>X</Code></Error>",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct s3_xml_error error;

        print_message("%s\n", texts[i]);
        assert_false(s3_xml_read_error(texts[i], strlen(texts[i]), &error));
        assert_string_equal(error.code, "");
    }
}

static const char page_text[] =
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>"
    "<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Name>b</Name>"
    "<EncodingType>url</EncodingType><IsTruncated>true</IsTruncated>"
    "<NextContinuationToken>a+b/c=</NextContinuationToken>"
    "<Contents><Key>a+b%2Bc%0A%01/%C3%A9</Key><LastModified>2013-01-10T21:45:09.000Z</LastModified>"
    "<ETag>&quot;1d92&quot;</ETag><Size>10000000000</Size><StorageClass>STANDARD</StorageClass>"
    "</Contents>"
    "<Contents><Key>k2</Key><LastModified>2013-01-10T21:45:10.500Z</LastModified><Size>0</Size>"
    "</Contents><CommonPrefixes><Prefix>p/</Prefix></CommonPrefixes></ListBucketResult>";

static void test_s3_xml_read_page_decodes_keys(void **state)
{
    struct s3_xml_page page;
    struct error err;

    (void)state;
    assert_true(s3_xml_read_page(page_text, strlen(page_text), &page, &err));
    assert_int_equal(page.count, 2);
    assert_string_equal(page.next_token, "a+b/c=");
    assert_string_equal(page.objects[0].key, "a b+c\n\x01/\xc3\xa9");
    assert_string_equal(page.objects[0].etag, "\"1d92\"");
    assert_string_equal(page.objects[0].storage_class, "STANDARD");
    assert_int_equal(page.objects[0].size, 10000000000);
    assert_int_equal(page.objects[0].modified_ms, 1357854309000);
    assert_string_equal(page.objects[1].key, "k2");
    assert_null(page.objects[1].etag);
    assert_int_equal(page.objects[1].modified_ms, 1357854310500);
    s3_xml_page_release(&page);
    s3_xml_page_release(&page);
}

#define PAGE(contents) "<ListBucketResult>" contents "</ListBucketResult>"
#define WHOLE "<IsTruncated>false</IsTruncated>"
#define DATED "<LastModified>2013-01-10T21:45:09.000Z</LastModified>"

static void test_s3_xml_read_page_takes_keys_as_they_are_without_an_encoding(void **state)
{
    static const char text[] =
        PAGE(WHOLE "<Contents><Key> 100%+ </Key>" DATED "<Size>1</Size></Contents>");
    struct s3_xml_page page;
    struct error err;

    (void)state;
    assert_true(s3_xml_read_page(text, strlen(text), &page, &err));
    assert_string_equal(page.objects[0].key, " 100%+ ");
    assert_null(page.next_token);
    s3_xml_page_release(&page);
}

static void test_s3_xml_read_page_names_what_is_missing(void **state)
{
    static const struct {
        const char *text;
        const char *missing;
    } cases[] = {
        { PAGE(""), "IsTruncated" },
        { PAGE("<IsTruncated>true</IsTruncated>"), "NextContinuationToken" },
        { PAGE(WHOLE "<Contents>" DATED "<Size>1</Size></Contents>"), "Key" },
        { PAGE(WHOLE "<Contents><Key/>" DATED "<Size>1</Size></Contents>"), "Key" },
        { PAGE("<EncodingType>url</EncodingType>" WHOLE "<Contents><Key>%zz</Key>" DATED
               "<Size>1</Size></Contents>"),
          "Key" },
        { PAGE(WHOLE "<Contents><Key>k</Key>" DATED "</Contents>"), "Size" },
        { PAGE(WHOLE "<Contents><Key>k</Key>" DATED "<Size>-1</Size></Contents>"), "Size" },
        { PAGE(WHOLE "<Contents><Key>k</Key><Size>1</Size></Contents>"), "LastModified" },
        { "<Other/>", "ListBucketResult" },
        { "<ListBucketResult>", "well-formed" },
        { "", "well-formed" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct s3_xml_page page;
        struct error err;

        print_message("%s\n", cases[i].text);
        assert_false(s3_xml_read_page(cases[i].text, strlen(cases[i].text), &page, &err));
        assert_int_equal(err.kind, ERROR_OBJECT);
        assert_string_equal(err.word, "S3.InvalidResponse");
        assert_non_null(strstr(err.text, cases[i].missing));
        assert_null(page.objects);
    }
}

static void test_s3_xml_read_upload_id_needs_one(void **state)
{
    static const char good[] =
        "<InitiateMultipartUploadResult xmlns=\"x\"><Bucket>b</Bucket><UploadId>id+/=</UploadId>"
        "</InitiateMultipartUploadResult>";
    static const char bad[] = "<InitiateMultipartUploadResult/>";
    struct error err;
    char *id = NULL;

    (void)state;
    assert_true(s3_xml_read_upload_id(good, strlen(good), &id, &err));
    assert_string_equal(id, "id+/=");
    free(id);
    assert_false(s3_xml_read_upload_id(bad, strlen(bad), &id, &err));
    assert_false(s3_xml_read_upload_id("", 0, &id, &err));
}

static void test_s3_xml_read_completed_may_have_no_etag(void **state)
{
    static const char full[] =
        "<?xml version=\"1.0\"?>\n   \n<CompleteMultipartUploadResult><ETag>&quot;x-2&quot;</ETag>"
        "</CompleteMultipartUploadResult>";
    static const char empty[] =
        "<CompleteMultipartUploadResult><ETag></ETag></CompleteMultipartUploadResult>";
    struct error err;
    char *etag = NULL;

    (void)state;
    assert_true(s3_xml_read_completed(full, strlen(full), &etag, &err));
    assert_string_equal(etag, "\"x-2\"");
    free(etag);
    assert_true(s3_xml_read_completed(empty, strlen(empty), &etag, &err));
    assert_null(etag);
    assert_false(s3_xml_read_completed("<Error/>", 8, &etag, &err));
}

static void test_s3_xml_write_completion_numbers_and_escapes(void **state)
{
    static const struct s3_xml_part parts[] = { { "\"a\"", "" }, { "<&>", "y/Q5Jg==" } };
    struct buffer out;

    (void)state;
    buffer_init(&out, 4096);
    s3_xml_write_completion(&out, parts, 2);
    assert_string_equal(
        out.bytes, "<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
                   "<Part><PartNumber>1</PartNumber><ETag>\"a\"</ETag></Part>"
                   "<Part><PartNumber>2</PartNumber><ETag>&lt;&amp;&gt;</ETag>"
                   "<ChecksumCRC32>y/Q5Jg==</ChecksumCRC32></Part>"
                   "</CompleteMultipartUpload>");
    buffer_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_s3_xml_read_error_fills_what_is_there),
        cmocka_unit_test(test_s3_xml_read_error_cuts_long_fields),
        cmocka_unit_test(test_s3_xml_read_error_takes_no_other_document),
        cmocka_unit_test(test_s3_xml_read_page_decodes_keys),
        cmocka_unit_test(test_s3_xml_read_page_takes_keys_as_they_are_without_an_encoding),
        cmocka_unit_test(test_s3_xml_read_page_names_what_is_missing),
        cmocka_unit_test(test_s3_xml_read_upload_id_needs_one),
        cmocka_unit_test(test_s3_xml_read_completed_may_have_no_etag),
        cmocka_unit_test(test_s3_xml_write_completion_numbers_and_escapes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
