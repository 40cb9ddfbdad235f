/* SPDX-License-Identifier: MIT */

/* Expands paths. */

#include "s3/profile_path.h"

#include <pwd.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/memory.h"

const char *profile_path_home(void)
{
    const char *home = getenv("HOME");
    const struct passwd *user;

    if (home && *home)
        return home;
    user = getpwuid(getuid());
    return user ? user->pw_dir : NULL;
}

/* text begins with "$". Returns how much of it was looked at. */
static size_t append_variable(struct buffer *out, const char *text)
{
    bool braced = text[1] == '{';
    const char *name = text + 1 + braced;
    size_t length = braced ? strcspn(name, "}")
                           : strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                          "0123456789_");
    size_t whole = 1 + braced + length + (braced && name[length]);
    char *copy = memory_copy_bytes(name, length);
    const char *value = !braced || name[length] ? getenv(copy) : NULL;

    if (value)
        buffer_append_text(out, value);
    else
        buffer_append(out, text, whole);
    free(copy);
    return whole;
}

static char *expand_variables(const char *path)
{
    struct buffer out;

    buffer_init(&out, SIZE_MAX);
    while (*path) {
        size_t plain = strcspn(path, "$");

        buffer_append(&out, path, plain);
        path += plain;
        if (*path)
            path += append_variable(&out, path);
    }
    return buffer_take(&out);
}

static char *expand_home(const char *path)
{
    size_t length = strcspn(path, "/");
    char *name = memory_copy_bytes(path + 1, length - 1);
    const struct passwd *user = *name ? getpwnam(name) : NULL;
    bool is_other = *name != '\0';
    const char *home = is_other ? (user ? user->pw_dir : NULL) : profile_path_home();

    free(name);
    if (home)
        return memory_format("%s%s", home, path + length);
    return memory_copy_text(is_other ? path : "");
}

char *profile_path_find(const char *variable, const char *usual)
{
    const char *given = getenv(variable);
    char *path = expand_variables(given && *given ? given : usual);
    char *real = *path == '~' ? expand_home(path) : memory_copy_text(path);

    free(path);
    return real;
}
