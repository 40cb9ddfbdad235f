/* SPDX-License-Identifier: MIT */

/* Walks keys below a root folder with openat, following no link. */

#include "directory/directory_path.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *problem_of(const char *key)
{
    const char *part = key;

    if (!*key)
        return "the name is empty";
    if (*key == '/')
        return "the name begins with /";
    for (;;) {
        size_t length = strcspn(part, "/");

        if (length == 0)
            return part[0] ? "the name has an empty folder (//)" : "the name ends with /";
        if ((length == 1 && part[0] == '.') || (length == 2 && part[0] == '.' && part[1] == '.'))
            return "the name has . or .. as a folder";
        if (length > NAME_MAX)
            return "a part of the name is over 255 bytes";
        if (!part[length])
            return NULL;
        part += length + 1;
    }
}

bool directory_path_check(const char *key, struct error *err)
{
    const char *problem = problem_of(key);

    if (!problem)
        return true;
    return error_set(err, ERROR_OBJECT, "Avmap.BadFileName",
                     "cannot be a file below a folder: %s; write to S3 or rename it", problem);
}

static int open_folder(int parent, const char *name, bool create, struct error *err)
{
    int folder = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

    if (folder < 0 && errno == ENOENT && create) {
        if (mkdirat(parent, name, 0777) < 0 && errno != EEXIST) {
            error_set_errno(err, errno == EACCES || errno == EPERM ? ERROR_DENIED : ERROR_OBJECT,
                            errno, "make folder %s", name);
            return -1;
        }
        folder = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    }
    if (folder >= 0)
        return folder;
    if (errno == ENOTDIR || errno == ELOOP)
        error_set(err, ERROR_OBJECT, "File.NotAFolder", "%s is in the way: a file or a link", name);
    else
        error_set_errno(err, errno == ENOENT ? ERROR_NOT_FOUND : ERROR_OBJECT, errno,
                        "open folder %s", name);
    return -1;
}

int directory_path_open_parent(int root, const char *key, bool create, const char **name,
                               struct error *err)
{
    int folder;

    if (!directory_path_check(key, err))
        return -1;
    folder = fcntl(root, F_DUPFD_CLOEXEC, 0);
    if (folder < 0) {
        error_set_errno(err, ERROR_LOCAL, errno, "open a folder");
        return -1;
    }
    for (const char *slash = strchr(key, '/'); slash; slash = strchr(key, '/')) {
        char part[NAME_MAX + 1] = { 0 };
        int next;

        memcpy(part, key, (size_t)(slash - key));
        next = open_folder(folder, part, create, err);
        close(folder);
        if (next < 0)
            return -1;
        folder = next;
        key = slash + 1;
    }
    *name = key;
    return folder;
}
