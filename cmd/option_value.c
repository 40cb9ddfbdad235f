/* SPDX-License-Identifier: MIT */

/* Reads values by the row of their option. */

#include "option_value.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/number.h"

static bool refuse_value(const char *label, const char *value, const char *wanted,
                         struct error *err)
{
    return error_set(err, ERROR_USAGE, "Avmap.Usage", "%s: \"%s\" is not %s", label, value, wanted);
}

static bool is_in_range(const struct option_spec *spec, uint64_t number)
{
    return number >= spec->min && number <= spec->max;
}

static bool set_count(const struct option_spec *spec, void *field, const char *label,
                      const char *value, struct error *err)
{
    uint64_t number;
    char wanted[128];

    if (number_parse_count(value, spec->max, &number) && is_in_range(spec, number)) {
        if (spec->kind == OPTION_COUNT64)
            *(uint64_t *)field = number;
        else
            *(unsigned *)field = (unsigned)number;
        return true;
    }
    snprintf(wanted, sizeof(wanted), "a whole number from %" PRIu64 " to %" PRIu64, spec->min,
             spec->max);
    return refuse_value(label, value, wanted, err);
}

static bool set_size(const struct option_spec *spec, uint64_t *field, const char *label,
                     const char *value, struct error *err)
{
    char wanted[128];
    char least[16];

    if (number_parse_size(value, field) && is_in_range(spec, *field))
        return true;
    snprintf(wanted, sizeof(wanted), "a size of at least %s, such as 64M or 1.5G",
             number_format_size(spec->min, least, sizeof(least)));
    return refuse_value(label, value, wanted, err);
}

static bool set_duration(const struct option_spec *spec, uint64_t *field, const char *label,
                         const char *value, struct error *err)
{
    if (number_parse_duration(value, field) && *field >= spec->min && *field <= INT64_MAX / 1000)
        return true;
    return refuse_value(label, value,
                        spec->min ? "a time longer than 0, such as 200ms, 1.5s, 10m or 2h"
                                  : "a time such as 200ms, 1.5s, 10m or 2h",
                        err);
}

static bool set_real(const struct option_spec *spec, double *field, const char *label,
                     const char *value, struct error *err)
{
    char wanted[128];
    char *end;

    *field = strtod(value, &end);
    if (isdigit((unsigned char)value[0]) && !value[strspn(value, "0123456789.")] && !*end &&
        *field >= (double)spec->min && *field <= (double)spec->max)
        return true;
    snprintf(wanted, sizeof(wanted), "a number from %" PRIu64 " to %" PRIu64, spec->min, spec->max);
    return refuse_value(label, value, wanted, err);
}

/* "2026-11-21T00:00:00Z", "2026-11-21", or "2d": that long ago. */
static bool set_time(int64_t *field, const char *label, const char *value, struct error *err)
{
    char *midnight = memory_format("%sT00:00:00Z", value);
    uint64_t age_ms;
    bool ok = clock_parse_iso(value, field) || clock_parse_iso(midnight, field);

    free(midnight);
    if (ok)
        return true;
    if (!number_parse_duration(value, &age_ms) || age_ms > (uint64_t)clock_wall_ms())
        return refuse_value(label, value, "a date such as 2026-11-21 or an age such as 2d", err);
    *field = clock_wall_ms() - (int64_t)age_ms;
    return true;
}

static bool set_choice(const struct option_spec *spec, unsigned *field, const char *label,
                       const char *value, struct error *err)
{
    char wanted[128] = "";

    for (unsigned i = 0; spec->choices[i]; i++) {
        const char *before = i == 0 ? "" : spec->choices[i + 1] ? ", " : " or ";

        if (strcmp(spec->choices[i], value) == 0) {
            *field = i;
            return true;
        }
        snprintf(wanted + strlen(wanted), sizeof(wanted) - strlen(wanted), "%s%s", before,
                 spec->choices[i]);
    }
    return refuse_value(label, value, wanted, err);
}

/* A flag has a value in the environment only. */
static bool set_flag(bool *field, const char *label, const char *value, struct error *err)
{
    static const char *const yes[] = { "1", "true", "yes", "on" };
    static const char *const no[] = { "0", "false", "no", "off", "" };

    for (size_t i = 0; i < sizeof(no) / sizeof(no[0]); i++) {
        bool is_yes = i < sizeof(yes) / sizeof(yes[0]) && strcasecmp(value, yes[i]) == 0;

        if (is_yes || strcasecmp(value, no[i]) == 0) {
            *field = is_yes;
            return true;
        }
    }
    return refuse_value(label, value, "true or false", err);
}

bool option_value_set(const struct option_spec *spec, void *target, const char *label,
                      const char *value, struct error *err)
{
    void *field = (char *)target + spec->offset;

    switch (spec->kind) {
    case OPTION_FLAG:
        return set_flag(field, label, value, err);
    case OPTION_COUNT:
    case OPTION_COUNT64:
        return set_count(spec, field, label, value, err);
    case OPTION_SIZE:
        return set_size(spec, field, label, value, err);
    case OPTION_DURATION:
        return set_duration(spec, field, label, value, err);
    case OPTION_REAL:
        return set_real(spec, field, label, value, err);
    case OPTION_TIME:
        return set_time(field, label, value, err);
    case OPTION_CHOICE:
        return set_choice(spec, field, label, value, err);
    case OPTION_INCLUDE:
    case OPTION_EXCLUDE:
        selection_add_pattern(field, spec->kind == OPTION_INCLUDE, value);
        return true;
    case OPTION_TEXT:
    case OPTION_PAIRS:
        if (!value[0])
            return error_set(err, ERROR_USAGE, "Avmap.Usage", "%s needs a value, not \"\"", label);
        *(const char **)field = value;
        return true;
    case OPTION_ANY_TEXT:
        *(const char **)field = value;
        return true;
    case OPTION_HEADING:
        break;
    }
    abort();
}
