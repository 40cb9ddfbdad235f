/* SPDX-License-Identifier: MIT */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/error.h"

static void test_error_set_fills_everything_and_returns_false(void **state)
{
    struct error err = {
        .kind = ERROR_MEDIA, .retry_after_ms = 5, .http_status = 404, .word = "Old", .text = "old"
    };

    (void)state;
    assert_false(error_set(&err, ERROR_DENIED, "S3.AccessDenied", "get %s: %d", "a b", 403));
    assert_int_equal(err.kind, ERROR_DENIED);
    assert_int_equal(err.retry_after_ms, 0);
    assert_int_equal(err.http_status, 0);
    assert_string_equal(err.word, "S3.AccessDenied");
    assert_string_equal(err.text, "get a b: 403");
}

static void test_error_set_cuts_what_does_not_fit(void **state)
{
    struct error err = { 0 };
    char text[5000];
    char word[200];

    (void)state;
    memset(text, 't', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    memset(word, 'w', sizeof(word) - 1);
    word[sizeof(word) - 1] = '\0';
    error_set(&err, ERROR_MEDIA, word, "%s", text);
    assert_int_equal(strlen(err.text), sizeof(err.text) - 1);
    assert_int_equal(strlen(err.word), sizeof(err.word) - 1);
}

static void test_error_set_errno_says_what_failed_and_why(void **state)
{
    struct error err = { .retry_after_ms = 5 };

    (void)state;
    assert_false(error_set_errno(&err, ERROR_OBJECT, ENOENT, "open %s", "/in/a.wav"));
    assert_string_equal(err.text, "open /in/a.wav: No such file or directory");
    assert_int_equal(err.retry_after_ms, 0);
}

static void test_error_set_errno_sorts_by_number(void **state)
{
    static const struct {
        int number;
        enum error_kind kind;
        const char *word;
    } cases[] = {
        { ENOSPC, ERROR_LOCAL, "Avmap.DiskFull" },
        { EDQUOT, ERROR_LOCAL, "Avmap.DiskFull" },
        { EMFILE, ERROR_LOCAL, "Avmap.OpenFilesLimit" },
        { ENFILE, ERROR_LOCAL, "Avmap.OpenFilesLimit" },
        { ENOMEM, ERROR_LOCAL, "Avmap.MemoryLimit" },
        { EROFS, ERROR_LOCAL, "File.AccessDenied" },
        { EACCES, ERROR_OBJECT, "File.AccessDenied" },
        { EPERM, ERROR_OBJECT, "File.AccessDenied" },
        { ENOENT, ERROR_OBJECT, "File.NotFound" },
        { ENAMETOOLONG, ERROR_OBJECT, "File.NameTooLong" },
        { EIO, ERROR_OBJECT, "File.Error" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct error err = { 0 };

        error_set_errno(&err, ERROR_OBJECT, cases[i].number, "open");
        if (err.kind != cases[i].kind || strcmp(err.word, cases[i].word) != 0)
            fail_msg("%s: kind %d, word %s", strerror(cases[i].number), (int)err.kind, err.word);
    }
}

static void test_error_prefix_puts_context_before_the_text_only(void **state)
{
    struct error err = { 0 };

    (void)state;
    error_set(&err, ERROR_TRANSIENT, "S3.SlowDown", "503 SlowDown");
    err.retry_after_ms = 700;
    error_prefix(&err, "upload %s", "a b.flac");
    error_prefix(&err, "job %d", 17);
    assert_string_equal(err.text, "job 17: upload a b.flac: 503 SlowDown");
    assert_string_equal(err.word, "S3.SlowDown");
    assert_int_equal(err.kind, ERROR_TRANSIENT);
    assert_int_equal(err.retry_after_ms, 700);
}

/* Every length of context round the size of the text, as off-by-one errors hide there. */
static void test_error_prefix_cuts_the_end_when_there_is_no_room(void **state)
{
    static const char reason[] = "the disk is full";

    (void)state;
    for (size_t length = sizeof(((struct error *)0)->text) - 40;
         length < sizeof(((struct error *)0)->text) + 10; length++) {
        struct error err = { 0 };
        char context[sizeof(err.text) + 10];
        char wanted[sizeof(context) + sizeof(reason) + 2];

        memset(context, 'c', length);
        context[length] = '\0';
        error_set(&err, ERROR_LOCAL, "Avmap.DiskFull", "%s", reason);
        error_prefix(&err, "%s", context);
        snprintf(wanted, sizeof(wanted), "%s: %s", context, reason);
        wanted[sizeof(err.text) - 1] = '\0';
        /* Without room for any reason there is no context either: the reason is worth more. */
        if (length + 2 >= sizeof(err.text))
            snprintf(wanted, sizeof(wanted), "%s", reason);
        if (strcmp(err.text, wanted) != 0)
            fail_msg("context of %zu bytes: %s", length, err.text);
    }
}

static void test_error_ends_run_only_when_nothing_else_can_work(void **state)
{
    static const struct {
        enum error_kind kind;
        bool ends;
    } cases[] = {
        { ERROR_NONE, false },      { ERROR_USAGE, true },     { ERROR_AUTH, true },
        { ERROR_LOCAL, true },      { ERROR_DENIED, false },   { ERROR_NOT_FOUND, false },
        { ERROR_OBJECT, false },    { ERROR_MEDIA, false },    { ERROR_TRANSIENT, false },
        { ERROR_CANCELLED, false }, { ERROR_TOLERANCE, true }, { ERROR_INTERNAL, false },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct error err = { .kind = cases[i].kind };

        if (error_ends_run(&err) != cases[i].ends)
            fail_msg("kind %d", (int)cases[i].kind);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_error_set_fills_everything_and_returns_false),
        cmocka_unit_test(test_error_set_cuts_what_does_not_fit),
        cmocka_unit_test(test_error_set_errno_says_what_failed_and_why),
        cmocka_unit_test(test_error_set_errno_sorts_by_number),
        cmocka_unit_test(test_error_prefix_puts_context_before_the_text_only),
        cmocka_unit_test(test_error_prefix_cuts_the_end_when_there_is_no_room),
        cmocka_unit_test(test_error_ends_run_only_when_nothing_else_can_work),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
