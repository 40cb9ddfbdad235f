/* SPDX-License-Identifier: MIT */

/* Reads files that options name. */

#include "media/recipe_local.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/memory.h"

/* Of a script and of an attachment, of which each item that is under way has a copy. */
enum { TEXT_MAX = 1024 * 1024, ATTACHMENT_MAX = 64 * 1024 * 1024 };

static bool read_file(const char *path, struct buffer *bytes, struct error *err)
{
    int file = open(path, O_RDONLY | O_CLOEXEC);
    char piece[16384];
    ssize_t count;

    if (file < 0)
        return error_set_errno(err, ERROR_USAGE, errno, "read %s", path);
    while ((count = read(file, piece, sizeof(piece))) > 0 &&
           buffer_append(bytes, piece, (size_t)count))
        continue;
    if (count < 0)
        error_set_errno(err, ERROR_USAGE, errno, "read %s", path);
    else if (bytes->overflowed)
        error_set(err, ERROR_USAGE, "Avmap.Usage", "%s is over %zu MiB long", path,
                  bytes->limit / 1024 / 1024);
    else if (bytes->size == 0)
        error_set(err, ERROR_USAGE, "Avmap.Usage", "%s is empty", path);
    close(file);
    return count >= 0 && !bytes->overflowed && bytes->size > 0;
}

char *recipe_local_text(const char *path, struct error *err)
{
    struct buffer text;
    char *taken = NULL;

    buffer_init(&text, TEXT_MAX);
    if (read_file(path, &text, err))
        taken = buffer_take(&text);
    buffer_release(&text);
    return taken;
}

bool recipe_local_attach(struct recipe_file *file, const char *path, struct error *err)
{
    const char *slash = strrchr(path, '/');
    struct recipe_attachment *attachment;
    struct buffer bytes;

    buffer_init(&bytes, ATTACHMENT_MAX);
    if (!read_file(path, &bytes, err)) {
        buffer_release(&bytes);
        return false;
    }
    file->attachments =
        memory_grow(file->attachments, file->attachment_count + 1, sizeof(*file->attachments));
    attachment = &file->attachments[file->attachment_count++];
    attachment->name = memory_copy_text(slash ? slash + 1 : path);
    attachment->size = bytes.size;
    attachment->bytes = buffer_take(&bytes);
    return true;
}
