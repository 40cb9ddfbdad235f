/* SPDX-License-Identifier: MIT */

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include <cmocka.h>

#include "base/clock.h"

struct date_case {
    const char *text;
    bool ok;
    int64_t wall_ms;
};

static const int64_t untouched = 4242;

static void check(const struct date_case *cases, size_t count,
                  bool (*parse)(const char *text, int64_t *wall_ms))
{
    for (size_t i = 0; i < count; i++) {
        int64_t wall_ms = untouched;
        bool ok = parse(cases[i].text, &wall_ms);

        if (ok != cases[i].ok || wall_ms != (cases[i].ok ? cases[i].wall_ms : untouched))
            fail_msg("\"%s\": %s, %" PRId64, cases[i].text, ok ? "accepted" : "refused", wall_ms);
    }
}

static void test_clock_monotonic_ms_passes_with_time(void **state)
{
    const struct timespec nap = { .tv_nsec = 20000000 };
    int64_t before = clock_monotonic_ms();
    int64_t after;

    (void)state;
    nanosleep(&nap, NULL);
    after = clock_monotonic_ms();
    assert_true(after - before >= 19);
    assert_true(after - before < 60000);
}

static void test_clock_wall_ms_counts_from_1970(void **state)
{
    int64_t difference = clock_wall_ms() - (int64_t)time(NULL) * 1000;

    (void)state;
    assert_in_range(difference + 2000, 0, 4000);
}

static void test_clock_format_writes_utc(void **state)
{
    static const struct {
        int64_t wall_ms;
        const char *iso;
        const char *basic;
    } cases[] = {
        { 0, "1970-01-01T00:00:00.000Z", "19700101T000000Z" },
        { INT64_C(1790204341592), "2026-09-23T22:59:01.592Z", "20260923T225901Z" },
        { INT64_C(951782400007), "2000-02-29T00:00:00.007Z", "20000229T000000Z" },
        { INT64_C(253402300799999), "9999-12-31T23:59:59.999Z", "99991231T235959Z" },
        { -1, "1969-12-31T23:59:59.999Z", "19691231T235959Z" },
        { -86400000, "1969-12-31T00:00:00.000Z", "19691231T000000Z" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char iso[CLOCK_ISO_SIZE];
        char basic[CLOCK_BASIC_SIZE];

        assert_string_equal(clock_format_iso(cases[i].wall_ms, iso), cases[i].iso);
        assert_string_equal(clock_format_basic(cases[i].wall_ms, basic), cases[i].basic);
    }
}

static void test_clock_parse_iso_reads_what_services_write(void **state)
{
    static const struct date_case cases[] = {
        { "1970-01-01T00:00:00Z", true, 0 },
        { "2026-09-23T22:59:01Z", true, INT64_C(1790204341000) },
        { "2026-09-23T22:59:01.592Z", true, INT64_C(1790204341592) },
        { "2026-09-23T22:59:01.5Z", true, INT64_C(1790204341500) },
        { "2026-09-23T22:59:01.592653Z", true, INT64_C(1790204341592) },
        { "2026-09-23T22:59:01+00:00", true, INT64_C(1790204341000) },
        { "2000-02-29T00:00:00Z", true, INT64_C(951782400000) },
        { "2026-09-23T22:59:01", false, 0 },
        { "2026-09-23T22:59:01+02:00", false, 0 },
        { "2026-09-23T22:59:01Z ", false, 0 },
        { "2026-09-23 22:59:01Z", false, 0 },
        { "2026-13-23T22:59:01Z", false, 0 },
        { "2026-02-29T22:59:01Z", false, 0 },
        { "2026-04-31T22:59:01Z", false, 0 },
        { "2026-09-23T24:59:01Z", false, 0 },
        { "2026-09-23", false, 0 },
        { "", false, 0 },
    };

    (void)state;
    check(cases, sizeof(cases) / sizeof(cases[0]), clock_parse_iso);
}

static void test_clock_parse_http_reads_the_date_header(void **state)
{
    static const struct date_case cases[] = {
        { "Thu, 01 Jan 1970 00:00:00 GMT", true, 0 },
        { "Wed, 23 Sep 2026 22:59:01 GMT", true, INT64_C(1790204341000) },
        { "Sun, 06 Nov 1994 08:49:37 GMT", true, INT64_C(784111777000) },
        { "Sunday, 06-Nov-94 08:49:37 GMT", false, 0 },
        { "Wed, 23 Sep 2026 22:59:01 CET", false, 0 },
        { "Wed, 23 Sep 2026 22:59:01 GMT, more", false, 0 },
        { "Wed, 23 Sep 2026 22:59 GMT", false, 0 },
        { "", false, 0 },
    };

    (void)state;
    check(cases, sizeof(cases) / sizeof(cases[0]), clock_parse_http);
}

static void test_clock_format_iso_and_parse_iso_agree(void **state)
{
    (void)state;
    for (int64_t wall_ms = 0; wall_ms < INT64_C(4102444800000); wall_ms += INT64_C(7777777777)) {
        char text[CLOCK_ISO_SIZE];
        int64_t read = untouched;

        if (!clock_parse_iso(clock_format_iso(wall_ms, text), &read) || read != wall_ms)
            fail_msg("%" PRId64 " became %s and %" PRId64, wall_ms, text, read);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_clock_monotonic_ms_passes_with_time),
        cmocka_unit_test(test_clock_wall_ms_counts_from_1970),
        cmocka_unit_test(test_clock_format_writes_utc),
        cmocka_unit_test(test_clock_parse_iso_reads_what_services_write),
        cmocka_unit_test(test_clock_parse_http_reads_the_date_header),
        cmocka_unit_test(test_clock_format_iso_and_parse_iso_agree),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
