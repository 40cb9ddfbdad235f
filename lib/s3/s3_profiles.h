/* SPDX-License-Identifier: MIT */

/*
 * The profiles in AWS's two shared files, ~/.aws/config and ~/.aws/credentials, read the way
 * AWS's own clients read them. A line that makes no sense is an error; a section or setting with a
 * name that nobody would ask for is skipped.
 * Threads: immutable once loaded.
 */

#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/attributes.h"
#include "base/error.h"

enum s3_profiles_file { S3_PROFILES_CREDENTIALS, S3_PROFILES_CONFIG };

struct profile_settings;
struct s3_profiles;

MUST_USE struct s3_profiles *s3_profiles_new(void);

/* NULL is fine. */
void s3_profiles_free(struct s3_profiles *profiles);

/*
 * Reads both files from where AWS_SHARED_CREDENTIALS_FILE and AWS_CONFIG_FILE, else the home
 * folder, say they are. A file that is not there holds nothing; one that cannot be read is warned
 * of. Fails with ERROR_USAGE, naming file and line.
 */
bool s3_profiles_load(struct s3_profiles *profiles, struct error *err);

/* Adds what text, the contents of file, says. Later settings replace earlier ones. */
bool s3_profiles_read(struct s3_profiles *profiles, enum s3_profiles_file file, const char *text,
                      struct error *err);

/* Where s3_profiles_load looks for file; "" without a home folder. */
const char *s3_profiles_path(const struct s3_profiles *profiles, enum s3_profiles_file file);

/* The home folder; borrowed; NULL without one. */
const char *s3_profiles_home(const struct s3_profiles *profiles);

bool s3_profiles_has(const struct s3_profiles *profiles, const char *profile);

/*
 * The value of a setting, borrowed, or NULL. Settings nested under another one are named with a
 * dot: "s3.addressing_style". find looks into both files, credentials first.
 */
const char *s3_profiles_get(const struct s3_profiles *profiles, enum s3_profiles_file file,
                            const char *profile, const char *name);
const char *s3_profiles_find(const struct s3_profiles *profiles, const char *profile,
                             const char *name);

/* Whether the config file has a section such as [services NAME]. */
bool s3_profiles_has_section(const struct s3_profiles *profiles, const char *kind,
                             const char *section);

/* A setting of a section such as [services NAME] or [sso-session NAME] in the config file. */
const char *s3_profiles_find_in(const struct s3_profiles *profiles, const char *kind,
                                const char *section, const char *name);

/* All that was read, for tests; borrowed. */
const struct profile_settings *s3_profiles_settings(const struct s3_profiles *profiles);
