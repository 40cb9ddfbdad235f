/* SPDX-License-Identifier: MIT */

/* Reads AWS's shared config and credentials files. */

#include "s3/s3_profiles.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/log.h"
#include "base/memory.h"
#include "s3/profile_path.h"
#include "s3/profile_settings.h"
#include "s3/profile_text.h"

enum {
    FILE_LIMIT = 4 * 1024 * 1024,
    VALUE_LIMIT = 16 * 1024, /* of a value on many lines: what is appended to is copied */
};

struct s3_profiles {
    struct profile_settings settings;
    char *paths[2]; /* owned; by enum s3_profiles_file */
    char *home;     /* owned; NULL: there is none */
};

/* A file while it is read. */
struct reading {
    struct s3_profiles *profiles;
    enum s3_profiles_file file;
    char *section;        /* owned; NULL before the first one and in sections of no interest */
    char *name;           /* owned; of the last setting; NULL: none, or one of no interest */
    bool default_is_full; /* "profile default" was there, next to which "default" is nothing */
};

struct s3_profiles *s3_profiles_new(void)
{
    return memory_new(1, sizeof(struct s3_profiles));
}

void s3_profiles_free(struct s3_profiles *profiles)
{
    if (!profiles)
        return;
    profile_settings_release(&profiles->settings);
    free(profiles->paths[S3_PROFILES_CREDENTIALS]);
    free(profiles->paths[S3_PROFILES_CONFIG]);
    free(profiles->home);
    free(profiles);
}

static void add_setting(struct reading *reading, const char *name, const char *value)
{
    profile_settings_set(&reading->profiles->settings, reading->file, reading->section, name,
                         value);
}

static void append_line(struct reading *reading, const char *line)
{
    struct profile_setting *setting = profile_settings_find(
        &reading->profiles->settings, reading->file, reading->section, reading->name);
    char *longer;

    if (strlen(setting->value) + strlen(line) > VALUE_LIMIT)
        return;
    longer = memory_format("%s\n%s", setting->value, line);
    profile_setting_change(setting, longer);
    memory_free_secret(longer);
}

/* What AWS's own clients take as a name, and other scripts; with quotes around it botocore takes
 * any. */
static bool is_name(const char *text)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                "0123456789-_/.%@:+";
    const char *byte = text;

    while (*byte && ((unsigned char)*byte >= 0x80 || strchr(plain, *byte)))
        byte++;
    return byte > text && !*byte;
}

static char *unquoted_name(const char *text)
{
    size_t length = strlen(text);

    if (length > 2 && (text[0] == '"' || text[0] == '\'') && text[length - 1] == text[0])
        return memory_copy_bytes(text + 1, length - 2);
    return is_name(text) ? memory_copy_text(text) : NULL;
}

/*
 * The one kind of name: the config file says "profile x" where the credentials file says "x". NULL:
 * of no interest.
 */
static char *section_name(enum s3_profiles_file file, const char *title)
{
    size_t kind = strcspn(title, " \t");
    const char *rest = title + kind + strspn(title + kind, " \t");
    bool is_credentials = file == S3_PROFILES_CREDENTIALS;
    char *name;
    char *full;

    if (is_credentials || strcmp(title, "default") == 0) {
        if (kind == strlen("profile") && *rest && strncmp(title, "profile", kind) == 0)
            return NULL;
        rest = title;
        kind = 0;
    } else if (!*rest) {
        return NULL;
    }
    name = unquoted_name(rest);
    full = name ? memory_format("%.*s %s", kind ? (int)kind : 7, kind ? title : "profile", name)
                : NULL;
    free(name);
    return full;
}

static void begin_section(struct reading *reading, const char *title)
{
    bool is_config = reading->file == S3_PROFILES_CONFIG;
    bool is_plain = strcmp(title, "default") == 0;

    free(reading->section);
    free(reading->name);
    reading->name = NULL;
    reading->section = section_name(reading->file, title);
    if (!reading->section)
        return;
    if (is_config && strcmp(reading->section, "profile default") == 0) {
        if (is_plain && reading->default_is_full) {
            free(reading->section);
            reading->section = NULL;
            return;
        }
        if (!is_plain && !reading->default_is_full)
            profile_settings_forget(&reading->profiles->settings, reading->file, reading->section);
        reading->default_is_full = !is_plain;
    }
    /* A section without settings exists all the same. */
    add_setting(reading, "", "");
}

static void read_nested(struct reading *reading, const struct profile_line *line)
{
    char *full_name = memory_format("%s.%s", reading->name, line->name);

    append_line(reading, line->text);
    add_setting(reading, full_name, line->value);
    free(full_name);
}

static void read_line(struct reading *reading, const struct profile_line *line)
{
    if (line->kind == PROFILE_LINE_SECTION) {
        begin_section(reading, line->name);
    } else if (line->kind == PROFILE_LINE_SETTING) {
        free(reading->name);
        reading->name =
            reading->section && is_name(line->name) ? memory_copy_text(line->name) : NULL;
        if (reading->name)
            add_setting(reading, line->name, line->value);
    } else if (reading->name && line->kind == PROFILE_LINE_NESTED) {
        read_nested(reading, line);
    } else if (reading->name) {
        append_line(reading, line->text);
    }
}

bool s3_profiles_read(struct s3_profiles *profiles, enum s3_profiles_file file, const char *text,
                      struct error *err)
{
    struct reading reading = { .profiles = profiles, .file = file };
    struct profile_line line;
    struct profile_text lines;
    bool ok;
    bool more;

    profile_text_init(&lines, text);
    do {
        ok = profile_text_next(&lines, &line, err);
        more = ok && line.kind != PROFILE_LINE_END;
        if (more)
            read_line(&reading, &line);
        profile_line_release(&line);
    } while (more);
    free(reading.section);
    free(reading.name);
    return ok;
}

static bool load_file(struct s3_profiles *profiles, enum s3_profiles_file file, struct error *err)
{
    const char *path = profiles->paths[file];
    struct buffer text;
    char piece[4096];
    size_t size;
    FILE *stream;
    bool ok;

    if (!*path)
        return true;
    stream = fopen(path, "re");
    if (!stream) {
        if (errno != ENOENT && errno != ENOTDIR)
            log_warning("%s cannot be read: %s", path, strerror(errno));
        return true;
    }
    buffer_init(&text, FILE_LIMIT);
    do {
        size = fread(piece, 1, sizeof(piece), stream);
    } while (buffer_append(&text, piece, size) && size > 0);
    if (ferror(stream) || text.overflowed)
        log_warning("%s cannot be read as a whole", path);
    ok = s3_profiles_read(profiles, file, text.bytes, err);
    if (!ok)
        error_prefix(err, "%s", path);
    fclose(stream);
    explicit_bzero(piece, sizeof(piece));
    if (text.size)
        explicit_bzero(text.bytes, text.size);
    buffer_release(&text);
    return ok;
}

bool s3_profiles_load(struct s3_profiles *profiles, struct error *err)
{
    profiles->home = memory_copy_text(profile_path_home());
    profiles->paths[S3_PROFILES_CREDENTIALS] =
        profile_path_find("AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials");
    profiles->paths[S3_PROFILES_CONFIG] = profile_path_find("AWS_CONFIG_FILE", "~/.aws/config");
    return load_file(profiles, S3_PROFILES_CREDENTIALS, err) &&
           load_file(profiles, S3_PROFILES_CONFIG, err);
}

const char *s3_profiles_home(const struct s3_profiles *profiles)
{
    return profiles->home;
}

const char *s3_profiles_path(const struct s3_profiles *profiles, enum s3_profiles_file file)
{
    return profiles->paths[file] ? profiles->paths[file] : "";
}

static const char *find_value(const struct s3_profiles *profiles, enum s3_profiles_file file,
                              const char *kind, const char *section, const char *name)
{
    char *full_section = memory_format("%s %s", kind, section);
    const struct profile_setting *setting =
        profile_settings_find(&profiles->settings, file, full_section, name);

    free(full_section);
    return setting ? setting->value : NULL;
}

const char *s3_profiles_get(const struct s3_profiles *profiles, enum s3_profiles_file file,
                            const char *profile, const char *name)
{
    const char *value = find_value(profiles, file, "profile", profile, name);

    return value && *value ? value : NULL;
}

const char *s3_profiles_find(const struct s3_profiles *profiles, const char *profile,
                             const char *name)
{
    const char *value = s3_profiles_get(profiles, S3_PROFILES_CREDENTIALS, profile, name);

    return value ? value : s3_profiles_get(profiles, S3_PROFILES_CONFIG, profile, name);
}

bool s3_profiles_has_section(const struct s3_profiles *profiles, const char *kind,
                             const char *section)
{
    return find_value(profiles, S3_PROFILES_CONFIG, kind, section, "") != NULL;
}

const char *s3_profiles_find_in(const struct s3_profiles *profiles, const char *kind,
                                const char *section, const char *name)
{
    const char *value = find_value(profiles, S3_PROFILES_CONFIG, kind, section, name);

    return value && *value ? value : NULL;
}

const struct profile_settings *s3_profiles_settings(const struct s3_profiles *profiles)
{
    return &profiles->settings;
}

bool s3_profiles_has(const struct s3_profiles *profiles, const char *profile)
{
    return find_value(profiles, S3_PROFILES_CREDENTIALS, "profile", profile, "") ||
           find_value(profiles, S3_PROFILES_CONFIG, "profile", profile, "");
}
