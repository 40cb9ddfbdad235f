/* SPDX-License-Identifier: MIT */

/* Opens unlinked temporary files. */

#include "base/temporary.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/memory.h"

/* Some file systems have no O_TMPFILE; there the name is taken away right after it was made. */
static int open_in(const char *folder)
{
    int file = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    char *name;

    if (file >= 0 || (errno != EOPNOTSUPP && errno != EISDIR))
        return file;
    name = memory_format("%s/avmap-XXXXXX", folder);
    file = mkostemp(name, O_CLOEXEC);
    if (file >= 0)
        unlink(name);
    free(name);
    return file;
}

int temporary_open(struct error *err)
{
    const char *folder = getenv("TMPDIR");
    int file;

    if (!folder || !folder[0])
        folder = "/tmp";
    file = open_in(folder);
    if (file < 0)
        error_set_errno(err, ERROR_LOCAL, errno, "make a temporary file in %s (TMPDIR sets where)",
                        folder);
    return file;
}
