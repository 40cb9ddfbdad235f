/* SPDX-License-Identifier: MIT */

/* Which demuxers an input may have; a part of recipe_check.c. */

#include <stdlib.h>
#include <string.h>

#include <libavutil/avstring.h>

#include "base/memory.h"
#include "media/recipe_fields.h"

/* Demuxers that live from opening other files or addresses, and why not all can be allowed. */
static const struct {
    const char *names;
    const char *why; /* NULL: it can be allowed, as libav then asks us for every file */
} others[] = {
    { "hls,applehttp", NULL },
    { "concat,dash,imf", "libav opens what it names by itself, past the source" },
    { "image2", "libav looks for its pictures by itself, past the source" },
    { "vobsub", "libav opens its second file by itself, past the source" },
    { "lavfi,vapoursynth", "it runs programs that the input holds" },
    { "rtp,rtsp,sap,sdp", "it reads from the network" },
    { "tee,webm_dash_manifest", "it is of no use for objects" },
};

static bool is_harmless(const AVInputFormat *demuxer)
{
    if (demuxer->flags & AVFMT_NOFILE)
        return false;
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        if (av_match_name(demuxer->name, others[i].names))
            return false;
    }
    return true;
}

bool recipe_may_open(const struct recipe *recipe, const AVInputFormat *demuxer)
{
    return is_harmless(demuxer) || recipe_allows(recipe, demuxer);
}

bool recipe_allows(const struct recipe *recipe, const AVInputFormat *demuxer)
{
    return recipe->allowed_demuxers && av_match_name(demuxer->name, recipe->allowed_demuxers);
}

static bool check_allowed(const char *name, struct error *err)
{
    const AVInputFormat *demuxer = av_find_input_format(name);

    if (!demuxer)
        return error_set(err, ERROR_USAGE, "Avmap.Usage",
                         "--allow-demuxer %s: this build of libav has no such demuxer", name);
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        if (!av_match_name(demuxer->name, others[i].names))
            continue;
        return !others[i].why ||
               error_set(err, ERROR_USAGE, "Avmap.Usage",
                         "--allow-demuxer %s: it cannot be allowed: %s", name, others[i].why);
    }
    return error_set(err, ERROR_USAGE, "Avmap.Usage", "--allow-demuxer %s: it %s", name,
                     is_harmless(demuxer) ? "opens no other files, and needs not be allowed"
                                          : "reads no objects");
}

bool recipe_check_allowed(const struct recipe *recipe, struct error *err)
{
    const char *at = recipe->allowed_demuxers;
    bool ok = true;

    while (ok && at && *at) {
        size_t length = strcspn(at, ",");
        char *name = memory_copy_bytes(at, length);

        ok = check_allowed(name, err);
        free(name);
        at += length + (at[length] == ',');
    }
    return ok;
}
