/* SPDX-License-Identifier: MIT */

/* Strict number parsing. */

#include "base/number.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct unit {
    const char *name;
    double factor;
};

bool number_parse_count(const char *text, uint64_t max, uint64_t *count)
{
    char *end;
    unsigned long long value;

    if (!isdigit((unsigned char)text[0]))
        return false;
    errno = 0;
    value = strtoull(text, &end, 10);
    if (errno || *end || value > max)
        return false;
    *count = value;
    return true;
}

/* Reads "12", "1.5" and so on; sets *rest to what follows. No sign, exponent, hex, inf or nan. */
static bool parse_decimal(const char *text, double *value, const char **rest)
{
    size_t digits = strspn(text, "0123456789");
    size_t length = digits;

    if (text[length] == '.')
        length += 1 + strspn(text + length + 1, "0123456789");
    if (digits == 0 || text[length - 1] == '.' || length > 24)
        return false;
    *value = strtod(text, NULL);
    *rest = text + length;
    return true;
}

static bool parse_with_unit(const char *text, const struct unit *units, uint64_t *result)
{
    const char *rest;
    double value;

    if (!parse_decimal(text, &value, &rest))
        return false;
    for (const struct unit *unit = units; unit->name; unit++) {
        if (strcasecmp(rest, unit->name) != 0)
            continue;
        value *= unit->factor;
        if (!(value < 9e18))
            return false;
        *result = (uint64_t)llround(value);
        return true;
    }
    return false;
}

bool number_parse_size(const char *text, uint64_t *bytes)
{
    static const struct unit units[] = {
        { "", 1 },       { "B", 1 },        { "K", 0x1p10 }, { "KiB", 0x1p10 },
        { "M", 0x1p20 }, { "MiB", 0x1p20 }, { "G", 0x1p30 }, { "GiB", 0x1p30 },
        { "T", 0x1p40 }, { "TiB", 0x1p40 }, { NULL, 0 },
    };

    return parse_with_unit(text, units, bytes);
}

bool number_parse_duration(const char *text, uint64_t *milliseconds)
{
    static const struct unit units[] = {
        { "ms", 1 },     { "s", 1e3 },     { "", 1e3 }, { "m", 60e3 },
        { "h", 3600e3 }, { "d", 86400e3 }, { NULL, 0 },
    };

    return parse_with_unit(text, units, milliseconds);
}

const char *number_format_size(uint64_t bytes, char *out, unsigned size)
{
    static const char *const names[] = { "B", "KiB", "MiB", "GiB", "TiB", "PiB" };
    double value = (double)bytes;
    unsigned unit = 0;

    while (value >= 1024 && unit + 1 < sizeof(names) / sizeof(names[0])) {
        value /= 1024;
        unit++;
    }
    snprintf(out, size, unit ? "%.1f %s" : "%.0f %s", value, names[unit]);
    return out;
}
