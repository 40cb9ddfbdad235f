/* SPDX-License-Identifier: MIT */

/* Makes tags of options. */

#include "media/recipe_tags.h"

#include <stdlib.h>
#include <time.h>

#include <libavutil/avutil.h>
#include <libavutil/parseutils.h>

#include "base/memory.h"

bool recipe_tags_timecode(struct recipe_target *to, const char *value, struct error *err)
{
    char option[] = "-metadata:g";
    char *tag = memory_format("timecode=%s", value);
    char *words[] = { option, tag };
    bool ok = recipe_apply(to, words, 2, err);

    free(tag);
    return ok && av_dict_set(&to->file->codec_options, "gop_timecode", value, 0) >= 0;
}

bool recipe_tags_timestamp(struct recipe_target *to, const char *value, struct error *err)
{
    char option[] = "-metadata";
    char tag[64];
    char *words[] = { option, tag };
    struct tm date;
    time_t seconds;
    int64_t us;
    bool ok = av_parse_time(&us, value, 0) >= 0;

    if (ok) {
        seconds = (time_t)(us / AV_TIME_BASE);
        ok = gmtime_r(&seconds, &date) &&
             strftime(tag, sizeof(tag), "creation_time=%Y-%m-%dT%H:%M:%S%z", &date) > 0;
    }
    if (!ok)
        return error_set(err, ERROR_USAGE, "Avmap.Usage",
                         "-timestamp %s: Invalid date specification", value);
    return recipe_apply(to, words, 2, err);
}
