/* SPDX-License-Identifier: MIT */

/* Turns settings into demands. */

#include "run/demands.h"

#include "media/libav.h"

/* More than the delays of encoders and the padding of last frames. */
#define STRICT_TOLERANCE_S 0.5

bool demands_read(struct demands *demands, const struct run_settings *settings, struct error *err)
{
    bool has_tolerance = settings->strict_tolerance_ms != UINT64_MAX;

    *demands = (struct demands){
        .limits = settings->limits,
        .transcode.rules = {
            .allows_empty = settings->allow_empty,
            .strict = settings->strict || has_tolerance,
            .tolerance_s = has_tolerance ? (double)settings->strict_tolerance_ms / 1000
                                         : STRICT_TOLERANCE_S,
            .has_error_rate = settings->max_error_rate >= 0,
            .max_error_rate = settings->max_error_rate,
        },
    };
    libav_limit_memory(settings->limits.memory);
    if (settings->measure &&
        !measurements_parse(settings->measure, &demands->transcode.measures, err))
        return false;
    if (settings->quality)
        demands->quality = quality_new(settings->quality, err);
    return !settings->quality || demands->quality;
}

void demands_release(struct demands *demands)
{
    quality_free(demands->quality);
    demands->quality = NULL;
}
