/* SPDX-License-Identifier: MIT */

/* Compares what is there with what would be made. */

#include "run/existing.h"

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/memory.h"
#include "media/libav.h"
#include "run/set_note.h"

void existing_init(struct existing *existing, enum if_exists rule, char *const *words, size_t count)
{
    char *versions = libav_versions();
    struct digest *sum = digest_new(DIGEST_SHA256);
    uint8_t digest[SHA256_SIZE];

    /* With its NUL each word stays apart from the next. */
    digest_add(sum, versions, strlen(versions) + 1);
    for (size_t i = 0; i < count; i++)
        digest_add(sum, words[i], strlen(words[i]) + 1);
    digest_finish(sum, digest);
    free(versions);
    *existing = (struct existing){ .rule = rule };
    digest_hex(digest, sizeof(digest), existing->recipe);
}

void existing_member_note(const char *recipe, const char *last, char out[EXISTING_RECIPE_SIZE])
{
    char *text = memory_format("%s\n%s", recipe, last);
    uint8_t digest[SHA256_SIZE];

    digest_sha256(text, strlen(text), digest);
    digest_hex(digest, sizeof(digest), out);
    free(text);
}

void existing_source_version(const struct object *object, char *out, size_t size)
{
    if (object->etag)
        snprintf(out, size, "%s", object->etag);
    else
        snprintf(out, size, "%" PRIu64 "-%" PRId64, object->size, object->modified_ms);
}

/*
 * Why the result need not be made, or NULL. Where a file system keeps no notes, one that is newer
 * than its source has to do.
 */
static const char *reason_to_keep(const struct existing *existing, const struct store_info *info,
                                  const struct object *source)
{
    char version[256];

    if (info->notes_impossible)
        return info->modified_ms >= source->modified_ms
                   ? "it is newer than its source, where no notes can tell more"
                   : NULL;
    existing_source_version(source, version, sizeof(version));
    return info->source_etag && info->recipe && strcmp(info->source_etag, version) == 0 &&
                   strcmp(info->recipe, existing->recipe) == 0
               ? "it was made from the same source with the same recipe"
               : NULL;
}

bool existing_judge(const struct existing *existing, struct store *destination, const char *key,
                    const struct object *source, const char **kept, struct error *err)
{
    struct store_info info = { 0 };
    bool found;
    bool is_whole = true;
    bool ok = true;

    *kept = NULL;
    if (existing->rule == IF_EXISTS_OVERWRITE || existing->nothing_is_there || !key)
        return true;
    if (!store_stat(destination, key, &info, &found, err))
        return false;
    if (found && existing->rule == IF_EXISTS_FAIL)
        ok = error_set(err, ERROR_OBJECT, "Avmap.AlreadyExists",
                       "the result is there already, and --if-exists is fail");
    else if (found && existing->rule == IF_EXISTS_SKIP)
        *kept = "it is there already";
    else if (found)
        *kept = reason_to_keep(existing, &info, source);
    if (*kept && info.files && existing->rule == IF_EXISTS_UPDATE)
        ok = set_note_is_true(info.files, key, destination, &is_whole, err);
    if (!ok || !is_whole)
        *kept = NULL;
    store_info_release(&info);
    return ok;
}
