/* SPDX-License-Identifier: MIT */

/* Reads what the options say of quantizers. */

#include "media/quantizer.h"

#include <stdlib.h>
#include <string.h>

#include <libavutil/mem.h>

bool quantizer_read_matrix(const char *text, uint16_t matrix[QUANTIZER_COEFFICIENTS])
{
    for (unsigned i = 0; i < QUANTIZER_COEFFICIENTS; i++) {
        if (i > 0)
            text = strchr(text, ',');
        if (!text)
            return false;
        text += i > 0;
        matrix[i] = (uint16_t)strtol(text, NULL, 10);
    }
    return true;
}

/* BEGIN,END,QUALITY; what follows does not count. */
static bool read_range(const char *text, RcOverride *range)
{
    int numbers[3];
    char *end;

    for (unsigned i = 0; i < 3; i++) {
        if (i > 0 && *text++ != ',')
            return false;
        numbers[i] = (int)strtol(text, &end, 10);
        if (end == text)
            return false;
        text = end;
    }
    *range = (RcOverride){ .start_frame = numbers[0], .end_frame = numbers[1] };
    if (numbers[2] > 0) {
        range->qscale = numbers[2];
        range->quality_factor = 1;
    } else {
        range->quality_factor = (float)(-numbers[2] / 100.0);
    }
    return true;
}

bool quantizer_read_ranges(const char *text, RcOverride **ranges, int *count)
{
    *ranges = NULL;
    for (*count = 0; text; text += text != NULL) {
        RcOverride *grown = av_realloc_array(*ranges, (size_t)*count + 1, sizeof(**ranges));

        if (!grown)
            return false;
        *ranges = grown;
        if (!read_range(text, &grown[(*count)++]))
            return false;
        text = strchr(text, '/');
    }
    return true;
}
