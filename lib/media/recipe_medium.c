/* SPDX-License-Identifier: MIT */

/* The options of discs and tapes, by norm. */

#include "media/recipe_medium.h"

#include <stdio.h>
#include <string.h>

#include <libavutil/avstring.h>

/* Values by enum recipe_norm. */
struct row {
    const char *media;
    const char *option;
    const char *values[3];
};

#define ALIKE(value)                                                                               \
    {                                                                                              \
        value, value, value                                                                        \
    }

/* clang-format off */

/* Options of the program: of several the last one counts. */
static const struct row settings[] = {
    { "vcd",              "c:v",        ALIKE("mpeg1video") },
    { "svcd,dvd",         "c:v",        ALIKE("mpeg2video") },
    { "vcd,svcd",         "c:a",        ALIKE("mp2") },
    { "dvd",              "c:a",        ALIKE("ac3") },
    { "vcd",              "f",          ALIKE("vcd") },
    { "svcd",             "f",          ALIKE("svcd") },
    { "dvd",              "f",          ALIKE("dvd") },
    { "dv,dv50",          "f",          ALIKE("dv") },
    { "vcd",              "s",          { "352x288", "352x240", "352x240" } },
    { "svcd",             "s",          { "480x576", "480x480", "480x480" } },
    { "dvd,dv,dv50",      "s",          { "720x576", "720x480", "720x480" } },
    { "vcd,svcd,dvd,dv,dv50", "r",      { "25", "30000/1001", "24000/1001" } },
    { "svcd,dvd",         "pix_fmt",    ALIKE("yuv420p") },
    { "dv",               "pix_fmt",    { "yuv420p", "yuv411p", "yuv411p" } },
    { "dv50",             "pix_fmt",    ALIKE("yuv422p") },
    { "vcd,svcd",         "ar",         ALIKE("44100") },
    { "dvd,dv,dv50",      "ar",         ALIKE("48000") },
    { "vcd,dv,dv50",      "ac",         ALIKE("2") },
    /* The first packs are padding, so sound and pictures begin 39600 ticks of 90 kHz later. */
    { "vcd",              "muxpreload", ALIKE("0.44") },
};

/* Options of libav, which yield to the user's wherever those stand. */
static const struct row usual[] = {
    { "vcd,svcd,dvd",     "g",          { "15", "18", "18" } },
    { "vcd",              "b:v",        ALIKE("1150000") },
    { "svcd",             "b:v",        ALIKE("2040000") },
    { "dvd",              "b:v",        ALIKE("6000000") },
    { "vcd",              "maxrate:v",  ALIKE("1150000") },
    { "svcd",             "maxrate:v",  ALIKE("2516000") },
    { "dvd",              "maxrate:v",  ALIKE("9000000") },
    { "vcd",              "minrate:v",  ALIKE("1150000") },
    { "svcd,dvd",         "minrate:v",  ALIKE("0") },
    { "vcd",              "bufsize:v",  ALIKE("327680") },
    { "svcd,dvd",         "bufsize:v",  ALIKE("1835008") },
    { "svcd",             "scan_offset", ALIKE("1") },
    { "vcd,svcd",         "b:a",        ALIKE("224000") },
    { "dvd",              "b:a",        ALIKE("448000") },
    { "vcd,svcd",         "packetsize", ALIKE("2324") },
    { "dvd",              "packetsize", ALIKE("2048") },
    { "vcd",              "muxrate",    ALIKE("1411200") },
    { "dvd",              "muxrate",    ALIKE("10080000") },
};

/* clang-format on */

/* What follows "dv" does not count, but for dv50. */
static const char *medium_named(const char *name)
{
    if (strcmp(name, "vcd") == 0 || strcmp(name, "svcd") == 0 || strcmp(name, "dvd") == 0)
        return name;
    if (strncmp(name, "dv50", 4) == 0)
        return "dv50";
    return strncmp(name, "dv", 2) == 0 ? "dv" : NULL;
}

static bool starts_with(const char **name, const char *start)
{
    size_t length = strlen(start);

    if (strncmp(*name, start, length) != 0)
        return false;
    *name += length;
    return true;
}

static bool apply_settings(struct recipe_target *to, const char *medium, enum recipe_norm norm,
                           struct error *err)
{
    for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++) {
        char option[32];
        char value[32];
        char *words[] = { option, value };

        if (!av_match_name(medium, settings[i].media))
            continue;
        snprintf(option, sizeof(option), "-%s", settings[i].option);
        snprintf(value, sizeof(value), "%s", settings[i].values[norm]);
        if (!recipe_apply(to, words, 2, err))
            return false;
    }
    return true;
}

bool recipe_medium_apply(struct recipe_target *to, const char *name, struct error *err)
{
    enum recipe_norm norm = to->recipe->norm;
    const char *rest = name;
    const char *medium;

    if (starts_with(&rest, "pal-"))
        norm = RECIPE_PAL;
    else if (starts_with(&rest, "ntsc-"))
        norm = RECIPE_NTSC;
    else if (starts_with(&rest, "film-"))
        norm = RECIPE_FILM;
    else
        to->recipe->leaves_norm = true;
    medium = medium_named(rest);
    if (!medium)
        return error_set(err, ERROR_USAGE, "Avmap.Usage",
                         "-target %s: Unknown target; there are vcd, svcd, dvd, dv and dv50, each "
                         "also after pal-, ntsc- or film-",
                         name);
    for (size_t i = 0; i < sizeof(usual) / sizeof(usual[0]); i++) {
        if (av_match_name(medium, usual[i].media))
            av_dict_set(&to->file->usual_options, usual[i].option, usual[i].values[norm],
                        AV_DICT_DONT_OVERWRITE);
    }
    return apply_settings(to, medium, norm, err);
}

bool recipe_medium_settle(struct recipe *recipe, struct error *err)
{
    const struct recipe_file *file = &recipe->output;
    const AVDictionaryEntry *entry = NULL;

    while ((entry = av_dict_get(file->usual_options, "", entry, AV_DICT_IGNORE_SUFFIX))) {
        if (av_dict_get(file->codec_options, entry->key, NULL, 0) ||
            av_dict_get(file->format_options, entry->key, NULL, 0))
            continue;
        if (recipe_route_option(recipe, RECIPE_OUTPUT, entry->key, entry->value))
            return error_set(err, ERROR_USAGE, "Avmap.Usage",
                             "this build of libav does not know -%s, which -target needs",
                             entry->key);
    }
    return true;
}
