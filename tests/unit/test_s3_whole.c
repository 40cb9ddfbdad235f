/* SPDX-License-Identifier: MIT */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "s3/s3_whole.h"

/* MD5 of "0123456789", and of "01234" and "56789". */
static char md5[] = "\"781e5e245d69b566979b86e28d23f2c7\"";
static char md5_of_parts[] = "\"9a6dbec798b1bfe66cc7659d2bb41720-2\"";
static const char digits[] = "0123456789";

static struct budget budget;
static struct spool spool;

static struct reader reader_of_digits(void)
{
    struct error err;

    budget_init(&budget, UINT64_C(1024) * 1024);
    spool_init(&spool, &budget);
    assert_true(spool_write(&spool, 0, digits, 10, &err));
    return reader_of_spool(&spool);
}

static void begin(struct s3_whole *whole, char *etag)
{
    const struct object object = { .etag = etag, .size = 10 };

    s3_whole_init(whole, &object);
}

static enum s3_verdict judge(struct s3_whole *whole)
{
    struct s3_finding finding;

    s3_whole_judge(whole, &finding);
    return finding.verdict;
}

static void test_s3_whole_is_intact_when_all_was_read_in_order(void **state)
{
    char *const etags[] = { md5, md5_of_parts };
    struct reader reader = reader_of_digits();
    struct s3_whole whole;
    struct error err;

    (void)state;
    for (size_t i = 0; i < sizeof(etags) / sizeof(etags[0]); i++) {
        begin(&whole, etags[i]);
        s3_whole_add(&whole, 0, digits, 4);
        s3_whole_add(&whole, 8, digits + 8, 2); /* a jump */
        s3_whole_add(&whole, 2, digits + 2, 5); /* back, and over what is known */
        s3_whole_add(&whole, 1, digits + 1, 3);
        assert_int_equal(whole.summed, 7);
        assert_true(s3_whole_complete(&whole, &reader, &err));
        assert_int_equal(judge(&whole), S3_INTACT);
        assert_false(s3_whole_complete(&whole, &reader, &err));
        s3_whole_release(&whole);
    }
    spool_release(&spool);
}

static void test_s3_whole_notices_one_bit(void **state)
{
    struct reader reader = reader_of_digits();
    struct s3_whole whole;
    struct error err;

    (void)state;
    begin(&whole, md5);
    s3_whole_add(&whole, 0, "0023", 4);
    assert_true(s3_whole_complete(&whole, &reader, &err));
    assert_int_equal(judge(&whole), S3_DAMAGED);
    s3_whole_release(&whole);
    begin(&whole, md5_of_parts);
    s3_whole_add(&whole, 0, "0023", 4);
    assert_true(s3_whole_complete(&whole, &reader, &err));
    assert_int_equal(judge(&whole), S3_UNSURE);
    s3_whole_release(&whole);
    spool_release(&spool);
}

/* An index at the end, read first, with the middle of the object in its second part. */
static enum s3_verdict judge_jumps(const char *index, const char *middle)
{
    struct s3_whole whole;
    enum s3_verdict verdict;

    begin(&whole, md5);
    s3_whole_add(&whole, 0, digits, 1);
    s3_whole_add(&whole, 6, index, 2);
    s3_whole_add(&whole, 3, middle, 2);
    s3_whole_add(&whole, 8, index + 2, 2);
    assert_int_equal(whole.ahead_count, 2);
    s3_whole_add(&whole, 1, digits + 1, 3);
    s3_whole_add(&whole, 4, digits + 4, 3);
    assert_int_equal(whole.ahead_count, 1);
    s3_whole_add(&whole, 0, digits, 10);
    assert_int_equal(whole.ahead_count, 0);
    verdict = judge(&whole);
    s3_whole_release(&whole);
    return verdict;
}

static void test_s3_whole_notices_what_was_another_when_read_ahead(void **state)
{
    (void)state;
    assert_int_equal(judge_jumps("6789", "34"), S3_INTACT);
    assert_int_equal(judge_jumps("6779", "34"), S3_DAMAGED);
    assert_int_equal(judge_jumps("7789", "34"), S3_DAMAGED);
    assert_int_equal(judge_jumps("6788", "34"), S3_DAMAGED);
    assert_int_equal(judge_jumps("6789", "24"), S3_DAMAGED);
    assert_int_equal(judge_jumps("6789", "35"), S3_DAMAGED);
}

static void test_s3_whole_reads_what_is_gone_over_when_it_is_little(void **state)
{
    struct reader reader = reader_of_digits();
    struct s3_whole whole;

    (void)state;
    begin(&whole, md5);
    s3_whole_go_over(&whole, &reader, UINT64_C(1024) * 1024 + 1);
    assert_int_equal(whole.summed, 0);
    s3_whole_go_over(&whole, &reader, 6);
    assert_int_equal(whole.summed, 6);
    s3_whole_go_over(&whole, &reader, 3);
    assert_int_equal(whole.summed, 6);
    s3_whole_add(&whole, 6, digits + 6, 4);
    assert_int_equal(judge(&whole), S3_INTACT);
    s3_whole_go_over(&whole, &reader, 10);
    s3_whole_release(&whole);
    spool_release(&spool);
}

static void test_s3_whole_takes_any_number_of_jumps(void **state)
{
    const struct object object = { .etag = md5, .size = 1000 };
    struct s3_whole whole;

    (void)state;
    s3_whole_init(&whole, &object);
    for (uint64_t i = 100; i > 0; i--)
        s3_whole_add(&whole, 9 * i, digits, 4);
    assert_int_equal(whole.ahead_count, S3_WHOLE_AHEAD);
    for (uint64_t i = 0; i < 100; i++)
        s3_whole_add(&whole, 10 * i, digits, 10);
    assert_int_equal(whole.summed, 1000);
    assert_int_equal(whole.ahead_count, 0);
    s3_whole_release(&whole);
}

static void test_s3_whole_has_nothing_to_say_of_other_etags_or_few_bytes(void **state)
{
    char other[] = "\"e1\"";
    char *const others[] = { NULL, other };
    struct reader reader = reader_of_digits();
    struct s3_whole whole;
    struct error err;

    (void)state;
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        begin(&whole, others[i]);
        s3_whole_add(&whole, 0, digits, 10);
        assert_false(s3_whole_complete(&whole, &reader, &err));
        s3_whole_release(&whole);
    }
    begin(&whole, md5);
    reader.size = UINT64_C(1) << 30;
    assert_false(s3_whole_complete(&whole, &reader, &err));
    s3_whole_release(&whole);
    spool_release(&spool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_s3_whole_is_intact_when_all_was_read_in_order),
        cmocka_unit_test(test_s3_whole_notices_one_bit),
        cmocka_unit_test(test_s3_whole_notices_what_was_another_when_read_ahead),
        cmocka_unit_test(test_s3_whole_reads_what_is_gone_over_when_it_is_little),
        cmocka_unit_test(test_s3_whole_takes_any_number_of_jumps),
        cmocka_unit_test(test_s3_whole_has_nothing_to_say_of_other_etags_or_few_bytes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
