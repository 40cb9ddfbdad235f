/* SPDX-License-Identifier: MIT */

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cmocka.h>

#include <jansson.h>

#include "base/log.h"

/* While captured, stderr is a pipe whose other end is read by stop_capture. */
static int real_stderr;
static int captured;

static void start_capture(void)
{
    int ends[2];

    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    fflush(stderr);
    real_stderr = dup(STDERR_FILENO);
    assert_true(real_stderr >= 0);
    assert_true(dup2(ends[1], STDERR_FILENO) >= 0);
    close(ends[1]);
    captured = ends[0];
}

/* What was written meanwhile; it must be less than a pipe holds. */
static char *stop_capture(void)
{
    static char text[65536];
    size_t used = 0;
    ssize_t count;

    dup2(real_stderr, STDERR_FILENO);
    close(real_stderr);
    while ((count = read(captured, text + used, sizeof(text) - 1 - used)) > 0)
        used += (size_t)count;
    close(captured);
    text[used] = '\0';
    return text;
}

static int reset_log(void **state)
{
    (void)state;
    log_set_level(LOG_INFO);
    log_set_format(LOG_TEXT);
    log_set_job(NULL);
    return 0;
}

static void test_log_writes_one_line_with_its_level(void **state)
{
    (void)state;
    log_set_level(LOG_DEBUG);
    start_capture();
    log_error("no %s", "bucket");
    log_warning("retrying in %d ms", 800);
    log_info("done");
    log_debug("GET 200");
    assert_string_equal(stop_capture(), "avmap: error: no bucket\n"
                                        "avmap: warning: retrying in 800 ms\n"
                                        "avmap: done\n"
                                        "avmap: debug: GET 200\n");
}

static void test_log_set_level_hides_what_is_below(void **state)
{
    (void)state;
    log_set_level(LOG_WARNING);
    start_capture();
    log_error("1");
    log_warning("2");
    log_info("3");
    log_debug("4");
    assert_string_equal(stop_capture(), "avmap: error: 1\navmap: warning: 2\n");
    assert_true(log_shows(LOG_ERROR));
    assert_true(log_shows(LOG_WARNING));
    assert_false(log_shows(LOG_INFO));
    assert_false(log_shows(LOG_DEBUG));
}

static void *log_from_another_thread(void *unused)
{
    log_info("other");
    return unused;
}

static void test_log_set_job_names_the_messages_of_this_thread_only(void **state)
{
    pthread_t thread;

    (void)state;
    start_capture();
    log_set_job("job 17 a/b.flac");
    log_info("mine");
    pthread_create(&thread, NULL, log_from_another_thread, NULL);
    pthread_join(thread, NULL);
    log_set_job(NULL);
    log_info("none");
    assert_string_equal(stop_capture(),
                        "avmap: [job 17 a/b.flac] mine\navmap: other\navmap: none\n");
}

/* Object keys hold any bytes; none of them may move the cursor, forge a line or set a title. */
static void test_log_escapes_what_could_steer_a_terminal(void **state)
{
    static const struct {
        const char *message;
        const char *line;
    } cases[] = {
        { "plain a b.wav", "plain a b.wav" },
        { "two\nlines", "two\\x0alines" },
        { "cr\rtab\tbell\a", "cr\\x0dtab\\x09bell\\x07" },
        { "\033]0;title\007", "\\x1b]0;title\\x07" },
        { "\x01\x1f\x7f", "\\x01\\x1f\\x7f" },
        { "b\xc3\xa9\xe2\x82\xac\xf0\x9f\x8e\xb5", "b\xc3\xa9\xe2\x82\xac\xf0\x9f\x8e\xb5" },
        { "csi \xc2\x9b"
          "31m",
          "csi \\xc2\\x9b31m" },
        { "c1 \xc2\x80 \xc2\x9f no-break \xc2\xa0", "c1 \\xc2\\x80 \\xc2\\x9f no-break \xc2\xa0" },
        { "raw \x9b, cut \xe2\x82", "raw \\x9b, cut \\xe2\\x82" },
        { "overlong \xc0\x9b", "overlong \\xc0\\x9b" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char wanted[200];

        start_capture();
        log_set_job(cases[i].message);
        log_info("%s", cases[i].message);
        snprintf(wanted, sizeof(wanted), "avmap: [%s] %s\n", cases[i].line, cases[i].line);
        assert_string_equal(stop_capture(), wanted);
    }
}

static void test_log_cuts_long_messages_and_still_ends_the_line(void **state)
{
    char message[20000];
    const char *line;

    (void)state;
    for (int byte = 1; byte < 256; byte += 25) {
        memset(message, byte, sizeof(message) - 1);
        message[sizeof(message) - 1] = '\0';
        start_capture();
        log_set_job(message);
        log_warning("%s", message);
        line = stop_capture();
        assert_true(strlen(line) > 2000);
        assert_ptr_equal(strchr(line, '\n'), line + strlen(line) - 1);
        assert_non_null(strstr(line, "] warning: "));
    }
}

static void test_log_status_stays_below_the_messages(void **state)
{
    (void)state;
    start_capture();
    log_status("3 of 10");
    log_info("done");
    log_status("4 of 10");
    log_status("");
    log_info("end");
    assert_string_equal(stop_capture(), "\r\033[K3 of 10"
                                        "\r\033[Kavmap: done\n3 of 10"
                                        "\r\033[K4 of 10"
                                        "\r\033[K"
                                        "avmap: end\n");
}

static void test_log_status_fits_into_the_terminal(void **state)
{
    const struct winsize narrow = { .ws_row = 24, .ws_col = 8 };
    int terminal = posix_openpt(O_RDWR | O_NOCTTY);
    char name[64];
    static const char wanted[] = "\r\033[K12 of 3\r\033[K";
    char text[64];
    size_t count = 0;
    int line;
    int saved;

    (void)state;
    assert_int_equal(grantpt(terminal) | unlockpt(terminal), 0);
    assert_int_equal(ptsname_r(terminal, name, sizeof(name)), 0);
    line = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
    assert_int_equal(ioctl(line, TIOCSWINSZ, &narrow), 0);
    saved = dup(STDERR_FILENO);
    dup2(line, STDERR_FILENO);
    log_status("12 of 34567");
    log_status("");
    dup2(saved, STDERR_FILENO);
    /* A terminal gives what was written piece by piece. */
    while (count < strlen(wanted) &&
           poll(&(struct pollfd){ .fd = terminal, .events = POLLIN }, 1, 10000) > 0) {
        ssize_t got = read(terminal, text + count, sizeof(text) - 1 - count);

        assert_true(got > 0);
        count += (size_t)got;
    }
    close(saved);
    close(line);
    close(terminal);
    text[count] = '\0';
    assert_string_equal(text, wanted);
}

static void test_log_status_writes_nothing_for_no_status(void **state)
{
    (void)state;
    start_capture();
    log_status("");
    assert_string_equal(stop_capture(), "");
}

static void *log_many_lines(void *name)
{
    log_set_job(name);
    for (int i = 0; i < 100; i++) {
        log_info("first, %s, last", (const char *)name);
        log_status(""); /* shows nothing, but is guarded by the same lock */
    }
    return NULL;
}

static void test_log_keeps_lines_of_threads_apart(void **state)
{
    static char names[4][2] = { "a", "b", "c", "d" };
    pthread_t threads[4];
    int counts[4] = { 0 };
    char *text;
    char *rest;

    (void)state;
    start_capture();
    for (size_t i = 0; i < 4; i++)
        pthread_create(&threads[i], NULL, log_many_lines, names[i]);
    for (size_t i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    text = stop_capture();
    for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
        char wanted[] = "avmap: [?] first, ?, last";
        char name = line[strlen("avmap: [")];

        wanted[strlen("avmap: [")] = name;
        wanted[strlen("avmap: [?] first, ")] = name;
        assert_string_equal(line, wanted);
        assert_in_range(name, 'a', 'd');
        counts[name - 'a']++;
    }
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(counts[i], 100);
}

/* Takes the first line off *text and gives it as an object, whose time is looked at and removed. */
static json_t *next_object(char **text)
{
    char *end = strchr(*text, '\n');
    json_t *value;
    json_t *time;

    if (!end)
        fail_msg("no line: %s", *text);
    value = json_loadb(*text, (size_t)(end - *text), JSON_REJECT_DUPLICATES, NULL);
    if (!json_is_object(value))
        fail_msg("no object: %s", *text);
    *text = end + 1;
    time = json_object_get(value, "time");
    assert_true(json_is_string(time));
    assert_int_equal(json_string_length(time), strlen("2024-12-01T12:00:00.000Z"));
    json_object_del(value, "time");
    return value;
}

static void check_object(char **text, const char *expected)
{
    json_t *value = next_object(text);
    char *found = json_dumps(value, JSON_COMPACT | JSON_SORT_KEYS);

    assert_string_equal(found, expected);
    free(found);
    json_decref(value);
}

static void test_log_set_format_json_writes_an_object_a_line(void **state)
{
    char *text;

    (void)state;
    log_set_format(LOG_JSON);
    log_set_level(LOG_DEBUG);
    start_capture();
    log_error("no %s", "bucket");
    log_set_job("a/b.flac");
    log_warning("\"%d\"", 800);
    log_set_job(NULL);
    log_info("%s", "");
    log_debug("GET 200");
    log_set_level(LOG_ERROR);
    log_warning("hidden");
    text = stop_capture();
    check_object(&text, "{\"level\":\"error\",\"message\":\"no bucket\"}");
    check_object(&text,
                 "{\"item\":\"a/b.flac\",\"level\":\"warning\",\"message\":\"\\\"800\\\"\"}");
    check_object(&text, "{\"level\":\"info\",\"message\":\"\"}");
    check_object(&text, "{\"level\":\"debug\",\"message\":\"GET 200\"}");
    assert_string_equal(text, "");
}

/* Names are any bytes; each message stays one line that a JSON reader takes. */
static void test_log_set_format_json_takes_any_bytes(void **state)
{
    static char longest[10000];
    const char *const names[] = {
        "two\nlines\r\n",
        "tab\t\"quote\" \\ back",
        "\x01\x1b[31m\x7f",
        "\xff raw \x9b, cut \xe2\x82",
        "overlong \xc0\x9b",
        "\xed\xa0\x80",
        "100% %s %n",
        "",
        "a C1 control \xc2\x9b",
        "b\xc3\xa9\xf0\x9f\x8e\xb5",
        longest,
    };

    (void)state;
    memset(longest, 0xe2, sizeof(longest) - 1);
    log_set_format(LOG_JSON);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        char *text;
        json_t *value;

        start_capture();
        log_set_job(names[i]);
        log_warning("%s", names[i]);
        text = stop_capture();
        assert_null(strpbrk(text, "\x1b\x7f"));
        assert_null(strstr(text, "\xc2\x9b"));
        value = next_object(&text);
        assert_string_equal(text, "");
        assert_true(json_is_string(json_object_get(value, "item")));
        assert_true(json_is_string(json_object_get(value, "message")));
        if (i == 0)
            assert_string_equal(json_string_value(json_object_get(value, "message")), names[0]);
        json_decref(value);
    }
}

static void test_log_set_format_json_keeps_the_status_line_below(void **state)
{
    char *text;

    (void)state;
    log_set_format(LOG_JSON);
    start_capture();
    log_status("3 of 10");
    log_info("done");
    log_status("");
    text = stop_capture();
    assert_memory_equal(text, "\r\033[K3 of 10\r\033[K{", 16);
    assert_non_null(strstr(text, "}\n3 of 10\r\033[K"));
}

static const struct log_outcome success = {
    .status = "SUCCEEDED", .seconds = 1.5, .bytes_in = 12, .bytes_out = UINT64_C(5000000000)
};
static const struct log_outcome failure = {
    .status = "FAILED", .error = "Media.InvalidData", .cause = "no\nsound", .bytes_in = 3
};

static void test_log_outcome_is_text_for_failures_and_debugging_only(void **state)
{
    (void)state;
    start_capture();
    log_set_job("a");
    log_outcome(&success);
    log_outcome(&failure);
    log_set_level(LOG_DEBUG);
    log_outcome(&success);
    assert_string_equal(stop_capture(), "avmap: [a] error: no\\x0asound\n"
                                        "avmap: [a] debug: SUCCEEDED in 1.500 s\n");
}

static void test_log_outcome_is_an_object_with_all_that_is_known(void **state)
{
    static const struct log_outcome hostile = { .status = "FAILED",
                                                .error = "\xff",
                                                .cause = "\xff\n" };
    char *text;

    (void)state;
    log_set_format(LOG_JSON);
    start_capture();
    log_set_job("a");
    log_outcome(&success);
    log_outcome(&failure);
    log_outcome(&hostile);
    log_set_level(LOG_ERROR);
    log_outcome(&success);
    text = stop_capture();
    check_object(&text, "{\"bytesIn\":12,\"bytesOut\":5000000000,\"item\":\"a\",\"level\":\"info\","
                        "\"seconds\":1.5,\"status\":\"SUCCEEDED\"}");
    check_object(&text, "{\"bytesIn\":3,\"bytesOut\":0,\"cause\":\"no\\nsound\",\"error\":"
                        "\"Media.InvalidData\",\"item\":\"a\",\"level\":\"error\",\"seconds\":0.0,"
                        "\"status\":\"FAILED\"}");
    check_object(&text, "{\"bytesIn\":0,\"bytesOut\":0,\"cause\":\"\xef\xbf\xbd\\n\",\"error\":"
                        "\"\xef\xbf\xbd\",\"item\":\"a\",\"level\":\"error\",\"seconds\":0.0,"
                        "\"status\":\"FAILED\"}");
    assert_string_equal(text, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_log_writes_one_line_with_its_level, reset_log),
        cmocka_unit_test_teardown(test_log_set_level_hides_what_is_below, reset_log),
        cmocka_unit_test_teardown(test_log_set_job_names_the_messages_of_this_thread_only,
                                  reset_log),
        cmocka_unit_test_teardown(test_log_escapes_what_could_steer_a_terminal, reset_log),
        cmocka_unit_test_teardown(test_log_cuts_long_messages_and_still_ends_the_line, reset_log),
        cmocka_unit_test_teardown(test_log_status_stays_below_the_messages, reset_log),
        cmocka_unit_test_teardown(test_log_status_fits_into_the_terminal, reset_log),
        cmocka_unit_test_teardown(test_log_status_writes_nothing_for_no_status, reset_log),
        cmocka_unit_test_teardown(test_log_keeps_lines_of_threads_apart, reset_log),
        cmocka_unit_test_teardown(test_log_set_format_json_writes_an_object_a_line, reset_log),
        cmocka_unit_test_teardown(test_log_set_format_json_takes_any_bytes, reset_log),
        cmocka_unit_test_teardown(test_log_set_format_json_keeps_the_status_line_below, reset_log),
        cmocka_unit_test_teardown(test_log_outcome_is_text_for_failures_and_debugging_only,
                                  reset_log),
        cmocka_unit_test_teardown(test_log_outcome_is_an_object_with_all_that_is_known, reset_log),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
