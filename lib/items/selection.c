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

/* "*" at its end matches whatever follows, so what matches the start matches all. */
static bool matches_all(const char *glob, const char *start)
{
    size_t length = strlen(glob);

    return length > 0 && glob[length - 1] == '*' && (length < 2 || glob[length - 2] != '\\') &&
           fnmatch(glob, start, 0) == 0;
}

/* Whether what the glob begins or ends with, up to its special characters, rules a match out. */
static bool matches_none(const char *glob, const char *start, const char *end)
{
    static const char special[] = "*?[]\\";
    size_t first = strcspn(glob, special);
    size_t glob_at = strlen(glob);
    size_t end_at = strlen(end);

    for (size_t i = 0; i < first && start[i]; i++) {
        if (glob[i] != start[i])
            return true;
    }
    while (glob_at > 0 && end_at > 0 && !strchr(special, glob[glob_at - 1])) {
        if (glob[--glob_at] != end[--end_at])
            return true;
    }
    return false;
}

bool selection_leaves_out(const struct selection *selection, const char *start, const char *end)
{
    const struct selection_pattern *patterns = selection->patterns;

    for (size_t i = selection->pattern_count; i > 0; i--) {
        const struct selection_pattern *pattern = &patterns[i - 1];

        if (pattern->include ? !matches_none(pattern->glob, start, end)
                             : matches_all(pattern->glob, start))
            return !pattern->include;
    }
    return selection->pattern_count > 0 && patterns[0].include;
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
