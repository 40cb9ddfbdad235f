/* SPDX-License-Identifier: MIT */

#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "base/name_set.h"
#include "results/journal.h"
#include "scratch.h"

#define IDENTITY "0123456789abcdef"
#define RUN_ID "d0b38e10-30a5-4934-9ac6-a333df406947"
#define OTHER_ID "6ba7b810-9dad-11d1-80b4-00c04fd430c8"
#define NAME ".avmap-journal-" IDENTITY "-" RUN_ID

static struct error err;
static char run_id[UUID_SIZE];

/* wanted: "" for any. */
static struct journal *open_journal(const char *wanted)
{
    struct journal *journal;

    snprintf(run_id, sizeof(run_id), "%s", wanted);
    journal = journal_open(scratch_path(), IDENTITY, run_id, &err);
    if (!journal)
        fail_msg("%s", err.text);
    return journal;
}

/* Each entry as "OUTCOME key record\n"; the caller frees it. */
static char *read_all(struct journal *journal)
{
    char *all = memory_copy_text("");
    enum outcome outcome;
    const char *record;
    const char *key;

    while (journal_next(journal, &outcome, &key, &record)) {
        char *longer = memory_format("%s%s %s %s\n", all, record_status(outcome), key, record);

        free(all);
        all = longer;
    }
    assert_false(journal_next(journal, &outcome, &key, &record));
    return all;
}

static void check_entries(const char *name, const char *expected)
{
    struct journal *journal = open_journal(RUN_ID);
    char *all = read_all(journal);

    if (strcmp(all, expected) != 0)
        fail_msg("%s:\n%sinstead of\n%s", name, all, expected);
    free(all);
    journal_close(journal);
}

static void add(struct journal *journal, enum outcome outcome, const char *key, const char *record)
{
    if (!journal_add(journal, outcome, key, record, &err))
        fail_msg("%s", err.text);
}

static void test_journal_open_begins_a_run_with_an_id_of_its_own(void **state)
{
    struct journal *journal = open_journal("");
    char *name = memory_format(".avmap-journal-" IDENTITY "-%s", run_id);
    char *all = read_all(journal);
    struct stat status;

    (void)state;
    assert_true(uuid_is_valid(run_id));
    assert_string_equal(all, "");
    assert_int_equal(fstatat(scratch_root(), name, &status, 0), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    free(all);
    free(name);
    journal_close(journal);
    journal_close(NULL);
}

static void test_journal_keeps_what_was_added_for_the_next_attempt(void **state)
{
    static const char *const keys[] = {
        "a/b c.mp3",    "",          "two\nlines\r", "tab\tin it",
        "100%",         "%00",       "%0a%zz%",      "\x01\x1f\x7f",
        "\xff\xfe raw", "b\xc3\xa9", "..",           "S\tx\t{}",
    };

    enum { COUNT = sizeof(keys) / sizeof(keys[0]) };
    struct journal *journal = open_journal("");
    char first_id[UUID_SIZE];
    enum outcome outcome;
    const char *record;
    const char *key;

    (void)state;
    memcpy(first_id, run_id, sizeof(first_id));
    free(read_all(journal));
    for (size_t i = 0; i < COUNT; i++)
        add(journal, (enum outcome)(i % (OUTCOME_PENDING + 1)), keys[i], "{\"Input\":\"{\\n}\"}");
    journal_close(journal);
    for (int attempt = 0; attempt < 2; attempt++) {
        journal = open_journal("");
        assert_string_equal(run_id, first_id);
        for (size_t i = 0; i < COUNT; i++) {
            if (!journal_next(journal, &outcome, &key, &record) || strcmp(key, keys[i]) != 0)
                fail_msg("key %zu", i);
            assert_int_equal(outcome, i % (OUTCOME_PENDING + 1));
            assert_string_equal(record, "{\"Input\":\"{\\n}\"}");
        }
        assert_false(journal_next(journal, &outcome, &key, &record));
        journal_close(journal);
    }
}

static void test_journal_next_takes_long_keys_and_many_lines(void **state)
{
    enum { LENGTH = 65536, COUNT = 20000 };
    struct journal *journal = open_journal(RUN_ID);
    char *longest = memory_new(LENGTH + 1, 1);
    char number[16];
    enum outcome outcome;
    const char *record;
    const char *key;

    (void)state;
    memset(longest, '\n', LENGTH);
    free(read_all(journal));
    add(journal, OUTCOME_SUCCEEDED, longest, "{}");
    for (int i = 0; i < COUNT; i++) {
        snprintf(number, sizeof(number), "%d", i);
        add(journal, OUTCOME_FAILED, number, "{}");
    }
    journal_close(journal);
    journal = open_journal(RUN_ID);
    assert_true(journal_next(journal, &outcome, &key, &record));
    assert_string_equal(key, longest);
    for (int i = 0; i < COUNT; i++) {
        snprintf(number, sizeof(number), "%d", i);
        assert_true(journal_next(journal, &outcome, &key, &record));
        assert_string_equal(key, number);
    }
    assert_false(journal_next(journal, &outcome, &key, &record));
    journal_close(journal);
    free(longest);
}

#define TEXT(bytes) bytes, sizeof(bytes) - 1
#define GOOD "S\tgood\t{}\n"

static void test_journal_next_leaves_out_what_no_run_wrote(void **state)
{
    static const struct {
        const char *name;
        const char *bytes;
        size_t size;
    } cases[] = {
        { "nothing", TEXT("") },
        { "an empty line", TEXT("\n") },
        { "no tabs", TEXT("hello\n") },
        { "one tab", TEXT("S\tkey\n") },
        { "no key", TEXT("S{}\n") },
        { "no letter", TEXT("\tkey\t{}\n") },
        { "another letter", TEXT("X\tkey\t{}\n") },
        { "a small letter", TEXT("s\tkey\t{}\n") },
        { "a letter too many", TEXT("SF\tkey\t{}\n") },
        { "a word", TEXT("SUCCEEDED\tkey\t{}\n") },
        { "a tab too many", TEXT("S\tkey\t{}\t{}\n") },
        { "an empty record", TEXT("S\tkey\t\n") },
        { "no object", TEXT("S\tkey\t1\n") },
        { "half an object", TEXT("S\tkey\t{\"Inp\n") },
        { "the other half", TEXT("S\tkey\tut\":1}\n") },
        { "half an escape", TEXT("S\tkey%4\t{}\n") },
        { "no escape", TEXT("S\t%zz\t{}\n") },
        { "a lonely percent", TEXT("S\t%\t{}\n") },
        { "an escaped NUL", TEXT("S\ta%00b\t{}\n") },
        { "a NUL in the key", TEXT("S\tk\0y\t{}\n") },
        { "a NUL in the record", TEXT("S\tkey\t{\0}\n") },
        { "a NUL before the line", TEXT("\0S\tkey\t{}\n") },
        { "a block of NULs", TEXT("\0\0\0\0\0\0\0\0\n") },
        { "binary", TEXT("\x7f\x45LF\x02\x01\xff\xfe\t\t\x80\n") },
        { "a record cut off by the next", TEXT("S\tcut\t{\"InpS\tkey\t{}\n") },
        { "a key cut off by the next", TEXT("S\tcS\tkey\t{}\n") },
        { "a letter cut off by the next", TEXT("SS\tkey\t{}\n") },
        { "a tab cut off by the next", TEXT("S\tS\tkey\t{}\n") },
        { "an empty record before the next", TEXT("S\tcut\tS\tkey\t{}\n") },
        { "a line end cut off", TEXT("S\tcut\t{}S\tkey\t{}\n") },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct buffer file;

        buffer_init(&file, SIZE_MAX);
        buffer_append_text(&file, GOOD);
        buffer_append(&file, cases[i].bytes, cases[i].size);
        buffer_append_text(&file, GOOD);
        scratch_bytes(NAME, file.bytes, file.size);
        buffer_release(&file);
        check_entries(cases[i].name, "SUCCEEDED good {}\nSUCCEEDED good {}\n");
    }
}

/* However a kill cut the last line, the next one is whole. */
static void test_journal_next_cuts_off_a_torn_last_line(void **state)
{
    static const char torn[] = "F\tbad%0A\t{\"Input\":1}";

    (void)state;
    for (size_t length = 0; length < sizeof(torn); length++) {
        char *text = memory_format(GOOD "%.*s", (int)length, torn);
        struct journal *journal;
        char *all;

        scratch_file(NAME, text);
        journal = open_journal(RUN_ID);
        all = read_all(journal);
        assert_string_equal(all, "SUCCEEDED good {}\n");
        free(all);
        add(journal, OUTCOME_PENDING, "next", "{}");
        journal_close(journal);
        check_entries(text, "SUCCEEDED good {}\nPENDING next {}\n");
        free(text);
    }
}

static void test_journal_next_cuts_off_nuls_that_a_crash_left_at_the_end(void **state)
{
    static const char bytes[8192] = GOOD;
    struct journal *journal;
    char *all;

    (void)state;
    scratch_bytes(NAME, bytes, sizeof(bytes));
    journal = open_journal(RUN_ID);
    all = read_all(journal);
    assert_string_equal(all, "SUCCEEDED good {}\n");
    free(all);
    add(journal, OUTCOME_FAILED, "next", "{}");
    journal_close(journal);
    check_entries("NULs", "SUCCEEDED good {}\nFAILED next {}\n");
}

static void test_journal_open_refuses_a_run_that_is_at_work(void **state)
{
    struct journal *journal = open_journal(RUN_ID);

    (void)state;
    assert_null(journal_open(scratch_path(), IDENTITY, run_id, &err));
    assert_int_equal(err.kind, ERROR_LOCAL);
    assert_string_equal(err.word, "Avmap.RunIsActive");
    assert_non_null(strstr(err.text, RUN_ID));
    journal_close(journal);
    journal_close(open_journal(RUN_ID));
}

static void test_journal_open_passes_over_runs_that_are_at_work(void **state)
{
    struct journal *living = open_journal("");
    char living_id[UUID_SIZE];
    struct journal *journal;

    (void)state;
    memcpy(living_id, run_id, sizeof(living_id));
    journal = open_journal("");
    assert_string_not_equal(run_id, living_id);
    journal_close(living);
    journal_close(journal);
}

static void test_journal_open_passes_over_runs_of_another_identity(void **state)
{
    static const char *const names[] = {
        ".avmap-journal-fedcba9876543210-" RUN_ID,
        ".avmap-journal-" IDENTITY,
        ".avmap-journal-" IDENTITY "-",
        ".avmap-journal-" IDENTITY "-short",
        ".avmap-journal-" IDENTITY "-" RUN_ID ".bak",
        ".avmap-journal-" IDENTITY "0-" RUN_ID,
        "avmap-journal-" IDENTITY "-" RUN_ID,
        "other",
    };
    struct journal *journal;
    char *all;

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        scratch_file(names[i], GOOD);
    journal = open_journal("");
    assert_string_not_equal(run_id, RUN_ID);
    all = read_all(journal);
    assert_string_equal(all, "");
    free(all);
    journal_close(journal);
}

static void set_age(const char *name, int64_t seconds, int64_t nanoseconds)
{
    const struct timespec times[2] = { { 0 }, { .tv_sec = seconds, .tv_nsec = nanoseconds } };

    assert_int_equal(utimensat(scratch_root(), name, times, 0), 0);
}

static void test_journal_open_takes_the_newest_of_several(void **state)
{
    static const struct {
        const char *name;
        int64_t seconds[2];
        int64_t nanoseconds[2];
        int newest;
    } cases[] = {
        { "seconds", { 1000, 2000 }, { 9, 5 }, 1 },
        { "seconds, in the other order", { 2000, 1000 }, { 5, 9 }, 0 },
        { "nanoseconds", { 1000, 1000 }, { 1, 2 }, 1 },
        { "before 1970", { -5, -9 }, { 0, 0 }, 0 },
    };

    static const char *const ids[] = { RUN_ID, OTHER_ID };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        for (int file = 0; file < 2; file++) {
            char *name = memory_format(".avmap-journal-" IDENTITY "-%s", ids[file]);

            scratch_file(name, "");
            set_age(name, cases[i].seconds[file], cases[i].nanoseconds[file]);
            free(name);
        }
        journal_close(open_journal(""));
        if (strcmp(run_id, ids[cases[i].newest]) != 0)
            fail_msg("%s", cases[i].name);
        journal_close(open_journal(ids[!cases[i].newest]));
        assert_string_equal(run_id, ids[!cases[i].newest]);
    }
}

/* Anybody may write to a destination, so what has a journal's name can be anything. */
static void test_journal_open_passes_over_what_is_no_file(void **state)
{
    static const char *const kinds[] = { "folder", "link", "pipe" };

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        char wanted[UUID_SIZE] = RUN_ID;

        if (i == 0) {
            scratch_folder(NAME);
        } else if (i == 1) {
            scratch_file("target", GOOD);
            scratch_link(NAME, "target");
        } else {
            assert_int_equal(mkfifoat(scratch_root(), NAME, 0600), 0);
        }
        journal_close(open_journal(""));
        if (strcmp(run_id, RUN_ID) == 0)
            fail_msg("took a %s", kinds[i]);
        if (journal_open(scratch_path(), IDENTITY, wanted, &err))
            fail_msg("opened a %s", kinds[i]);
        assert_int_equal(err.kind, ERROR_LOCAL);
        assert_string_not_equal(err.word, "Avmap.RunIsActive");
        assert_int_equal(unlinkat(scratch_root(), NAME, i == 0 ? AT_REMOVEDIR : 0), 0);
    }
}

static void test_journal_open_fails_where_nothing_can_be_written(void **state)
{
    static const char *const folders[] = { "/nowhere/at/all", "/dev/null", "/proc" };

    (void)state;
    for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
        char id[UUID_SIZE] = "";

        if (journal_open(folders[i], IDENTITY, id, &err))
            fail_msg("%s", folders[i]);
        assert_int_equal(err.kind, ERROR_LOCAL);
        assert_non_null(strstr(err.text, folders[i]));
    }
}

static void test_journal_open_fails_without_a_descriptor_and_leaves_none_open(void **state)
{
    struct rlimit saved;
    int lowest = dup(0);

    (void)state;
    close(lowest);
    scratch_file(NAME, GOOD);
    getrlimit(RLIMIT_NOFILE, &saved);
    for (rlim_t more = 0; more < 3; more++) {
        const struct rlimit few = { (rlim_t)lowest + more, saved.rlim_max };
        char id[UUID_SIZE] = "";
        struct journal *journal;
        int next;

        setrlimit(RLIMIT_NOFILE, &few);
        journal = journal_open(scratch_path(), IDENTITY, id, &err);
        setrlimit(RLIMIT_NOFILE, &saved);
        if (more < 2)
            assert_null(journal);
        journal_close(journal);
        next = dup(0);
        close(next);
        assert_int_equal(next, lowest);
    }
    check_entries("afterwards", "SUCCEEDED good {}\n");
}

static void test_journal_add_fails_on_a_full_disk_and_leaves_only_whole_lines(void **state)
{
    char folder[80];
    char record[1000];
    char id[UUID_SIZE] = RUN_ID;
    unsigned added = 0;
    unsigned read = 0;
    struct journal *journal;
    enum outcome outcome;
    const char *key;
    const char *text;

    (void)state;
    if (!scratch_mount("small", 65536))
        skip();
    snprintf(folder, sizeof(folder), "%s/small", scratch_path());
    memset(record, ' ', sizeof(record) - 1);
    record[0] = '{';
    record[sizeof(record) - 2] = '}';
    record[sizeof(record) - 1] = '\0';
    journal = journal_open(folder, IDENTITY, id, &err);
    assert_non_null(journal);
    free(read_all(journal));
    while (added < 1000 && journal_add(journal, OUTCOME_SUCCEEDED, "k", record, &err))
        added++;
    assert_in_range(added, 10, 65);
    assert_int_equal(err.kind, ERROR_LOCAL);
    assert_string_equal(err.word, "Avmap.DiskFull");
    assert_false(journal_add(journal, OUTCOME_SUCCEEDED, "k", record, &err));
    journal_close(journal);
    journal = journal_open(folder, IDENTITY, id, &err);
    assert_non_null(journal);
    while (journal_next(journal, &outcome, &key, &text)) {
        assert_string_equal(key, "k");
        assert_string_equal(text, record);
        read++;
    }
    assert_int_equal(read, added);
    journal_close(journal);
}

static void test_journal_close_leaves_what_there_is_to_go_on_from_only(void **state)
{
    struct journal *journal = open_journal(RUN_ID);

    (void)state;
    assert_true(scratch_exists(NAME));
    journal_close(journal);
    assert_false(scratch_exists(NAME));
    journal = open_journal(RUN_ID);
    add(journal, OUTCOME_SUCCEEDED, "a", "{}");
    journal_close(journal);
    assert_true(scratch_exists(NAME));
    check_entries("kept", "SUCCEEDED a {}\n");
    assert_true(scratch_exists(NAME));
}

static void test_journal_finish_leaves_nothing(void **state)
{
    struct journal *journal = open_journal(RUN_ID);

    (void)state;
    free(read_all(journal));
    add(journal, OUTCOME_SUCCEEDED, "a", "{}");
    assert_true(scratch_exists(NAME));
    journal_finish(journal);
    journal_close(journal);
    assert_int_equal(scratch_count("."), 0);
    check_entries("a new one", "");
}

/* Guarded by lock. */
static struct name_set *finished;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* Runs of one identity that come and go: no id is given out again once its run is complete. */
static void *begin_and_finish(void *failed)
{
    for (int i = 0; i < 300; i++) {
        char id[UUID_SIZE] = "";
        struct error why;
        struct journal *journal = journal_open(scratch_path(), IDENTITY, id, &why);
        bool seen = false;

        if (!journal)
            continue; /* another thread was faster */
        pthread_mutex_lock(&lock);
        if (!name_set_add(finished, id, &seen, &why) || seen)
            *(bool *)failed = true;
        pthread_mutex_unlock(&lock);
        journal_finish(journal);
        journal_close(journal);
    }
    return NULL;
}

static void test_journal_open_never_takes_what_was_finished_meanwhile(void **state)
{
    pthread_t threads[4];
    bool failed[4] = { false };

    (void)state;
    finished = name_set_new();
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, begin_and_finish, &failed[i]), 0);
    for (size_t i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    name_set_free(finished);
    for (size_t i = 0; i < 4; i++)
        assert_false(failed[i]);
    assert_int_equal(scratch_count("."), 0);
}

static void set_variable(const char *name, const char *value)
{
    if (value)
        setenv(name, value, 1);
    else
        unsetenv(name);
}

/* A path below the scratch folder when it begins with "/", else as it stands; NULL stays NULL. */
static char *below_scratch(const char *path)
{
    return path && path[0] == '/' ? memory_format("%s%s", scratch_path(), path)
                                  : memory_copy_text(path);
}

static void test_journal_default_folder_is_made_where_the_user_keeps_state(void **state)
{
    static const struct {
        const char *name;
        const char *state; /* as below_scratch takes it */
        const char *home;
        const char *folder;
    } cases[] = {
        { "state", "/state/of", "/home", "/state/of/avmap" },
        { "state again", "/state/of", NULL, "/state/of/avmap" },
        { "home", NULL, "/home", "/home/.local/state/avmap" },
        { "empty state", "", "/home", "/home/.local/state/avmap" },
        { "relative state", "state", "/home", "/home/.local/state/avmap" },
        { "nothing", NULL, NULL, NULL },
        { "relative home", NULL, "home", NULL },
        { "a file in the way", "/file", NULL, NULL },
    };

    char *former_state = memory_copy_text(getenv("XDG_STATE_HOME"));
    char *former_home = memory_copy_text(getenv("HOME"));

    (void)state;
    scratch_file("file", "");
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char *state_home = below_scratch(cases[i].state);
        char *home = below_scratch(cases[i].home);
        char *expected = below_scratch(cases[i].folder);
        char *folder;

        set_variable("XDG_STATE_HOME", state_home);
        set_variable("HOME", home);
        folder = journal_default_folder();
        set_variable("XDG_STATE_HOME", former_state);
        set_variable("HOME", former_home);
        if (strcmp(folder ? folder : "none", expected ? expected : "none") != 0)
            fail_msg("%s: %s", cases[i].name, folder ? folder : "none");
        assert_true(!folder || access(folder, W_OK) == 0);
        free(folder);
        free(expected);
        free(home);
        free(state_home);
    }
    free(former_state);
    free(former_home);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_make, scratch_remove)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_journal_open_begins_a_run_with_an_id_of_its_own),
        TEST(test_journal_keeps_what_was_added_for_the_next_attempt),
        TEST(test_journal_next_takes_long_keys_and_many_lines),
        TEST(test_journal_next_leaves_out_what_no_run_wrote),
        TEST(test_journal_next_cuts_off_a_torn_last_line),
        TEST(test_journal_next_cuts_off_nuls_that_a_crash_left_at_the_end),
        TEST(test_journal_open_refuses_a_run_that_is_at_work),
        TEST(test_journal_open_passes_over_runs_that_are_at_work),
        TEST(test_journal_open_passes_over_runs_of_another_identity),
        TEST(test_journal_open_takes_the_newest_of_several),
        TEST(test_journal_open_passes_over_what_is_no_file),
        TEST(test_journal_open_fails_where_nothing_can_be_written),
        TEST(test_journal_open_fails_without_a_descriptor_and_leaves_none_open),
        TEST(test_journal_add_fails_on_a_full_disk_and_leaves_only_whole_lines),
        TEST(test_journal_close_leaves_what_there_is_to_go_on_from_only),
        TEST(test_journal_finish_leaves_nothing),
        TEST(test_journal_open_never_takes_what_was_finished_meanwhile),
        TEST(test_journal_default_folder_is_made_where_the_user_keeps_state),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
