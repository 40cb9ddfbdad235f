/* SPDX-License-Identifier: MIT */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/reader.h"

static void test_reader_of_spool_reads_to_the_end(void **state)
{
    struct budget budget;
    struct spool spool;
    struct reader reader;
    struct error err;
    char bytes[8];
    size_t got;

    (void)state;
    budget_init(&budget, UINT64_C(1024) * 1024);
    spool_init(&spool, &budget);
    assert_true(spool_write(&spool, 0, "0123456789", 10, &err));
    reader = reader_of_spool(&spool);
    assert_int_equal(reader.size, 10);
    assert_true(reader_read(&reader, 2, bytes, 4, &got, &err));
    assert_int_equal(got, 4);
    assert_memory_equal(bytes, "2345", 4);
    assert_true(reader_read(&reader, 8, bytes, 4, &got, &err));
    assert_int_equal(got, 2);
    assert_true(reader_read(&reader, 11, bytes, 4, &got, &err));
    assert_int_equal(got, 0);
    spool_release(&spool);
}

static bool break_off(void *source, uint64_t offset, void *bytes, size_t size, size_t *got,
                      struct error *err)
{
    (void)bytes;
    *got = 0;
    return error_set(err, ERROR_TRANSIENT, source, "no %zu bytes at %d", size, (int)offset);
}

static void test_reader_fails_as_what_it_reads_from(void **state)
{
    const struct reader reader = { break_off, (void *)"Test.Word", 10 };
    struct error err;
    char byte;
    size_t got;

    (void)state;
    assert_false(reader_read(&reader, 3, &byte, 1, &got, &err));
    assert_int_equal(err.kind, ERROR_TRANSIENT);
    assert_string_equal(err.word, "Test.Word");
    assert_string_equal(err.text, "no 1 bytes at 3");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reader_of_spool_reads_to_the_end),
        cmocka_unit_test(test_reader_fails_as_what_it_reads_from),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
