/* SPDX-License-Identifier: MIT */

/* Reads which measurements are wanted. */

#include "media/measurements.h"

#include <stddef.h>
#include <string.h>

static const struct {
    const char *name;
    unsigned items;
} names[] = {
    { "duration", MEASURE_DURATION },
    { "peak", MEASURE_PEAK },
    { "rms", MEASURE_RMS },
    { "loudness", MEASURE_LOUDNESS },
    { "truepeak", MEASURE_TRUE_PEAK },
    { "clipping", MEASURE_CLIPPING },
    { "silence", MEASURE_SILENCE },
    { "dc", MEASURE_DC },
    { "all", (MEASURE_DC << 1) - 1 },
};

static unsigned find(const char *name, size_t length)
{
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (strlen(names[i].name) == length && strncmp(names[i].name, name, length) == 0)
            return names[i].items;
    }
    return 0;
}

bool measurements_parse(const char *list, unsigned *items, struct error *err)
{
    *items = 0;
    for (const char *at = list;; at++) {
        size_t length = strcspn(at, ",");
        unsigned found = find(at, length);

        if (!found)
            return error_set(err, ERROR_USAGE, "Avmap.Usage",
                             "--measure: \"%.*s\" is none of duration, peak, rms, loudness, "
                             "truepeak, clipping, silence, dc and all",
                             (int)length, at);
        *items |= found;
        at += length;
        if (!*at)
            return true;
    }
}
