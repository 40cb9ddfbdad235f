/* SPDX-License-Identifier: MIT */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/digest.h"

/* FIPS 180-2 appendix B, and the digest of nothing, which SigV4 sends with every GET. */
static const struct {
    const char *text;
    const char *hex;
} sha256_cases[] = {
    { "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
    { "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
    { "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
};

static void test_digest_sha256_matches_published_vectors(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(sha256_cases) / sizeof(sha256_cases[0]); i++) {
        uint8_t digest[SHA256_SIZE];
        char hex[SHA256_HEX_SIZE];

        digest_sha256(sha256_cases[i].text, strlen(sha256_cases[i].text), digest);
        assert_string_equal(digest_hex(digest, sizeof(digest), hex), sha256_cases[i].hex);
    }
}

static void test_digest_add_in_any_pieces_gives_the_same(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(sha256_cases) / sizeof(sha256_cases[0]); i++) {
        for (size_t piece = 1; piece < 60; piece += 6) {
            const char *text = sha256_cases[i].text;
            size_t left = strlen(text);
            struct digest *sum = digest_new(DIGEST_SHA256);
            uint8_t digest[SHA256_SIZE];
            char hex[SHA256_HEX_SIZE];

            while (left > 0) {
                size_t size = left < piece ? left : piece;

                digest_add(sum, text, size);
                text += size;
                left -= size;
            }
            digest_finish(sum, digest);
            assert_string_equal(digest_hex(digest, sizeof(digest), hex), sha256_cases[i].hex);
        }
    }
}

/* FIPS 180-2 appendix B.3. */
static void test_digest_add_sums_a_million_letters(void **state)
{
    struct digest *sum = digest_new(DIGEST_SHA256);
    uint8_t digest[SHA256_SIZE];
    char hex[SHA256_HEX_SIZE];
    char letters[1000];

    (void)state;
    memset(letters, 'a', sizeof(letters));
    for (int i = 0; i < 1000; i++)
        digest_add(sum, letters, sizeof(letters));
    digest_finish(sum, digest);
    assert_string_equal(digest_hex(digest, sizeof(digest), hex),
                        "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

/* RFC 4231, section 4; number 5 is about truncation, which avmap does not use. */
static void test_digest_hmac_sha256_matches_rfc_4231(void **state)
{
    static const struct {
        int number;
        int repeated; /* the byte of a key that is given as NULL */
        const char *key;
        size_t key_size;
        const char *bytes;
        size_t size;
        const char *hex;
    } cases[] = {
        { 1, 0x0b, NULL, 20, "Hi There", 8,
          "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7" },
        { 2, 0, "Jefe", 4, "what do ya want for nothing?", 28,
          "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843" },
        { 3, 0xaa, NULL, 20,
          "\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd"
          "\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd"
          "\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd",
          50, "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe" },
        { 4, 0,
          "\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10\x11\x12\x13\x14"
          "\x15\x16\x17\x18\x19",
          25,
          "\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd"
          "\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd"
          "\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd",
          50, "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b" },
        { 6, 0xaa, NULL, 131, "Test Using Larger Than Block-Size Key - Hash Key First", 54,
          "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54" },
        { 7, 0xaa, NULL, 131,
          "This is a test using a larger than block-size key and a larger than block-size data. "
          "The key needs to be hashed before being used by the HMAC algorithm.",
          152, "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint8_t digest[SHA256_SIZE];
        char hex[SHA256_HEX_SIZE];
        char key[200];

        memset(key, cases[i].repeated, sizeof(key));
        if (cases[i].key)
            memcpy(key, cases[i].key, cases[i].key_size);
        digest_hmac_sha256(key, cases[i].key_size, cases[i].bytes, cases[i].size, digest);
        if (strcmp(digest_hex(digest, sizeof(digest), hex), cases[i].hex) != 0)
            fail_msg("test case %d: %s", cases[i].number, hex);
    }
}

/* RFC 1321, appendix A.5. */
static void test_digest_md5_matches_rfc_1321(void **state)
{
    static const struct {
        const char *text;
        const char *hex;
    } cases[] = {
        { "", "d41d8cd98f00b204e9800998ecf8427e" },
        { "a", "0cc175b9c0f1b6a831c399e269772661" },
        { "abc", "900150983cd24fb0d6963f7d28e17f72" },
        { "message digest", "f96b697d7cb7938d525a2f31aaf161d0" },
        { "abcdefghijklmnopqrstuvwxyz", "c3fcd3d76192e4007dfb496cca67e13b" },
        { "12345678901234567890123456789012345678901234567890123456789012345678901234567890",
          "57edf4a22be3c955ac49da2e2107b67a" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint8_t digest[MD5_SIZE];
        char hex[2 * MD5_SIZE + 1];

        digest_md5(cases[i].text, strlen(cases[i].text), digest);
        assert_string_equal(digest_hex(digest, sizeof(digest), hex), cases[i].hex);
    }
}

static void test_digest_hex_writes_lower_case_and_a_nul(void **state)
{
    static const uint8_t bytes[] = { 0x00, 0x0f, 0xf0, 0xab, 0xff };
    char hex[12] = "###########";

    (void)state;
    assert_ptr_equal(digest_hex(bytes, sizeof(bytes), hex), hex);
    assert_string_equal(hex, "000ff0abff");
    assert_int_equal(hex[11], '\0');
    assert_string_equal(digest_hex(bytes, 0, hex), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_digest_sha256_matches_published_vectors),
        cmocka_unit_test(test_digest_add_in_any_pieces_gives_the_same),
        cmocka_unit_test(test_digest_add_sums_a_million_letters),
        cmocka_unit_test(test_digest_hmac_sha256_matches_rfc_4231),
        cmocka_unit_test(test_digest_md5_matches_rfc_1321),
        cmocka_unit_test(test_digest_hex_writes_lower_case_and_a_nul),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
