/* SPDX-License-Identifier: MIT */

/* Programs of a result. */

#include "media/output_program.h"

#include <stdlib.h>
#include <string.h>

#include <libavutil/avstring.h>
#include <libavutil/dict.h>
#include <libavutil/mem.h>

#include "media/recipe_fields.h"

/* Takes "key=value" from the text; NULL: there is none, or nothing more. Free with av_free. */
static char *next_entry(const char **at, char **value)
{
    char *entry = **at ? av_get_token(at, ":") : NULL;
    char *equals = entry ? strchr(entry, '=') : NULL;

    if (**at)
        (*at)++;
    *value = equals ? equals + 1 : NULL;
    if (equals)
        *equals = '\0';
    return entry;
}

static int number_of(const char *text, int usual)
{
    char *value;
    char *key;

    while ((key = next_entry(&text, &value))) {
        if (value && strcmp(key, "program_num") == 0)
            usual = (int)strtol(value, NULL, 0);
        av_free(key);
    }
    return usual;
}

static const char *apply(AVFormatContext *format, AVProgram *program, const char *key,
                         const char *value)
{
    if (!value)
        return "No '=' character in program string";
    if (strcmp(key, "title") == 0) {
        if (program)
            av_dict_set(&program->metadata, "title", value, 0);
    } else if (strcmp(key, "st") == 0) {
        if (program)
            av_program_add_stream_index(format, program->id, (unsigned)strtol(value, NULL, 0));
    } else if (strcmp(key, "program_num") != 0) {
        return "Unknown program key; there are title, program_num and st";
    }
    return NULL;
}

const char *output_program(AVFormatContext *format, const char *text, int usual)
{
    AVProgram *program = format ? av_new_program(format, number_of(text, usual)) : NULL;
    const char *problem = format && !program ? "no memory for a program" : NULL;
    char *value;
    char *key;

    while (!problem && (key = next_entry(&text, &value))) {
        problem = apply(format, program, key, value);
        av_free(key);
    }
    return problem;
}

bool output_program_add_all(struct output *output, struct error *err)
{
    const struct recipe_file *file = &output->recipe->output;
    const char *problem = NULL;
    int count = 0;

    for (size_t i = 0; !problem && i < file->setting_count; i++) {
        if (file->settings[i].key == RECIPE_PROGRAM)
            problem = output_program(output->format, file->settings[i].value, ++count);
    }
    return !problem || error_set(err, ERROR_MEDIA, "Media.Unsupported", "-program: %s", problem);
}
