/* SPDX-License-Identifier: MIT */

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/memory.h"
#include "items/selection.h"
#include "options.h"
#include "scratch.h"

enum { MOST = 8 };

struct target {
    bool verbose;
    bool json;
    unsigned jobs;
    uint64_t count;
    uint64_t memory;
    uint64_t delay_ms;
    double rate;
    int64_t newer_than_ms;
    const char *suffix;
    const char *pairs;
    unsigned when;
    struct selection selection;
};

static const char *const when_names[] = { "auto", "always", "never", NULL };

#define FIELD(field, type) OPTION_FIELD(struct target, field, type)

/* clang-format off */
static const struct option_spec specs[] = {
    OPTION_ROW_HEADING("First things"),
    { "verbose", 'v', OPTION_FLAG, FIELD(verbose, bool), NULL, NULL, 0, 0, "say more" },
    { "json", 0, OPTION_FLAG, FIELD(json, bool), NULL, NULL, 0, 0, "say it as JSON" },
    OPTION_ROW_HEADING("Numbers"),
    { "jobs", 'j', OPTION_COUNT, FIELD(jobs, unsigned), "N", NULL, 1, 1024, "at once" },
    { "max-items", 0, OPTION_COUNT64, FIELD(count, uint64_t), "N", NULL, 1, UINT64_MAX, "items" },
    { "memory", 0, OPTION_SIZE, FIELD(memory, uint64_t), "SIZE", NULL, 1024, INT64_MAX, "bytes" },
    { "timeout", 0, OPTION_DURATION, FIELD(delay_ms, uint64_t), "TIME", NULL, 1, 0, "timeout" },
    { "max-delay", 0, OPTION_DURATION, FIELD(delay_ms, uint64_t), "TIME", NULL, 0, 0, "delay" },
    { "rate", 0, OPTION_REAL, FIELD(rate, double), "X", NULL, 1, 100, "rate" },
    { "newer-than", 0, OPTION_TIME, FIELD(newer_than_ms, int64_t), "DATE", NULL, 0, 0, "date" },
    { "suffix", 's', OPTION_TEXT, FIELD(suffix, const char *), "TEXT", NULL, 0, 0, "suffix" },
    { "metadata", 0, OPTION_PAIRS, FIELD(pairs, const char *), "K=V", NULL, 0, 0, "pairs" },
    { "progress", 0, OPTION_CHOICE, FIELD(when, unsigned), "WHEN", when_names, 0, 0, "progress" },
    { "include", 0, OPTION_INCLUDE, FIELD(selection, struct selection), "GLOB", NULL, 0, 0, "in" },
    { "exclude", 0, OPTION_EXCLUDE, FIELD(selection, struct selection), "GLOB", NULL, 0, 0, "out" },
    OPTION_ROW_HEADING("Last things"),
    OPTION_ROWS_END("ffmpeg's options go after --"),
};

/* clang-format on */

static struct target target;
static struct option_words words;
static struct error err;

/* Splits line at its blanks; "_" stands for an empty word. */
static bool parse(const char *line)
{
    static char text[512];
    static char *argv[32];
    size_t count = 0;
    char *rest = text;
    char *word;

    snprintf(text, sizeof(text), "%s", line);
    while ((word = strsep(&rest, " ")))
        argv[count++] = strcmp(word, "_") == 0 ? word + 1 : word;
    target = (struct target){ .jobs = 4242 };
    err = (struct error){ 0 };
    return options_parse(specs, &target, line[0] ? count : 0, argv, &words, &err);
}

static void release(void)
{
    options_release(&words);
    selection_release(&target.selection);
}

static void accept(const char *line)
{
    if (!parse(line))
        fail_msg("%s: %s", line, err.text);
}

static void test_options_parse_takes_words_and_what_follows_two_dashes(void **state)
{
    static const struct {
        const char *line;
        const char *words[MOST];
        const char *rest[MOST];
    } cases[] = {
        { "", { NULL }, { NULL } },
        { "a b", { "a", "b" }, { NULL } },
        { "a -v b --jobs 3 c", { "a", "b", "c" }, { NULL } },
        { "a -- b", { "a" }, { "b" } },
        { "-- -v --jobs --", { NULL }, { "-v", "--jobs", "--" } },
        { "a --", { "a" }, { NULL } },
        { "- _ a", { "-", "", "a" }, { NULL } },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        size_t count = 0;

        accept(cases[i].line);
        while (cases[i].words[count])
            count++;
        if (words.count != count)
            fail_msg("%s: %zu words", cases[i].line, words.count);
        for (size_t j = 0; j < count; j++)
            assert_string_equal(words.words[j], cases[i].words[j]);
        count = 0;
        while (cases[i].rest[count])
            count++;
        if (words.rest_count != count)
            fail_msg("%s: %zu words behind --", cases[i].line, words.rest_count);
        for (size_t j = 0; j < count; j++)
            assert_string_equal(words.rest[j], cases[i].rest[j]);
        release();
    }
}

static void test_options_parse_reads_values_in_every_form(void **state)
{
    static const char *const lines[] = {
        "--jobs 3 --suffix .wav --progress never -v --memory 1.5M",
        "--jobs=3 --suffix=.wav --progress=never --verbose --memory=1536K",
        "-j 3 -s .wav -v --progress never --memory 1572864",
        "-j3 -s.wav --verbose -v --progress=never --memory=1.5MiB",
        "--jobs 9 --jobs 3 -s x --suffix .wav --progress auto --progress never -v --memory=1.5M",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        accept(lines[i]);
        if (target.jobs != 3 || strcmp(target.suffix, ".wav") != 0 || target.when != 2 ||
            !target.verbose || target.json || target.memory != 3 << 19)
            fail_msg("%s", lines[i]);
        release();
    }
}

static void test_options_parse_reads_every_kind(void **state)
{
    int64_t now_ms = clock_wall_ms();

    (void)state;
    accept("--max-items 18446744073709551615 --max-delay 1.5s --rate 2.25 --newer-than 2026-11-21");
    assert_true(target.count == UINT64_MAX);
    assert_int_equal(target.delay_ms, 1500);
    assert_true(target.rate == 2.25);
    assert_true(target.newer_than_ms == INT64_C(1795219200000));
    release();
    accept("--newer-than 2026-11-21T01:02:03Z");
    assert_true(target.newer_than_ms == INT64_C(1795219200000) + 3723000);
    release();
    accept("--newer-than 2d");
    assert_in_range(target.newer_than_ms, now_ms - 172800000, now_ms - 172800000 + 10000);
    release();
    accept("--include *.mp3 --exclude a* --include=b");
    assert_int_equal(target.selection.pattern_count, 3);
    assert_string_equal(target.selection.patterns[0].glob, "*.mp3");
    assert_true(target.selection.patterns[0].include);
    assert_string_equal(target.selection.patterns[1].glob, "a*");
    assert_false(target.selection.patterns[1].include);
    assert_string_equal(target.selection.patterns[2].glob, "b");
    release();
    accept("--suffix=--json --suffix=a=b");
    assert_string_equal(target.suffix, "a=b");
    release();
    accept("--suffix --json"); /* a value is the next word, whatever it is */
    assert_string_equal(target.suffix, "--json");
    assert_false(target.json);
    release();
}

static void test_options_parse_refuses_what_is_wrong_and_says_it(void **state)
{
    static const char *const cases[][2] = {
        { "--jobs", "--jobs needs a value: N" },
        { "-j", "-j needs a value: N" },
        { "--jobs -- 3", "--jobs needs a value: N" },
        { "--jobs 0", "--jobs: \"0\" is not a whole number from 1 to 1024" },
        { "--jobs 1025", "from 1 to 1024" },
        { "--jobs -1", "\"-1\" is not" },
        { "--jobs 4294967297", "from 1 to 1024" },
        { "--jobs 1x", "\"1x\" is not" },
        { "--jobs=", "\"\" is not" },
        { "-j 1.5", "-j: \"1.5\" is not" },
        { "--max-items 0", "from 1 to 18446744073709551615" },
        { "--max-items 18446744073709551616", "is not a whole number" },
        { "--memory 1023", "a size of at least 1.0 KiB" },
        { "--memory lots", "a size of at least" },
        { "--max-delay soon", "a time such as" },
        { "--max-delay 999999999999d", "a time such as" },
        { "--timeout 0", "a time longer than 0" },
        { "--rate 0.5", "a number from 1 to 100" },
        { "--rate 100.1", "a number from 1 to 100" },
        { "--rate nan", "a number from" },
        { "--rate inf", "a number from" },
        { "--rate 0x10", "a number from" },
        { "--rate 1e1", "a number from" },
        { "--rate 1.5.5", "a number from" },
        { "--rate=", "a number from" },
        { "--newer-than yesterday", "a date such as" },
        { "--newer-than 2026-13-01", "a date such as" },
        { "--newer-than 999999d", "a date such as" },
        { "--suffix=", "--suffix needs a value" },
        { "--Numbers=1", "unknown option --Numbers=1" },
        { "--suffix _", "--suffix needs a value" },
        { "--progress sometimes", "\"sometimes\" is not auto, always or never" },
        { "--progress AUTO", "\"AUTO\" is not auto" },
        { "--json=true", "--json takes no value" },
        { "--json=", "--json takes no value" },
        { "-vx", "-v takes no value" },
        { "--job 3", "did you mean --jobs?" },
        { "--sufix=.wav", "unknown option --sufix=.wav; did you mean --suffix?" },
        { "--Jobs 3", "did you mean --jobs?" },
        { "--overwrite", "unknown option --overwrite; ffmpeg's options go after --" },
        { "-ac 1", "unknown option -ac; ffmpeg's options go after --" },
        { "-suffix .wav", "unknown option -suffix; did you mean --suffix?" },
        { "-suffix=.wav", "did you mean --suffix=.wav?" },
        { "-verbose", "did you mean --verbose?" },
        { "---jobs 3", "unknown option ---jobs" },
        { "--=3", "unknown option --=3" },
        { "--\xff\x1b[2J", "unknown option" },
        { "-\xff", "unknown option" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        if (parse(cases[i][0]))
            fail_msg("accepted: %s", cases[i][0]);
        if (err.kind != ERROR_USAGE || !strstr(err.text, cases[i][1]))
            fail_msg("%s: %s", cases[i][0], err.text);
        release();
    }
}

static void test_options_parse_refuses_very_long_options(void **state)
{
    char *word = memory_new(100000, 1);
    char *argv[2] = { word, word };
    char long_jobs[] = "--jobs";

    (void)state;
    memset(word, 'x', 99999);
    memset(word, '-', 2);
    assert_false(options_parse(specs, &target, 1, argv, &words, &err));
    assert_null(strstr(err.text, "did you mean"));
    release();
    memset(word, '9', 99999);
    assert_false(options_parse(specs, &target, 2, (char *[]){ long_jobs, word }, &words, &err));
    assert_non_null(strstr(err.text, "--jobs"));
    release();
    free(word);
}

static void test_options_parse_reads_the_environment_first(void **state)
{
    (void)state;
    setenv("AVMAP_JOBS", "7", 1);
    setenv("AVMAP_MAX_ITEMS", "5", 1);
    setenv("AVMAP_JSON", "Yes", 1);
    setenv("AVMAP_VERBOSE", "off", 1);
    setenv("AVMAP_SUFFIX", "", 1);
    setenv("AVMAP_EXCLUDE", "tmp/*", 1);
    accept("--max-items 6 --include x");
    assert_int_equal(target.jobs, 7);
    assert_int_equal(target.count, 6);
    assert_true(target.json);
    assert_false(target.verbose);
    assert_null(target.suffix);
    assert_int_equal(target.selection.pattern_count, 2);
    assert_string_equal(target.selection.patterns[0].glob, "tmp/*");
    release();
    setenv("AVMAP_JOBS", "many", 1);
    assert_false(parse("--jobs 3"));
    assert_non_null(strstr(err.text, "AVMAP_JOBS: \"many\""));
    release();
    unsetenv("AVMAP_JOBS");
    setenv("AVMAP_JSON", "perhaps", 1);
    assert_false(parse(""));
    assert_non_null(strstr(err.text, "AVMAP_JSON: \"perhaps\" is not true or false"));
    release();
    unsetenv("AVMAP_JSON");
    unsetenv("AVMAP_MAX_ITEMS");
    unsetenv("AVMAP_VERBOSE");
    unsetenv("AVMAP_SUFFIX");
    unsetenv("AVMAP_EXCLUDE");
    accept("");
    assert_int_equal(target.jobs, 4242); /* what nobody says stays as it was */
    release();
}

static void test_options_print_has_a_line_for_each_option(void **state)
{
    char *text;
    int saved;
    int file;

    (void)state;
    fflush(stdout);
    scratch_file("out", "");
    saved = dup(STDOUT_FILENO);
    file = openat(scratch_root(), "out", O_WRONLY | O_CLOEXEC);
    dup2(file, STDOUT_FILENO);
    options_print(specs);
    fflush(stdout);
    dup2(saved, STDOUT_FILENO);
    close(saved);
    close(file);
    text = scratch_read("out");
    assert_non_null(strstr(text, "-j, --jobs N"));
    assert_non_null(strstr(text, "    --json "));
    for (const struct option_spec *spec = specs; spec->name; spec++) {
        bool is_heading = spec->kind == OPTION_HEADING;
        char *name = memory_format(is_heading ? "\n%s:\n" : "--%s ", spec->name);
        char *line = strstr(text, name);

        if (!line || (!is_heading && !strstr(line, spec->help)))
            fail_msg("%s: %s", spec->name, text);
        free(name);
    }
    free(text);
}

static void test_options_parse_joins_pairs_and_forgets_those_of_the_environment(void **state)
{
    (void)state;
    accept("--metadata a=1 x --metadata b=2,c=3 --metadata=d=4");
    assert_string_equal(target.pairs, "a=1,b=2,c=3,d=4");
    assert_int_equal(words.given_count, 1);
    assert_string_equal(words.given[0].value, "a=1,b=2,c=3,d=4");
    release();

    setenv("AVMAP_METADATA", "e=5,f=6", 1);
    accept("");
    assert_string_equal(target.pairs, "e=5,f=6");
    release();
    accept("--metadata a=1 --metadata b=2");
    assert_string_equal(target.pairs, "a=1,b=2");
    release();
    unsetenv("AVMAP_METADATA");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_options_parse_joins_pairs_and_forgets_those_of_the_environment),
        cmocka_unit_test(test_options_parse_takes_words_and_what_follows_two_dashes),
        cmocka_unit_test(test_options_parse_reads_values_in_every_form),
        cmocka_unit_test(test_options_parse_reads_every_kind),
        cmocka_unit_test(test_options_parse_refuses_what_is_wrong_and_says_it),
        cmocka_unit_test(test_options_parse_refuses_very_long_options),
        cmocka_unit_test(test_options_parse_reads_the_environment_first),
        cmocka_unit_test_setup_teardown(test_options_print_has_a_line_for_each_option, scratch_make,
                                        scratch_remove),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
