/* SPDX-License-Identifier: MIT */

/* Notes in extended attributes. */

#include "directory/directory_marks.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <sys/xattr.h>

#include "base/memory.h"

enum { MARK_MAX = 4096 };

static const char source_etag_name[] = "user.avmap.source-etag";
static const char recipe_name[] = "user.avmap.recipe";
static const char files_name[] = "user.avmap.files";

static char *read_mark(int file, const char *name)
{
    char value[MARK_MAX];
    ssize_t size = fgetxattr(file, name, value, sizeof(value));

    return size > 0 ? memory_copy_bytes(value, (size_t)size) : NULL;
}

void directory_marks_read(int file, struct directory_marks *marks)
{
    errno = 0;
    marks->source_etag = read_mark(file, source_etag_name);
    marks->recipe = read_mark(file, recipe_name);
    marks->impossible = !marks->recipe && errno == ENOTSUP;
    marks->files = read_mark(file, files_name);
}

/* A result without its marks is a result all the same, so a failure is none. */
static void write_mark(int file, const char *name, const char *value)
{
    if (value)
        (void)fsetxattr(file, name, value, strlen(value), 0);
}

void directory_marks_write(int file, const struct directory_marks *marks)
{
    write_mark(file, source_etag_name, marks->source_etag);
    write_mark(file, recipe_name, marks->recipe);
    write_mark(file, files_name, marks->files);
}

void directory_marks_release(struct directory_marks *marks)
{
    free(marks->source_etag);
    free(marks->recipe);
    free(marks->files);
    *marks = (struct directory_marks){ 0 };
}
