/* SPDX-License-Identifier: MIT */

/* Keeps settings in a list and in a tree of the C library's. */

#include "s3/profile_settings.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

static int compare(const void *one, const void *other)
{
    const struct profile_setting *first = one;
    const struct profile_setting *second = other;
    int order = (first->file > second->file) - (first->file < second->file);

    if (order == 0)
        order = strcmp(first->section, second->section);
    return order ? order : strcmp(first->name, second->name);
}

static void leave(void *setting)
{
    (void)setting;
}

void profile_settings_release(struct profile_settings *settings)
{
    tdestroy(settings->by_name, leave);
    for (size_t i = 0; i < settings->count; i++) {
        free(settings->list[i]->section);
        free(settings->list[i]->name);
        memory_free_secret(settings->list[i]->value);
        free(settings->list[i]);
    }
    free(settings->list);
    *settings = (struct profile_settings){ 0 };
}

struct profile_setting *profile_settings_find(const struct profile_settings *settings,
                                              enum s3_profiles_file file, const char *section,
                                              const char *name)
{
    const struct profile_setting wanted = { file, (char *)section, (char *)name, NULL };
    struct profile_setting *const *found = tfind(&wanted, &settings->by_name, compare);

    return found ? *found : NULL;
}

void profile_setting_change(struct profile_setting *setting, const char *value)
{
    memory_free_secret(setting->value);
    setting->value = memory_copy_text(value);
}

void profile_settings_set(struct profile_settings *settings, enum s3_profiles_file file,
                          const char *section, const char *name, const char *value)
{
    struct profile_setting *setting = profile_settings_find(settings, file, section, name);

    if (setting) {
        profile_setting_change(setting, value);
        return;
    }
    if (settings->count == settings->capacity) {
        settings->capacity = settings->capacity ? 2 * settings->capacity : 16;
        /* NOLINTNEXTLINE(bugprone-sizeof-expression): it is a list of pointers. */
        settings->list = memory_grow(settings->list, settings->capacity, sizeof(*settings->list));
    }
    setting = memory_new(1, sizeof(*setting));
    *setting = (struct profile_setting){
        .file = file,
        .section = memory_copy_text(section),
        .name = memory_copy_text(name),
        .value = memory_copy_text(value),
    };
    settings->list[settings->count++] = setting;
    if (!tsearch(setting, &settings->by_name, compare))
        abort(); /* no memory, as in memory_new */
}

void profile_settings_forget(struct profile_settings *settings, enum s3_profiles_file file,
                             const char *section)
{
    for (size_t i = 0; i < settings->count; i++) {
        struct profile_setting *setting = settings->list[i];

        if (setting->file != file || strcmp(setting->section, section) != 0 || !setting->name[0])
            continue;
        tdelete(setting, &settings->by_name, compare);
        setting->name[0] = '\0';
        profile_setting_change(setting, "");
    }
}
