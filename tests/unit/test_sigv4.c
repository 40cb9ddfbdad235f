/* SPDX-License-Identifier: MIT */

/*
 * Each folder in tests/data/sigv4 is a request and what becomes of it step by step: "aws-" ones
 * are the worked examples of the Amazon S3 API reference ("Signature Calculations for the
 * Authorization Header"), "botocore-" ones come from botocore's signer.
 */

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "s3/sigv4.h"

static const char root[] = "tests/data/sigv4";
static const char key_id[] = "AKIAIOSFODNN7EXAMPLE";
static const char secret[] = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

struct example {
    char *text; /* the request file, cut into words that all others point to */
    struct http_header headers[SIGV4_HEADERS_MAX];
    struct sigv4_request request;
    struct sigv4_scope scope;
};

static char *read_file(const char *name, const char *file)
{
    char *path = memory_format("%s/%s/%s", root, name, file);
    FILE *stream = fopen(path, "re");
    char *text = memory_new(65536, 1);

    if (!stream)
        fail_msg("%s cannot be opened (run from the top folder)", path);
    (void)!fread(text, 1, 65535, stream);
    fclose(stream);
    free(path);
    return text;
}

static void read_header(struct example *example, char *rest)
{
    char *value = strchr(rest, ' ');

    *value = '\0';
    example->headers[example->request.header_count++] = (struct http_header){ rest, value + 1 };
}

static void read_example(struct example *example, const char *name)
{
    char *save = NULL;

    *example = (struct example){ .text = read_file(name, "request") };
    example->request.headers = example->headers;
    example->scope = (struct sigv4_scope){ .key_id = key_id, .service = "s3" };
    for (char *line = strtok_r(example->text, "\n", &save); line;
         line = strtok_r(NULL, "\n", &save)) {
        char *rest = strchr(line, ' ');

        *rest++ = '\0';
        if (strcmp(line, "method") == 0)
            example->request.method = rest;
        else if (strcmp(line, "path") == 0)
            example->request.path = rest;
        else if (strcmp(line, "query") == 0)
            example->request.query = rest;
        else if (strcmp(line, "payload") == 0)
            example->request.payload_hash = rest;
        else if (strcmp(line, "date") == 0)
            example->scope.date = rest;
        else if (strcmp(line, "region") == 0)
            example->scope.region = rest;
        else
            read_header(example, rest);
    }
}

static void compare(const char *name, const char *file, const struct buffer *got)
{
    char *expected = read_file(name, file);

    print_message("%s/%s\n", name, file);
    assert_string_equal(got->bytes, expected);
    free(expected);
}

static void check_example(const char *name)
{
    struct example example;
    struct sigv4_key key = { 0 };
    struct buffer canonical;
    struct buffer out;

    read_example(&example, name);
    buffer_init(&canonical, 65536);
    buffer_init(&out, 65536);
    sigv4_canonical_request(&example.request, &canonical);
    compare(name, "canonical-request", &canonical);
    sigv4_string_to_sign(&example.scope, canonical.bytes, &out);
    compare(name, "string-to-sign", &out);
    buffer_clear(&out);
    sigv4_derive_key(&key, secret, &example.scope);
    sigv4_authorization(&example.request, &example.scope, &key, &out);
    compare(name, "authorization", &out);
    buffer_release(&canonical);
    buffer_release(&out);
    free(example.text);
}

static void test_sigv4_signs_every_example_step_by_step(void **state)
{
    DIR *folder = opendir(root);
    const struct dirent *entry;
    unsigned count = 0;

    (void)state;
    assert_non_null(folder);
    while ((entry = readdir(folder))) {
        if (entry->d_name[0] == '.')
            continue;
        check_example(entry->d_name);
        count++;
    }
    closedir(folder);
    assert_true(count >= 9);
}

static void test_sigv4_derive_key_agrees_with_the_guide(void **state)
{
    /* "Deriving the signing key" in the AWS general reference. */
    const struct sigv4_scope scope = { .date = "20120215T000000Z",
                                       .region = "us-east-1",
                                       .service = "iam" };
    struct sigv4_key key = { 0 };
    char hex[SHA256_HEX_SIZE];

    (void)state;
    sigv4_derive_key(&key, "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", &scope);
    assert_string_equal(digest_hex(key.bytes, SHA256_SIZE, hex),
                        "f4780e2d9f65fa895f9c67b32ce1baf0b0d8a43505a000a1a9e090d414db404d");
}

static void test_sigv4_derive_key_makes_a_new_key_for_another_day_or_region(void **state)
{
    struct sigv4_scope scope = { .date = "20130524T000000Z", .region = "r-1", .service = "s3" };
    struct sigv4_key first = { 0 };
    struct sigv4_key key;

    (void)state;
    sigv4_derive_key(&first, secret, &scope);
    key = first;
    scope.date = "20130524T235959Z";
    sigv4_derive_key(&key, secret, &scope);
    assert_memory_equal(key.bytes, first.bytes, SHA256_SIZE);
    scope.date = "20130525T000000Z";
    sigv4_derive_key(&key, secret, &scope);
    assert_memory_not_equal(key.bytes, first.bytes, SHA256_SIZE);
    scope.date = "20130524T000000Z";
    scope.region = "r-2";
    sigv4_derive_key(&key, secret, &scope);
    assert_memory_not_equal(key.bytes, first.bytes, SHA256_SIZE);
}

static void test_sigv4_makes_the_paths_of_other_services_normal(void **state)
{
    /* As botocore's normalize_url_path() has them, encoded once more. */
    static const char *const paths[][2] = {
        { "", "/" },
        { "/", "/" },
        { "//", "/" },
        { "/sts", "/sts" },
        { "/a/b/", "/a/b/" },
        { "/a/..", "/" },
        { "/a/../", "/" },
        { "/a/b/..", "/a" },
        { "/./a", "/a" },
        { "/a/.", "/a" },
        { "/a/./", "/a/" },
        { "/../..", "/" },
        { "//example//", "/example/" },
        { "/a/..//b/.", "/b" },
        { "/..a/.../b", "/..a/.../b" },
        { "/a%2Fb c", "/a%252Fb%20c" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        const struct sigv4_request request = {
            .method = "POST",
            .path = paths[i][0],
            .query = "",
            .payload_hash = SIGV4_EMPTY_PAYLOAD,
            .normalizes_path = true,
        };
        struct buffer canonical;

        buffer_init(&canonical, 65536);
        sigv4_canonical_request(&request, &canonical);
        *strchr(strchr(canonical.bytes, '\n') + 1, '\n') = '\0';
        assert_string_equal(strchr(canonical.bytes, '\n') + 1, paths[i][1]);
        buffer_release(&canonical);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sigv4_signs_every_example_step_by_step),
        cmocka_unit_test(test_sigv4_derive_key_agrees_with_the_guide),
        cmocka_unit_test(test_sigv4_derive_key_makes_a_new_key_for_another_day_or_region),
        cmocka_unit_test(test_sigv4_makes_the_paths_of_other_services_normal),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
