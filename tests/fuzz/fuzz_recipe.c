/* SPDX-License-Identifier: MIT */

/* Option words, one a line, as a user might give them after "--". */

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <libavutil/log.h>

#include "base/memory.h"
#include "media/recipe.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    char *text = memory_copy_bytes(bytes, size);
    char **words = NULL;
    size_t count = 0;
    char *rest = NULL;
    struct error err = { 0 };
    struct recipe *recipe;

    av_log_set_level(AV_LOG_QUIET);
    for (char *word = strtok_r(text, "\n", &rest); word; word = strtok_r(NULL, "\n", &rest)) {
        words = memory_grow(words, count + 1, sizeof(char *));
        words[count++] = word;
    }
    recipe = recipe_parse(&(struct recipe_words){ .output = words, .output_count = count }, &err);
    if (recipe) {
        recipe_check(recipe, "result.wav", &err);
        recipe_check(recipe, "result.m4a", &err);
        recipe_content_type(recipe, "result");
    }
    recipe_free(recipe);
    free(words);
    free(text);
    return 0;
}
