/* SPDX-License-Identifier: MIT */

/* Reads a journal twice: which items are done, and which of the records stand in the end. */

#include "results/earlier.h"

#include <stdlib.h>

#include "base/memory.h"

/* Sets of names take disk, not memory, so the records themselves stay in the journal meanwhile. */
struct earlier {
    struct journal *journal;
    struct name_set *numbered; /* "3 key" for the third success of a key */
    struct name_set *passed;   /* the same of those that earlier_next has seen */
    struct name_set *replaced; /* keys that have a newer record */
    bool again;                /* earlier_next has begun */
};

struct earlier *earlier_new(struct journal *journal)
{
    struct earlier *earlier = memory_new(1, sizeof(*earlier));

    earlier->journal = journal;
    earlier->numbered = name_set_new();
    earlier->passed = name_set_new();
    earlier->replaced = name_set_new();
    return earlier;
}

void earlier_free(struct earlier *earlier)
{
    if (!earlier)
        return;
    name_set_free(earlier->numbered);
    name_set_free(earlier->passed);
    name_set_free(earlier->replaced);
    free(earlier);
}

static bool has(struct name_set *set, unsigned number, const char *key)
{
    char *name = memory_format("%u %s", number, key);
    bool found = name_set_has(set, name);

    free(name);
    return found;
}

/* Gives a success of the key its number, from 1. */
static bool number(struct name_set *set, const char *key, unsigned *given, struct error *err)
{
    char *name;
    bool seen;
    bool ok;

    *given = 1;
    while (has(set, *given, key))
        ++*given;
    name = memory_format("%u %s", *given, key);
    ok = name_set_add(set, name, &seen, err);
    free(name);
    return ok;
}

void earlier_keys_init(struct earlier_keys *keys)
{
    *keys = (struct earlier_keys){ name_set_new(), name_set_new(), name_set_new(), 0 };
}

void earlier_keys_release(struct earlier_keys *keys)
{
    name_set_free(keys->done);
    name_set_free(keys->suspect);
    name_set_free(keys->crashes);
    *keys = (struct earlier_keys){ 0 };
}

static bool add_crash(struct earlier_keys *keys, const char *key, struct error *err)
{
    bool before;

    return name_set_add(keys->suspect, key, &before, err) &&
           (!before || name_set_add(keys->crashes, key, &before, err));
}

bool earlier_read(struct earlier *earlier, struct earlier_keys *keys, struct error *err)
{
    enum outcome outcome;
    const char *record;
    const char *key;
    bool ok = true;

    while (journal_next(earlier->journal, &outcome, &key, &record)) {
        unsigned given;
        bool seen;

        if (!ok)
            continue; /* the journal is to be read to its end */
        if (!record)
            ok = add_crash(keys, key, err);
        if (outcome != OUTCOME_SUCCEEDED)
            continue;
        ok = name_set_add(keys->done, key, &seen, err) &&
             number(earlier->numbered, key, &given, err);
        keys->done_count += ok && !seen;
    }
    return ok;
}

bool earlier_judge(struct earlier *earlier, const struct record *record, bool *stands,
                   struct error *err)
{
    bool seen;

    *stands = false;
    if (!record->again)
        return true; /* also the second of two entries for one object, which fails */
    *stands = record->kept || record->outcome == OUTCOME_PENDING;
    return *stands || name_set_add(earlier->replaced, record->key, &seen, err);
}

bool earlier_next(struct earlier *earlier, const char **record, bool *found, struct error *err)
{
    enum outcome outcome;
    const char *key;

    *found = false;
    if (!earlier->again && !journal_rewind(earlier->journal, err))
        return false;
    earlier->again = true;
    while (journal_next(earlier->journal, &outcome, &key, record)) {
        unsigned given;

        if (outcome != OUTCOME_SUCCEEDED || name_set_has(earlier->replaced, key))
            continue;
        if (!number(earlier->passed, key, &given, err))
            return false;
        *found = !has(earlier->numbered, given + 1, key);
        if (*found)
            break;
    }
    return true;
}
