/* SPDX-License-Identifier: MIT */

/* Replaces a local file at once. */

#include "base/replace_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/uuid.h"

static bool write_all(int file, const char *bytes, size_t size)
{
    while (size > 0) {
        ssize_t written = write(file, bytes, size);

        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return false;
        bytes += written;
        size -= (size_t)written;
    }
    return true;
}

static bool replace(const char *path, const void *bytes, size_t size, mode_t mode,
                    struct error *err)
{
    char unique[UUID_SIZE];
    char *name;
    int file;
    bool ok;
    int failure;

    uuid_random(unique);
    name = memory_format("%s.%s", path, unique);
    file = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    ok = file >= 0 && write_all(file, bytes, size);
    failure = errno;
    if (file >= 0 && close(file) != 0 && ok) {
        failure = errno;
        ok = false;
    }
    if (ok && rename(name, path) != 0) {
        failure = errno;
        ok = false;
    }
    if (!ok && file >= 0)
        unlink(name);
    free(name);
    return ok || error_set_errno(err, ERROR_LOCAL, failure, "write %s", path);
}

bool replace_file(const char *path, const void *bytes, size_t size, struct error *err)
{
    return replace(path, bytes, size, 0666, err);
}

bool replace_private_file(const char *path, const void *bytes, size_t size, struct error *err)
{
    return replace(path, bytes, size, 0600, err);
}
