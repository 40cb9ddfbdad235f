/* SPDX-License-Identifier: MIT */

/* Optimal string alignment distance, three rows at a time. */

#include "base/nearest.h"

#include <limits.h>
#include <stddef.h>
#include <string.h>

enum { LONGEST = 63 };

static unsigned least(unsigned one, unsigned other)
{
    return one < other ? one : other;
}

unsigned nearest_distance(const char *one, const char *other)
{
    unsigned rows[3][LONGEST + 1];
    size_t length = strlen(one);
    size_t width = strlen(other);

    if (length > LONGEST || width > LONGEST)
        return UINT_MAX;
    for (unsigned j = 0; j <= width; j++)
        rows[0][j] = j;
    for (unsigned i = 1; i <= length; i++) {
        unsigned *row = rows[i % 3];
        const unsigned *above = rows[(i + 2) % 3];
        const unsigned *above_that = rows[(i + 1) % 3];

        row[0] = i;
        for (unsigned j = 1; j <= width; j++) {
            row[j] = above[j - 1] + (one[i - 1] != other[j - 1]);
            row[j] = least(row[j], least(above[j], row[j - 1]) + 1);
            if (i > 1 && j > 1 && one[i - 1] == other[j - 2] && one[i - 2] == other[j - 1])
                row[j] = least(row[j], above_that[j - 2] + 1);
        }
    }
    return rows[length % 3][width];
}

void nearest_consider(const char *typed, const char *candidate, const char **best)
{
    unsigned distance = nearest_distance(typed, candidate);

    if (distance > strlen(typed) / 3 + 1 || distance >= strlen(typed))
        return;
    if (!*best || distance < nearest_distance(typed, *best))
        *best = candidate;
}
