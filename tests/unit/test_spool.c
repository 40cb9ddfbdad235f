/* SPDX-License-Identifier: MIT */

#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/spool.h"

#define KIB ((size_t)1024)
#define MIB (1024 * KIB)

/* Budgets that keep a spool of the sizes used here in memory, or push it into a file at once. */
static const uint64_t plenty = 64 * MIB;
static const uint64_t none = 0;

static char folder[] = "/tmp/test_spool-XXXXXX";
static struct budget budget;
static struct spool spool;
static struct error err;

static void start(uint64_t budget_bytes)
{
    budget_init(&budget, budget_bytes);
    spool_init(&spool, &budget);
    err = (struct error){ 0 };
}

/* Every test ends here, so every test also proves that the budget gets everything back. */
static void end(uint64_t budget_bytes)
{
    spool_release(&spool);
    assert_true(atomic_load(&budget.left_bytes) == budget_bytes);
}

static void check_content(uint64_t offset, const void *bytes, size_t size)
{
    char *read = malloc(size + 1);
    size_t got = 12345;

    assert_non_null(read);
    assert_true(spool_read(&spool, offset, read, size, &got, &err));
    assert_int_equal(got, size);
    assert_memory_equal(read, bytes, size);
    free(read);
}

static void put(uint64_t offset, const char *text)
{
    if (!spool_write(&spool, offset, text, strlen(text), &err))
        fail_msg("%s", err.text);
}

static void test_spool_stays_in_memory_within_the_budget(void **state)
{
    (void)state;
    start(plenty);
    assert_string_equal(spool_bytes(&spool), "");
    put(0, "hello ");
    put(6, "world");
    assert_int_equal(spool.size, 11);
    assert_non_null(spool_bytes(&spool));
    assert_memory_equal(spool_bytes(&spool), "hello world", 11);
    check_content(0, "hello world", 11);
    assert_true(atomic_load(&budget.left_bytes) < plenty);
    end(plenty);
}

static int count_files(void)
{
    DIR *directory = opendir(folder);
    int count = 0;

    assert_non_null(directory);
    while (readdir(directory))
        count++;
    closedir(directory);
    return count - 2; /* . and .. */
}

static void test_spool_moves_to_an_unlinked_file_beyond_the_budget(void **state)
{
    static char bytes[200 * KIB];

    (void)state;
    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (char)(i * 7 + i / 256);
    start(100 * KIB);
    assert_true(spool_write(&spool, 0, bytes, 90 * KIB, &err));
    assert_non_null(spool_bytes(&spool));
    assert_true(spool_write(&spool, 90 * KIB, bytes + 90 * KIB, 110 * KIB, &err));
    assert_null(spool_bytes(&spool));
    assert_true(atomic_load(&budget.left_bytes) == 100 * KIB);
    assert_int_equal(spool.size, sizeof(bytes));
    check_content(0, bytes, sizeof(bytes));
    assert_int_equal(count_files(), 0);
    end(100 * KIB);
}

/* The budget has no room for twice the size, but exactly enough. */
static void test_spool_uses_the_budget_up_to_its_last_byte(void **state)
{
    static char bytes[100 * KIB];

    (void)state;
    start(sizeof(bytes));
    for (size_t offset = 0; offset < sizeof(bytes); offset += KIB)
        assert_true(spool_write(&spool, offset, bytes, KIB, &err));
    assert_non_null(spool_bytes(&spool));
    assert_true(spool_write(&spool, sizeof(bytes), "x", 1, &err));
    assert_null(spool_bytes(&spool));
    check_content(sizeof(bytes), "x", 1);
    end(sizeof(bytes));
}

static void test_spool_claim_keeps_a_place_in_the_budget(void **state)
{
    (void)state;
    start(10 * KIB);
    assert_true(spool_claim(&spool, 8 * KIB));
    assert_int_equal(budget.left_bytes, 2 * KIB);
    assert_false(spool_claim(&spool, 11 * KIB));
    assert_int_equal(budget.left_bytes, 2 * KIB);
    assert_true(spool_claim(&spool, 3 * KIB));
    assert_int_equal(spool.capacity, 0);
    assert_true(budget_take(&budget, 2 * KIB));
    put(0, "abc");
    assert_true(spool_reserve(&spool, 8 * KIB, &err));
    assert_int_equal(spool.capacity, 8 * KIB);
    assert_non_null(spool_bytes(&spool));
    assert_true(spool_reserve(&spool, 9 * KIB, &err)); /* into a file */
    assert_null(spool_bytes(&spool));
    budget_give(&budget, 2 * KIB);
    check_content(0, "abc", 3);
    end(10 * KIB);
}

static void check_append(uint64_t from_bytes, uint64_t to_bytes)
{
    static char bytes[100 * KIB];
    struct budget from_budget;
    struct spool from;

    memset(bytes, 'f', sizeof(bytes));
    budget_init(&from_budget, from_bytes);
    spool_init(&from, &from_budget);
    assert_true(spool_write(&from, 0, bytes, sizeof(bytes), &err));
    start(to_bytes);
    put(0, "abc");
    assert_true(spool_append(&spool, &from, &err));
    assert_int_equal(spool.size, 3 + sizeof(bytes));
    check_content(0, "abcf", 4);
    check_content(3, bytes, sizeof(bytes));
    end(to_bytes);
    spool_release(&from);
}

static void test_spool_append_copies_from_memory_and_from_a_file(void **state)
{
    (void)state;
    check_append(plenty, plenty);
    check_append(none, plenty);
    check_append(plenty, none);
    check_append(none, none);
}

static void check_overwrite(uint64_t budget_bytes)
{
    start(budget_bytes);
    put(0, "0123456789");
    put(2, "ab");
    put(9, "XYZ");
    assert_int_equal(spool.size, 12);
    check_content(0, "01ab45678XYZ", 12);
    end(budget_bytes);
}

static void test_spool_write_replaces_and_extends(void **state)
{
    (void)state;
    check_overwrite(plenty);
    check_overwrite(none);
}

static void check_gap(uint64_t budget_bytes)
{
    static const char zeros[1000];

    start(budget_bytes);
    /* Leaves old bytes in memory, where the gap will be. */
    for (int i = 0; i < 1010; i++)
        put((uint64_t)i, "!");
    spool_clear(&spool);
    put(0, "ab");
    put(1002, "cd");
    assert_int_equal(spool.size, 1004);
    check_content(0, "ab", 2);
    check_content(2, zeros, sizeof(zeros));
    check_content(1002, "cd", 2);
    end(budget_bytes);
}

static void test_spool_write_leaves_a_gap_of_zeros(void **state)
{
    (void)state;
    check_gap(plenty);
    check_gap(none);
}

static void check_empty_write(uint64_t budget_bytes)
{
    start(budget_bytes);
    assert_true(spool_write(&spool, 0, NULL, 0, &err));
    assert_int_equal(spool.size, 0);
    put(0, "ab");
    assert_true(spool_write(&spool, 1000, NULL, 0, &err));
    assert_int_equal(spool.size, 2);
    check_content(0, "ab", 2);
    end(budget_bytes);
}

static void test_spool_write_of_nothing_changes_nothing(void **state)
{
    (void)state;
    check_empty_write(plenty);
    check_empty_write(none);
}

static void test_spool_write_refuses_offsets_no_file_has(void **state)
{
    static const uint64_t offsets[] = { UINT64_MAX, UINT64_MAX - 1, INT64_MAX,
                                        (uint64_t)INT64_MAX - 1 };

    (void)state;
    for (size_t i = 0; i < sizeof(offsets) / sizeof(offsets[0]); i++) {
        start(plenty);
        assert_false(spool_write(&spool, offsets[i], "abc", 3, &err));
        assert_int_equal(err.kind, ERROR_INTERNAL);
        assert_int_equal(spool.size, 0);
        end(plenty);
    }
}

static void check_read(uint64_t budget_bytes)
{
    static const struct {
        uint64_t offset;
        size_t size;
        size_t got;
        const char *bytes;
    } cases[] = {
        { 0, 10, 10, "0123456789" },
        { 0, 11, 10, "0123456789" },
        { 7, 100, 3, "789" },
        { 9, 1, 1, "9" },
        { 10, 1, 0, "" },
        { 11, 5, 0, "" },
        { UINT64_MAX, 5, 0, "" },
        { 3, 0, 0, "" },
    };

    start(budget_bytes);
    put(0, "0123456789");
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char bytes[100] = "untouched";
        size_t got = 999;

        if (!spool_read(&spool, cases[i].offset, bytes, cases[i].size, &got, &err) ||
            got != cases[i].got || memcmp(bytes, cases[i].bytes, got) != 0)
            fail_msg("%zu bytes at %ju gave %zu", cases[i].size, (uintmax_t)cases[i].offset, got);
    }
    end(budget_bytes);
}

static void test_spool_read_is_short_only_at_the_end(void **state)
{
    (void)state;
    check_read(plenty);
    check_read(none);
}

static void test_spool_read_of_an_empty_spool_gives_nothing(void **state)
{
    char byte;
    size_t got = 5;

    (void)state;
    start(plenty);
    assert_true(spool_read(&spool, 0, &byte, 1, &got, &err));
    assert_int_equal(got, 0);
    end(plenty);
}

static void test_spool_reserve_takes_the_budget_in_one_step(void **state)
{
    (void)state;
    start(MIB);
    assert_true(spool_reserve(&spool, MIB, &err));
    assert_true(atomic_load(&budget.left_bytes) == 0);
    assert_int_equal(spool.size, 0);
    put(MIB - 3, "end");
    assert_non_null(spool_bytes(&spool));
    end(MIB);
}

static void test_spool_reserve_moves_to_a_file_when_the_budget_is_too_small(void **state)
{
    (void)state;
    start(MIB);
    put(0, "begin");
    assert_true(spool_reserve(&spool, MIB + 1, &err));
    assert_null(spool_bytes(&spool));
    assert_true(atomic_load(&budget.left_bytes) == MIB);
    assert_int_equal(spool.size, 5);
    check_content(0, "begin", 5);
    end(MIB);
}

static void test_spool_reserve_does_not_shrink(void **state)
{
    (void)state;
    start(plenty);
    put(0, "hello world");
    assert_true(spool_reserve(&spool, 3, &err));
    check_content(0, "hello world", 11);
    end(plenty);
}

static void check_clear(uint64_t budget_bytes)
{
    start(budget_bytes);
    put(0, "first object");
    spool_clear(&spool);
    assert_int_equal(spool.size, 0);
    assert_non_null(spool_bytes(&spool)); /* in memory again, even with nothing in it */
    put(0, "second");
    assert_int_equal(spool.size, 6);
    check_content(0, "second", 6);
    end(budget_bytes);
}

static void test_spool_clear_makes_it_empty(void **state)
{
    (void)state;
    check_clear(plenty);
    check_clear(none);
}

static void test_spool_clear_returns_its_memory(void **state)
{
    (void)state;
    start(plenty);
    assert_true(spool_reserve(&spool, MIB, &err));
    assert_true(atomic_load(&budget.left_bytes) == plenty - MIB);
    spool_clear(&spool);
    assert_true(atomic_load(&budget.left_bytes) == plenty);
    end(plenty);
}

static void test_spool_begins_with_what_the_last_object_took(void **state)
{
    const uint64_t sizes[] = { MIB, 16 * MIB };
    const uint64_t begins[] = { MIB + MIB / 8, 64 * KIB };

    (void)state;
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        start(plenty);
        assert_true(spool_reserve(&spool, sizes[i], &err));
        put(sizes[i] - 1, "x");
        spool_clear(&spool);
        put(0, "x");
        assert_true(atomic_load(&budget.left_bytes) == plenty - begins[i]);
        end(plenty);
    }
}

static void test_spool_release_accepts_a_zeroed_and_a_released_one(void **state)
{
    struct spool zeroed = { 0 };

    (void)state;
    spool_release(&zeroed);
    start(none);
    put(0, "x");
    spool_release(&spool);
    end(none);
}

/* Random writes against a plain array, with budgets from nothing to plenty. */
static void compare_with_array(uint64_t budget_bytes)
{
    static char wanted[300 * KIB];
    static char bytes[40 * KIB];
    size_t size = 0;

    memset(wanted, 0, sizeof(wanted));
    start(budget_bytes);
    for (int i = 0; i < 150; i++) {
        size_t length = (size_t)rand() % sizeof(bytes);
        size_t offset = (size_t)rand() % (sizeof(wanted) - length);

        memset(bytes, rand(), length);
        if (i % 40 == 39)
            assert_true(spool_reserve(&spool, offset + length, &err));
        assert_true(spool_write(&spool, offset, bytes, length, &err));
        memcpy(wanted + offset, bytes, length);
        if (offset + length > size)
            size = offset + length;
        assert_int_equal(spool.size, size);
    }
    check_content(0, wanted, size);
    end(budget_bytes);
}

static void test_spool_reads_back_what_random_writes_left(void **state)
{
    static const uint64_t budgets[] = { 0, 1, 64 * KIB, 130 * KIB, 290 * KIB, 512 * KIB, 64 * MIB };

    (void)state;
    srand(1);
    for (size_t i = 0; i < sizeof(budgets) / sizeof(budgets[0]); i++)
        compare_with_array(budgets[i]);
}

/* No file of this process may grow beyond bytes; writes then fail as on a full disk. */
static struct rlimit limit_files(int resource, rlim_t most)
{
    struct rlimit saved;
    struct rlimit limit;

    signal(SIGXFSZ, SIG_IGN);
    getrlimit(resource, &saved);
    limit = (struct rlimit){ .rlim_cur = most, .rlim_max = saved.rlim_max };
    setrlimit(resource, &limit);
    return saved;
}

static void test_spool_write_fails_locally_when_the_disk_is_full(void **state)
{
    static char bytes[100 * KIB];
    struct rlimit saved;
    bool ok;

    (void)state;
    start(none);
    put(0, "before");
    saved = limit_files(RLIMIT_FSIZE, 64 * KIB);
    ok = spool_write(&spool, 6, bytes, sizeof(bytes), &err);
    setrlimit(RLIMIT_FSIZE, &saved);
    assert_false(ok);
    assert_int_equal(err.kind, ERROR_LOCAL);
    assert_non_null(strstr(err.text, "TMPDIR"));
    assert_int_equal(spool.size, 6);
    check_content(0, "before", 6);
    end(none);
}

static void test_spool_keeps_its_bytes_when_the_move_to_a_file_fails(void **state)
{
    static char bytes[100 * KIB];
    struct rlimit saved;
    bool ok;

    (void)state;
    start(sizeof(bytes));
    memset(bytes, 'k', sizeof(bytes));
    assert_true(spool_write(&spool, 0, bytes, sizeof(bytes), &err));
    saved = limit_files(RLIMIT_FSIZE, 64 * KIB);
    ok = spool_write(&spool, sizeof(bytes), "more", 4, &err);
    setrlimit(RLIMIT_FSIZE, &saved);
    assert_false(ok);
    assert_int_equal(err.kind, ERROR_LOCAL);
    assert_int_equal(spool.size, sizeof(bytes));
    check_content(0, bytes, sizeof(bytes));
    end(sizeof(bytes));
}

static void test_spool_write_fails_locally_when_no_descriptors_are_left(void **state)
{
    struct rlimit saved;
    bool ok;

    (void)state;
    start(none);
    saved = limit_files(RLIMIT_NOFILE, 0);
    ok = spool_write(&spool, 0, "x", 1, &err);
    setrlimit(RLIMIT_NOFILE, &saved);
    assert_false(ok);
    assert_int_equal(err.kind, ERROR_LOCAL);
    assert_string_equal(err.word, "Avmap.OpenFilesLimit");
    end(none);
}

static void test_spool_write_names_the_folder_that_is_missing(void **state)
{
    bool ok;

    (void)state;
    start(none);
    setenv("TMPDIR", "/nowhere/at/all", 1);
    ok = spool_write(&spool, 0, "x", 1, &err);
    setenv("TMPDIR", folder, 1);
    assert_false(ok);
    assert_int_equal(err.kind, ERROR_LOCAL);
    assert_non_null(strstr(err.text, "/nowhere/at/all"));
    end(none);
}

static void test_spool_uses_tmp_when_tmpdir_is_empty(void **state)
{
    (void)state;
    start(none);
    setenv("TMPDIR", "", 1);
    put(0, "x");
    setenv("TMPDIR", folder, 1);
    check_content(0, "x", 1);
    end(none);
}

static void *read_all(void *unused)
{
    for (uint64_t offset = 0; offset < spool.size; offset += 1000) {
        char bytes[1000];
        size_t got;
        struct error unread;

        if (!spool_read(&spool, offset, bytes, sizeof(bytes), &got, &unread) ||
            bytes[0] != (char)(offset / 1000))
            return &spool;
    }
    return unused;
}

static void check_readers(uint64_t budget_bytes)
{
    pthread_t threads[4];

    start(budget_bytes);
    for (int i = 0; i < 100; i++) {
        char bytes[1000];

        memset(bytes, i, sizeof(bytes));
        assert_true(spool_write(&spool, spool.size, bytes, sizeof(bytes), &err));
    }
    for (int i = 0; i < 4; i++)
        pthread_create(&threads[i], NULL, read_all, NULL);
    for (int i = 0; i < 4; i++) {
        void *wrong;

        pthread_join(threads[i], &wrong);
        assert_null(wrong);
    }
    end(budget_bytes);
}

static void test_spool_read_may_run_in_many_threads(void **state)
{
    (void)state;
    check_readers(plenty);
    check_readers(none);
}

static void test_spool_rewind_empties_and_keeps_the_memory(void **state)
{
    static char bytes[4 * 1024 * 1024];

    (void)state;
    for (int in_file = 0; in_file < 2; in_file++) {
        budget_init(&budget, in_file ? 0 : sizeof(bytes));
        spool_init(&spool, &budget);
        memset(bytes, 'b', sizeof(bytes));
        assert_true(spool_write(&spool, 0, bytes, sizeof(bytes), &err));
        assert_true(spool_rewind(&spool, &err));
        assert_int_equal(spool.size, 0);
        assert_int_equal(budget.left_bytes, 0);
        put(2, "x");
        check_content(0, "\0\0x", 3);
        spool_release(&spool);
        assert_int_equal(budget.left_bytes, in_file ? 0 : sizeof(bytes));
    }
}

static void test_spool_use_file_moves_there_from_memory_and_from_a_file(void **state)
{
    (void)state;
    for (int in_file = 0; in_file < 2; in_file++) {
        int file = open(folder, O_TMPFILE | O_RDWR, 0600);
        char seen[8] = "";

        assert_true(file >= 0);
        budget_init(&budget, in_file ? 0 : 1 << 20);
        spool_init(&spool, &budget);
        assert_true(spool_write(&spool, 0, "before", 6, &err));
        assert_true(spool_use_file(&spool, file, &err));
        assert_int_equal(budget.left_bytes, in_file ? 0 : 1 << 20);
        assert_true(spool_write(&spool, 6, "!", 1, &err));
        assert_int_equal(spool.size, 7);
        spool_release(&spool);
        assert_int_equal(pread(file, seen, sizeof(seen), 0), 7);
        assert_string_equal(seen, "before!");
        close(file);
    }
}

static void test_spool_use_file_makes_failures_those_of_its_owner(void **state)
{
    int file = open(folder, O_TMPFILE | O_RDWR, 0600);
    int null = open("/dev/null", O_WRONLY);
    char byte;
    size_t got;

    (void)state;
    assert_true(file >= 0 && null >= 0);
    budget_init(&budget, 0);
    spool_init(&spool, &budget);
    assert_true(spool_use_file(&spool, file, &err));
    assert_true(spool_write(&spool, 0, "before", 6, &err));
    assert_int_equal(ftruncate(file, 3), 0);
    assert_false(spool_read(&spool, 5, &byte, 1, &got, &err));
    assert_int_equal(err.kind, ERROR_OBJECT);
    /* Neither reading nor shortening works there. */
    assert_true(dup2(null, spool.file) >= 0);
    assert_false(spool_read(&spool, 0, &byte, 1, &got, &err));
    assert_int_equal(err.kind, ERROR_OBJECT);
    assert_false(spool_rewind(&spool, &err));
    assert_int_equal(err.kind, ERROR_OBJECT);
    spool_release(&spool);
    close(null);
    close(file);
}

static int make_folder(void **state)
{
    (void)state;
    if (!mkdtemp(folder))
        return -1;
    return setenv("TMPDIR", folder, 1);
}

static int remove_folder(void **state)
{
    (void)state;
    return rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_spool_stays_in_memory_within_the_budget),
        cmocka_unit_test(test_spool_moves_to_an_unlinked_file_beyond_the_budget),
        cmocka_unit_test(test_spool_uses_the_budget_up_to_its_last_byte),
        cmocka_unit_test(test_spool_claim_keeps_a_place_in_the_budget),
        cmocka_unit_test(test_spool_append_copies_from_memory_and_from_a_file),
        cmocka_unit_test(test_spool_write_replaces_and_extends),
        cmocka_unit_test(test_spool_write_leaves_a_gap_of_zeros),
        cmocka_unit_test(test_spool_write_of_nothing_changes_nothing),
        cmocka_unit_test(test_spool_write_refuses_offsets_no_file_has),
        cmocka_unit_test(test_spool_read_is_short_only_at_the_end),
        cmocka_unit_test(test_spool_read_of_an_empty_spool_gives_nothing),
        cmocka_unit_test(test_spool_reserve_takes_the_budget_in_one_step),
        cmocka_unit_test(test_spool_reserve_moves_to_a_file_when_the_budget_is_too_small),
        cmocka_unit_test(test_spool_reserve_does_not_shrink),
        cmocka_unit_test(test_spool_clear_makes_it_empty),
        cmocka_unit_test(test_spool_clear_returns_its_memory),
        cmocka_unit_test(test_spool_begins_with_what_the_last_object_took),
        cmocka_unit_test(test_spool_release_accepts_a_zeroed_and_a_released_one),
        cmocka_unit_test(test_spool_reads_back_what_random_writes_left),
        cmocka_unit_test(test_spool_write_fails_locally_when_the_disk_is_full),
        cmocka_unit_test(test_spool_keeps_its_bytes_when_the_move_to_a_file_fails),
        cmocka_unit_test(test_spool_write_fails_locally_when_no_descriptors_are_left),
        cmocka_unit_test(test_spool_write_names_the_folder_that_is_missing),
        cmocka_unit_test(test_spool_uses_tmp_when_tmpdir_is_empty),
        cmocka_unit_test(test_spool_read_may_run_in_many_threads),
        cmocka_unit_test(test_spool_rewind_empties_and_keeps_the_memory),
        cmocka_unit_test(test_spool_use_file_moves_there_from_memory_and_from_a_file),
        cmocka_unit_test(test_spool_use_file_makes_failures_those_of_its_owner),
    };

    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
