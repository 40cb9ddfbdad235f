/* SPDX-License-Identifier: MIT */

/* Reads the files of a key. */

#include "media/key_files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "media/recipe_fields.h"

enum { LOCAL_FILE_MAX = 64 * 1024 };

void key_files_init(struct key_files *files, const struct recipe *recipe)
{
    const AVDictionaryEntry *entry =
        av_dict_get(recipe->output.format_options, "hls_key_info_file", NULL, 0);

    *files = (struct key_files){ .description = entry ? entry->value : NULL };
}

void key_files_release(struct key_files *files)
{
    free(files->key);
    *files = (struct key_files){ 0 };
}

bool key_files_has(const struct key_files *files, const char *path)
{
    return (files->description && strcmp(path, files->description) == 0) ||
           (files->key && strcmp(path, files->key) == 0);
}

/* Its second line is the path of the key. */
static void find_key(struct key_files *files, const char *text)
{
    const char *second = strchr(text, '\n');

    free(files->key);
    files->key = second ? memory_copy_bytes(second + 1, strcspn(second + 1, "\r\n")) : NULL;
}

/* A pipe might never say anything, so only what is a file is read. */
static int open_file(const char *path, struct error *err)
{
    int file = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    struct stat facts;

    if (file < 0 || fstat(file, &facts) < 0)
        error_set_errno(err, ERROR_LOCAL, errno, "read %s for -hls_key_info_file", path);
    else if (!S_ISREG(facts.st_mode))
        error_set(err, ERROR_LOCAL, "File.Error",
                  "read %s for -hls_key_info_file: it is no regular file", path);
    else
        return file;
    if (file >= 0)
        close(file);
    return -1;
}

/* How many bytes there are, up to size; -1: errno says why not. */
static ssize_t read_up_to(int file, char *text, size_t size)
{
    size_t used = 0;
    ssize_t got = 1;

    while (used < size && got > 0) {
        got = read(file, text + used, size - used);
        used += got > 0 ? (size_t)got : 0;
    }
    return got < 0 ? -1 : (ssize_t)used;
}

bool key_files_read(struct key_files *files, const char *path, struct spool *to, struct error *err)
{
    char text[LOCAL_FILE_MAX + 1];
    int file = open_file(path, err);
    ssize_t size;

    if (file < 0)
        return false;
    size = read_up_to(file, text, sizeof(text));
    if (size < 0)
        error_set_errno(err, ERROR_LOCAL, errno, "read %s for -hls_key_info_file", path);
    close(file);
    if (size < 0)
        return false;
    if (size > LOCAL_FILE_MAX)
        return error_set(err, ERROR_LOCAL, "File.Error",
                         "read %s for -hls_key_info_file: it has more than %d bytes", path,
                         LOCAL_FILE_MAX);
    text[size] = '\0';
    if (strcmp(path, files->description) == 0)
        find_key(files, text);
    return spool_write(to, 0, text, (size_t)size, err);
}
