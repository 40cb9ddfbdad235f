/* SPDX-License-Identifier: MIT */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/checksum.h"

/* Nine digits are what the catalogue has its check values of. */
static const char digits[] = "123456789";

static void test_checksums_have_their_published_values(void **state)
{
    (void)state;
    assert_int_equal(checksum_crc32(0, digits, 9), 0xcbf43926);
    assert_int_equal(checksum_crc32c(0, digits, 9), 0xe3069283);
    assert_true(checksum_crc64nvme(0, digits, 9) == UINT64_C(0xae8b14860a799888));
    assert_int_equal(checksum_crc32(0, "", 0), 0);
    assert_true(checksum_crc64nvme(0, "", 0) == 0);
}

static void test_checksums_go_on_where_they_were(void **state)
{
    char bytes[1000];

    (void)state;
    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (char)(i * 7);
    for (size_t cut = 0; cut <= sizeof(bytes); cut += 37) {
        const char *rest = bytes + cut;
        size_t left = sizeof(bytes) - cut;

        assert_int_equal(checksum_crc32(checksum_crc32(0, bytes, cut), rest, left),
                         checksum_crc32(0, bytes, sizeof(bytes)));
        assert_int_equal(checksum_crc32c(checksum_crc32c(0, bytes, cut), rest, left),
                         checksum_crc32c(0, bytes, sizeof(bytes)));
        assert_true(checksum_crc64nvme(checksum_crc64nvme(0, bytes, cut), rest, left) ==
                    checksum_crc64nvme(0, bytes, sizeof(bytes)));
    }
}

static void test_checksum_base64_pads(void **state)
{
    static const char *const cases[][2] = {
        { "", "" }, { "f", "Zg==" }, { "fo", "Zm8=" }, { "foo", "Zm9v" }, { "foobar", "Zm9vYmFy" }
    };
    char out[CHECKSUM_BASE64_SIZE];

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_string_equal(checksum_base64(cases[i][0], strlen(cases[i][0]), out), cases[i][1]);
    assert_string_equal(checksum_base64_number(0xcbf43926, 4, out), "y/Q5Jg==");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_checksums_have_their_published_values),
        cmocka_unit_test(test_checksums_go_on_where_they_were),
        cmocka_unit_test(test_checksum_base64_pads),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
