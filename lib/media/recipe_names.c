/* SPDX-License-Identifier: MIT */

/* Names of the files that muxers make. */

#include "media/recipe_names.h"

#include <stdlib.h>
#include <string.h>

#include <libavutil/avstring.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "media/recipe_fields.h"

/* By muxer: name as it is, or other files beside it; or a name with "%" for all of them. */
static const char writes_beside[] = "dash,hls";
static const char writes_numbered[] = "image2,segment,stream_segment,ssegment,webm_chunk";

const struct recipe_name_option recipe_name_options[] = {
    { "segment_list", true, false },
    { "hls_segment_filename", true, true },
    { "header", true, false },
    { "hls_fmp4_init_filename", false, false },
    { "hls_subtitle_path", true, false },
    { "segment_header_filename", true, false },
    { "master_pl_name", false, false },
    { "hls_master_name", false, false },
    { "init_seg_name", false, false },
    { "media_seg_name", false, true },
    { NULL, false, false },
};

/* What reaches around the result's own files, and why it is refused. */
static const struct {
    const char *name;
    const char *value; /* part of it; NULL: any but 0 */
    const char *why;
} refused[] = {
    { "strftime_mkdir", NULL, "the folders of a result are made as they are needed, by its names" },
    { "hls_flags", "append_list", "a result is made anew, it does not go on with an older one" },
    { "http_persistent", NULL, "results are not sent by the muxer" },
    { "hls_enc", NULL,
      "give the key with -hls_key_info_file, so that it does not lie with the rest" },
    { "single_file", NULL, "libav would write that file by itself, into the working folder" },
    { "single_file_name", NULL, "libav would write that file by itself, into the working folder" },
    { "remove_at_exit", NULL, "nothing would be left of the result" },
};

enum recipe_files recipe_files(const struct recipe *recipe, const char *name)
{
    struct error ignored;
    const AVOutputFormat *container = recipe_container(recipe, name, &ignored);

    if (!container)
        return RECIPE_ONE_FILE;
    if (av_match_name(container->name, writes_beside))
        return RECIPE_FILES_BESIDE;
    if (!av_match_name(container->name, writes_numbered) ||
        (strcmp(container->name, "image2") == 0 && !strchr(name, '%')))
        return RECIPE_ONE_FILE;
    return RECIPE_FILES_NUMBERED;
}

bool recipe_name_has_scheme(const char *name)
{
    size_t length = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                 "+-.");

    return length > 1 && name[length] == ':';
}

const char *recipe_name_problem(const char *name)
{
    if (!*name)
        return "it is empty";
    if (*name == '/' || recipe_name_has_scheme(name))
        return "files of a result lie below its folder";
    for (const char *part = name; part; part = strchr(part, '/')) {
        size_t length;

        part += *part == '/';
        length = strcspn(part, "/");
        if (length == 0 || (length == 1 && part[0] == '.') ||
            (length == 2 && part[0] == '.' && part[1] == '.'))
            return "it has an empty part, \".\" or \"..\"";
    }
    return NULL;
}

char *recipe_expand_stem(const char *value, const char *source, bool numbers)
{
    static const char field[] = "{stem}";
    const char *slash = strrchr(source, '/');
    const char *base = slash ? slash + 1 : source;
    const char *dot = strrchr(base, '.');
    size_t length = dot && dot > base ? (size_t)(dot - base) : strlen(base);
    struct buffer text;

    buffer_init(&text, SIZE_MAX);
    while (*value) {
        if (strncmp(value, field, strlen(field)) != 0) {
            buffer_append(&text, value++, 1);
            continue;
        }
        for (size_t i = 0; i < length; i++)
            buffer_append(&text, numbers && base[i] == '%' ? "%%" : base + i,
                          numbers && base[i] == '%' ? 2 : 1);
        value += strlen(field);
    }
    return buffer_take(&text);
}

char *recipe_last_file(const struct recipe *recipe, const char *name, const char *source)
{
    const AVDictionary *options = recipe->output.format_options;
    const AVDictionaryEntry *list = av_dict_get(options, "segment_list", NULL, 0);
    const AVDictionaryEntry *start;
    const char *slash = strrchr(name, '/');
    const char *base = slash ? slash + 1 : name;
    const AVOutputFormat *container;
    struct error ignored;
    bool is_image;
    char path[4096];
    int number;

    if (recipe_files(recipe, name) != RECIPE_FILES_NUMBERED)
        return strstr(base, "%v") ? NULL : memory_copy_text(base);
    if (list)
        return recipe_expand_stem(list->value, source, false);
    if (av_dict_get(options, "strftime", NULL, 0) || av_dict_get(options, "frame_pts", NULL, 0) ||
        av_dict_get(options, "update", NULL, 0))
        return NULL;
    container = recipe_container(recipe, name, &ignored);
    is_image = container && strcmp(container->name, "image2") == 0;
    start = av_dict_get(options, is_image ? "start_number" : "segment_start_number", NULL, 0);
    if (!start)
        start = av_dict_get(options, "chunk_start_index", NULL, 0);
    number = start ? (int)strtol(start->value, NULL, 10) : is_image;
    return av_get_frame_filename(path, sizeof(path), base, number) < 0 ? NULL
                                                                       : memory_copy_text(path);
}

/* libav has no type for playlists (RFC 8216 4, ISO/IEC 23009-1) or parts of films. */
const char *recipe_file_content_type(const struct recipe *recipe, const char *name)
{
    static const struct {
        const char *extension;
        const char *type;
    } own[] = {
        { "m3u8", "application/vnd.apple.mpegurl" },
        { "mpd", "application/dash+xml" },
        { "m4s", "video/iso.segment" },
        { "csv", "text/csv" },
        { "txt", "text/plain" },
    };

    const char *dot = strrchr(name, '.');
    const AVOutputFormat *container;

    for (size_t i = 0; dot && i < sizeof(own) / sizeof(own[0]); i++) {
        if (strcmp(dot + 1, own[i].extension) == 0)
            return own[i].type;
    }
    container = av_guess_format(NULL, name, NULL);
    if (container && container->mime_type && strcmp(container->name, "image2") != 0)
        return container->mime_type;
    return recipe_content_type(recipe, name);
}

static bool check_name(const char *option, const char *value, struct error *err)
{
    char *name = recipe_expand_stem(value, "stem", false);
    const char *problem = recipe_name_problem(name);

    free(name);
    return !problem || error_set(err, ERROR_USAGE, "Avmap.Usage",
                                 "-%s %s: not a name for a file: %s", option, value, problem);
}

bool recipe_check_names(const struct recipe *recipe, struct error *err)
{
    const AVDictionary *options = recipe->output.format_options;

    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        const AVDictionaryEntry *entry = av_dict_get(options, refused[i].name, NULL, 0);

        if (entry && (refused[i].value ? strstr(entry->value, refused[i].value) != NULL
                                       : strcmp(entry->value, "0") != 0))
            return error_set(err, ERROR_USAGE, "Avmap.Usage", "-%s %s is not supported: %s",
                             refused[i].name, entry->value, refused[i].why);
    }
    for (size_t i = 0; recipe_name_options[i].name; i++) {
        const AVDictionaryEntry *entry = av_dict_get(options, recipe_name_options[i].name, NULL, 0);

        if (entry && !check_name(entry->key, entry->value, err))
            return false;
    }
    return true;
}

static bool is_given(const struct recipe *recipe, const char *option, const char *value)
{
    const AVDictionaryEntry *entry = av_dict_get(recipe->output.format_options, option, NULL, 0);

    return entry && (!value || strcmp(entry->value, value) == 0);
}

/* The first option whose own choice of a name is the same for all items. */
static const char *shared_by_default(const struct recipe *recipe, const char *container)
{
    if (strcmp(container, "dash") == 0 && is_given(recipe, "hls_playlist", NULL))
        return "hls_playlist";
    if (strcmp(container, "dash") == 0 && !is_given(recipe, "init_seg_name", NULL))
        return "init_seg_name";
    if (strcmp(container, "dash") == 0 && !is_given(recipe, "media_seg_name", NULL))
        return "media_seg_name";
    if (strcmp(container, "hls") == 0 &&
        (is_given(recipe, "hls_segment_type", "fmp4") ||
         is_given(recipe, "hls_segment_type", "1")) &&
        !is_given(recipe, "hls_fmp4_init_filename", NULL))
        return "hls_fmp4_init_filename";
    return NULL;
}

bool recipe_check_shared_folder(const struct recipe *recipe, const char *name, struct error *err)
{
    const AVOutputFormat *container = recipe_container(recipe, name, err);
    const char *shared = container ? shared_by_default(recipe, container->name) : NULL;

    for (size_t i = 0; container && !shared && recipe_name_options[i].name; i++) {
        const AVDictionaryEntry *entry =
            av_dict_get(recipe->output.format_options, recipe_name_options[i].name, NULL, 0);

        if (entry && !strstr(entry->value, "{stem}"))
            shared = entry->key;
    }
    if (!shared)
        return container != NULL;
    return error_set(err, ERROR_USAGE, "Avmap.Usage",
                     "-%s would give the results of several items files of the same name; put "
                     "{stem} into it, or give each item a folder of its own, as in "
                     "--name '{dir}/{stem}/%s'",
                     shared, name);
}
