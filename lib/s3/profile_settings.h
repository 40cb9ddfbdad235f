/* SPDX-License-Identifier: MIT */

/*
 * What the shared files say, setting by setting: in their order, and found by their names.
 * Threads: immutable once filled.
 */

#pragma once

#include <stddef.h>

#include "s3/s3_profiles.h"

struct profile_setting {
    enum s3_profiles_file file;
    char *section; /* owned, like all three: "profile x", "services x" */
    char *name;    /* "" of a section itself, and of what was forgotten */
    char *value;
};

/* All zero: empty. */
struct profile_settings {
    struct profile_setting **list; /* owned, like what is in it */
    size_t count;
    size_t capacity;
    void *by_name; /* a tree of the same */
};

void profile_settings_release(struct profile_settings *settings);

/* NULL: there is none. */
struct profile_setting *profile_settings_find(const struct profile_settings *settings,
                                              enum s3_profiles_file file, const char *section,
                                              const char *name);

/* Adds a setting, or gives one that is there another value. */
void profile_settings_set(struct profile_settings *settings, enum s3_profiles_file file,
                          const char *section, const char *name, const char *value);

/* Forgets what a section says; that it is there stays. */
void profile_settings_forget(struct profile_settings *settings, enum s3_profiles_file file,
                             const char *section);

void profile_setting_change(struct profile_setting *setting, const char *value);
