/* SPDX-License-Identifier: MIT */

/* Reads the two kinds of places. */

#include "store/location.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/utf8.h"
#include "directory/directory_path.h"
#include "s3/s3_url.h"

/* S3 keys are UTF-8 of at most 1024 bytes ("Naming Amazon S3 objects" in its user guide). */
enum { S3_KEY_MAX = 1024 };

static const char *scheme_end(const char *text)
{
    const char *at = text;

    while (isalnum((unsigned char)*at) || *at == '+' || *at == '-' || *at == '.')
        at++;
    return at > text && strncmp(at, "://", 3) == 0 ? at : NULL;
}

/* path with one more part, links resolved where there is such a file; takes path. */
static char *enter(char *path, const char *part, size_t length)
{
    char *longer = memory_format("%s/%.*s", path, (int)length, part);
    char *real = realpath(longer, NULL);

    free(path);
    if (!real)
        return longer;
    free(longer);
    if (strcmp(real, "/") == 0)
        real[0] = '\0';
    return real;
}

/*
 * The one absolute path of a folder that may not exist yet, without links, "." and "..", double and
 * final slashes, so that places can be compared as text. NULL: there is no current folder.
 */
static char *resolved_path(const char *path)
{
    char *result = path[0] == '/' ? memory_copy_text("/") : getcwd(NULL, 0);

    if (!result)
        return NULL;
    if (strcmp(result, "/") == 0)
        result[0] = '\0';
    while (*path) {
        size_t length = strcspn(path, "/");

        if (length == 2 && strncmp(path, "..", 2) == 0)
            result[result[0] ? strrchr(result, '/') - result : 0] = '\0';
        else if (length > 0 && !(length == 1 && path[0] == '.'))
            result = enter(result, path, length);
        path += length + strspn(path + length, "/");
    }
    if (!result[0]) {
        free(result);
        return memory_copy_text("/");
    }
    return result;
}

bool location_is_s3(const char *text)
{
    return s3_url_is(text);
}

bool location_parse(const char *text, struct location *location, struct error *err)
{
    const char *scheme = scheme_end(text);

    *location = (struct location){ 0 };
    if (!text[0])
        return error_set(err, ERROR_USAGE, "Avmap.Usage",
                         "a source or destination is empty; give s3://bucket/prefix or a folder");
    if (strncasecmp(text, "s3:", 3) == 0 && !s3_url_is(text))
        return error_set(err, ERROR_USAGE, "Avmap.Usage",
                         "%s: an S3 URL has two slashes: s3://bucket/prefix (a folder of that "
                         "name: ./%s)",
                         text, text);
    if (s3_url_is(text)) {
        location->kind = LOCATION_S3;
        return s3_url_parse(text, &location->container, &location->prefix, err);
    }
    if (scheme && strncasecmp(text, "file://", 7) == 0) {
        text = scheme + 3;
        if (text[0] != '/')
            return error_set(err, ERROR_USAGE, "Avmap.Usage",
                             "a file URL needs an absolute path: file:///data/in");
    } else if (scheme) {
        return error_set(err, ERROR_USAGE, "Avmap.Usage",
                         "%s: avmap reads and writes s3:// and folders only", text);
    }
    location->kind = LOCATION_DIRECTORY;
    location->container = resolved_path(text);
    if (!location->container)
        return error_set(err, ERROR_USAGE, "Avmap.Usage",
                         "%s: the current folder does not exist any more; give a whole path", text);
    location->prefix = memory_copy_text("");
    return true;
}

void location_make_folder(struct location *location)
{
    size_t length = strlen(location->prefix);
    char *longer;

    if (length == 0 || location->prefix[length - 1] == '/')
        return;
    longer = memory_format("%s/", location->prefix);
    free(location->prefix);
    location->prefix = longer;
}

char *location_take_key(struct location *location)
{
    char *slash;
    char *key;

    if (location->kind == LOCATION_S3) {
        key = location->prefix;
        location->prefix = memory_copy_text("");
        return key;
    }
    slash = strrchr(location->container, '/');
    key = memory_copy_text(slash + 1);
    slash[slash == location->container] = '\0';
    return key;
}

bool location_parse_object(const char *text, struct location *location, char **key,
                           struct error *err)
{
    *key = NULL;
    if (!location_parse(text, location, err))
        return false;
    *key = location_take_key(location);
    if ((*key)[0] && text[strlen(text) - 1] != '/')
        return true;
    free(*key);
    *key = NULL;
    return error_set(err, ERROR_USAGE, "Avmap.Usage", "%s names no file", text);
}

void location_below(const struct location *folder, const char *name, struct location *below)
{
    below->kind = folder->kind;
    if (folder->kind == LOCATION_S3) {
        below->container = memory_copy_text(folder->container);
        below->prefix = memory_format("%s%s/", folder->prefix, name);
        return;
    }
    below->container =
        memory_format("%s/%s", strcmp(folder->container, "/") ? folder->container : "", name);
    below->prefix = memory_copy_text("");
}

bool location_contains(const struct location *outer, const struct location *inner)
{
    size_t length;

    if (outer->kind != inner->kind)
        return false;
    if (outer->kind == LOCATION_S3)
        return strcmp(outer->container, inner->container) == 0 &&
               strncmp(inner->prefix, outer->prefix, strlen(outer->prefix)) == 0;
    length = strcmp(outer->container, "/") ? strlen(outer->container) : 0;
    return strncmp(inner->container, outer->container, length) == 0 &&
           (inner->container[length] == '/' || inner->container[length] == '\0');
}

static bool check_s3_key(const char *key, struct error *err)
{
    if (!utf8_is_valid(key))
        return error_set(err, ERROR_OBJECT, "Avmap.BadFileName",
                         "the name is not UTF-8, as S3 keys must be; rename the file");
    if (strlen(key) > S3_KEY_MAX)
        return error_set(err, ERROR_OBJECT, "Avmap.BadFileName",
                         "the result's key would have %zu bytes, S3 allows %d; shorten the "
                         "destination's prefix or the suffix",
                         strlen(key), S3_KEY_MAX);
    return true;
}

bool location_check_key(const struct location *location, const char *key, struct error *err)
{
    if (location->kind == LOCATION_S3)
        return check_s3_key(key, err);
    return directory_path_check(key, err);
}

char *location_url(const struct location *location, const char *key)
{
    if (location->kind == LOCATION_S3)
        return memory_format("s3://%s/%s", location->container, key);
    return memory_format("%s/%s", strcmp(location->container, "/") ? location->container : "", key);
}

char *location_object_url(const struct location *location, const struct object *object)
{
    if (object->bucket)
        return memory_format("s3://%s/%s", object->bucket, object->key);
    return location_url(location, object->key);
}

void location_release(struct location *location)
{
    free(location->container);
    free(location->prefix);
    *location = (struct location){ 0 };
}
