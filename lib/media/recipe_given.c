/* SPDX-License-Identifier: MIT */

/* Reads what was given with an option, and says what is wrong with it. */

#include "media/recipe_given.h"

#include <limits.h>
#include <math.h>
#include <string.h>

#include <libavutil/eval.h>

bool recipe_given_refuse(struct error *err, const struct recipe_given *given, const char *why)
{
    return error_set(err, ERROR_USAGE, "Avmap.Usage", "-%s %s: %s", given->word, given->value, why);
}

bool recipe_given_refuse_name(struct error *err, const struct recipe_given *given, const char *why,
                              const char *near)
{
    if (!near)
        return recipe_given_refuse(err, given, why);
    return error_set(err, ERROR_USAGE, "Avmap.Usage", "-%s %s: %s; did you mean %s?", given->word,
                     given->value, why, near);
}

bool recipe_given_number(const struct recipe_given *given, double *number, struct error *err)
{
    enum recipe_value kind = given->option->value;
    char *end;

    *number = 1;
    if (kind != RECIPE_WHOLE && kind != RECIPE_NUMBERED && kind != RECIPE_COUNT &&
        kind != RECIPE_DECIMAL)
        return true;
    *number = av_strtod(given->value, &end);
    if (end == given->value || *end || isnan(*number))
        return recipe_given_refuse(err, given, "expected a number");
    if (kind == RECIPE_DECIMAL)
        return true;
    if (kind == RECIPE_COUNT && (*number != floor(*number) || *number < 0 || *number > INT_MAX))
        return recipe_given_refuse(err, given, "expected a whole number from 0 to 2147483647");
    if (*number != floor(*number) || *number < INT_MIN || *number > INT_MAX)
        return recipe_given_refuse(err, given, "expected a whole number");
    return true;
}

const char *recipe_given_specifier(const struct recipe_given *given)
{
    if (given->option->text)
        return given->option->text;
    if (strcmp(given->word, "qscale") == 0)
        return "v";
    return given->specifier;
}
