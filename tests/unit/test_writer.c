/* SPDX-License-Identifier: MIT */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/writer.h"

static bool refuse(struct writer *writer, uint64_t offset, const void *bytes, size_t size,
                   struct error *err)
{
    (void)writer;
    (void)offset;
    (void)bytes;
    (void)size;
    return error_set(err, ERROR_LOCAL, "File.Error", "no");
}

static void test_writer_of_spool_keeps_all_in_the_spool(void **state)
{
    struct budget budget;
    struct spool spool;
    struct writer writer;
    struct error err = { 0 };

    (void)state;
    budget_init(&budget, 1 << 20);
    spool_init(&spool, &budget);
    writer = writer_of_spool(&spool);
    assert_true(writer_write(&writer, 0, "header..body", 12, &err));
    assert_int_equal(writer.size, 12);
    assert_true(writer_write(&writer, 6, "12", 2, &err));
    assert_int_equal(writer.size, 12);
    assert_true(writer_write(&writer, 99, "", 0, &err));
    assert_int_equal(writer.size, 12);
    assert_int_equal(spool.size, 12);
    assert_memory_equal(spool_bytes(writer.spool), "header12body", 12);
    spool_release(&spool);
}

static void test_writer_write_counts_nothing_that_failed(void **state)
{
    struct writer writer = { .write = refuse };
    struct error err = { 0 };

    (void)state;
    assert_false(writer_write(&writer, 0, "x", 1, &err));
    assert_int_equal(err.kind, ERROR_LOCAL);
    assert_int_equal(writer.size, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_writer_of_spool_keeps_all_in_the_spool),
        cmocka_unit_test(test_writer_write_counts_nothing_that_failed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
