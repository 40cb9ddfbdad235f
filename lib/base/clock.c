/* SPDX-License-Identifier: MIT */

/* Time and its written forms. */

#include "base/clock.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static int64_t read_ms(clockid_t clock)
{
    struct timespec now;

    clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t clock_monotonic_ms(void)
{
    return read_ms(CLOCK_MONOTONIC);
}

int64_t clock_wall_ms(void)
{
    return read_ms(CLOCK_REALTIME);
}

/* Files may be older than 1970, so both halves round down. */
static int milliseconds_of(int64_t wall_ms)
{
    return (int)((wall_ms % 1000 + 1000) % 1000);
}

static struct tm broken_down(int64_t wall_ms)
{
    time_t seconds = (time_t)((wall_ms - milliseconds_of(wall_ms)) / 1000);
    struct tm parts;

    gmtime_r(&seconds, &parts);
    return parts;
}

const char *clock_format_iso(int64_t wall_ms, char out[CLOCK_ISO_SIZE])
{
    struct tm parts = broken_down(wall_ms);
    size_t used = strftime(out, CLOCK_ISO_SIZE, "%Y-%m-%dT%H:%M:%S", &parts);

    snprintf(out + used, CLOCK_ISO_SIZE - used, ".%03dZ", milliseconds_of(wall_ms));
    return out;
}

const char *clock_format_basic(int64_t wall_ms, char out[CLOCK_BASIC_SIZE])
{
    struct tm parts = broken_down(wall_ms);

    strftime(out, CLOCK_BASIC_SIZE, "%Y%m%dT%H%M%SZ", &parts);
    return out;
}

static int64_t to_wall_ms(struct tm *parts)
{
    return (int64_t)timegm(parts) * 1000;
}

bool clock_parse_iso(const char *text, int64_t *wall_ms)
{
    struct tm parts = { 0 };
    const char *rest = strptime(text, "%Y-%m-%dT%H:%M:%S", &parts);
    int64_t parsed_ms = 0;
    int day = parts.tm_mday;

    if (!rest)
        return false;
    if (*rest == '.') {
        int64_t scale = 100;

        for (rest++; isdigit((unsigned char)*rest); rest++, scale /= 10)
            parsed_ms += (*rest - '0') * scale;
    }
    if (strcmp(rest, "Z") != 0 && strcmp(rest, "+00:00") != 0)
        return false;
    parsed_ms += to_wall_ms(&parts);
    if (parts.tm_mday != day)
        return false; /* a 31st of February has become one of March */
    *wall_ms = parsed_ms;
    return true;
}

bool clock_parse_http(const char *text, int64_t *wall_ms)
{
    struct tm parts = { 0 };
    const char *rest = strptime(text, "%a, %d %b %Y %H:%M:%S GMT", &parts);

    if (!rest || *rest)
        return false;
    *wall_ms = to_wall_ms(&parts);
    return true;
}
