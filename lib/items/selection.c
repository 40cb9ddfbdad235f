/* SPDX-License-Identifier: MIT */

/* Picks items. */

#include "items/selection.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

void selection_add_pattern(struct selection *selection, bool include, const char *glob)
{
    size_t count = selection->pattern_count + 1;

    selection->patterns = memory_grow(selection->patterns, count, sizeof(*selection->patterns));
    selection->patterns[count - 1] = (struct selection_pattern){ glob, include };
    selection->pattern_count = count;
}

void selection_release(struct selection *selection)
{
    free(selection->patterns);
    *selection = (struct selection){ 0 };
}

bool selection_wants_name(const struct selection *selection, const char *name)
{
    const struct selection_pattern *patterns = selection->patterns;

    for (size_t i = selection->pattern_count; i > 0; i--) {
        if (fnmatch(patterns[i - 1].glob, name, 0) == 0)
            return patterns[i - 1].include;
    }
    return selection->pattern_count == 0 || !patterns[0].include;
}

static bool fits(const struct selection *selection, const struct object *object)
{
    return object->size >= selection->min_size &&
           (!selection->max_size || object->size <= selection->max_size) &&
           (!selection->newer_than_ms || object->modified_ms > selection->newer_than_ms);
}

enum selection_verdict selection_judge(const struct selection *selection, const struct item *item,
                                       const char *name)
{
    const struct object *object = &item->object;
    size_t length = strlen(object->key);

    if (length > 0 && object->key[length - 1] == '/')
        return SELECTION_FOLDER_MARKER;
    if (object->size == 0 && !object->size_unknown)
        return SELECTION_EMPTY;
    if ((!object->size_unknown && !fits(selection, object)) ||
        !selection_wants_name(selection, name))
        return SELECTION_NOT_WANTED;
    return SELECTION_PICKED;
}
