/* SPDX-License-Identifier: MIT */

/* Names and locks files that are not complete. */

#include "directory/directory_temporary.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/memory.h"
#include "base/uuid.h"
#include "directory/directory_path.h"

enum { DIGEST_SIZE = 16 };

static char *name_for(const char *final)
{
    uint8_t digest[SHA256_SIZE];
    char hex[SHA256_HEX_SIZE];

    digest_sha256(final, strlen(final), digest);
    return memory_format(DIRECTORY_TEMPORARY_PREFIX "%s.tmp", digest_hex(digest, DIGEST_SIZE, hex));
}

static char *unique_name(void)
{
    char id[UUID_SIZE];

    return memory_format(DIRECTORY_TEMPORARY_PREFIX "%s.tmp", uuid_random(id));
}

enum owner { OWNER_SELF, OWNER_OTHER, OWNER_UNKNOWN };

/* Locks the file. It is another's also when that has just removed it; not all systems can tell. */
static enum owner lock(int file)
{
    struct stat status;

    if (flock(file, LOCK_EX | LOCK_NB) < 0)
        return errno == EWOULDBLOCK ? OWNER_OTHER : OWNER_UNKNOWN;
    return fstat(file, &status) == 0 && status.st_nlink > 0 ? OWNER_SELF : OWNER_OTHER;
}

/* Removes what a killed process has left there: what nobody holds. */
static void remove_left(int folder, const char *name)
{
    int file = openat(folder, name, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

    if (file < 0)
        return;
    if (lock(file) == OWNER_SELF)
        unlinkat(folder, name, 0);
    close(file);
}

/* The lock stays when the file is closed, which is where some file systems report failures. */
static int locked_copy(int file)
{
    return flock(file, LOCK_EX | LOCK_NB) == 0 ? fcntl(file, F_DUPFD_CLOEXEC, 0) : -1;
}

static void use_unique_name(struct directory_temporary *temporary)
{
    free(temporary->name);
    temporary->name = unique_name();
}

static int create(int folder, const char *name)
{
    return openat(folder, name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
}

/* Before it is locked another writer may take it for one that was left; then it has lost its name.
 */
static void open_named(struct directory_temporary *temporary)
{
    temporary->file = create(temporary->folder, temporary->name);
    if (temporary->file < 0 && errno == EEXIST) {
        remove_left(temporary->folder, temporary->name);
        temporary->file = create(temporary->folder, temporary->name);
    }
    if (temporary->file >= 0 && lock(temporary->file) == OWNER_OTHER) {
        close(temporary->file);
        temporary->file = -1;
        errno = EEXIST;
    }
    if (temporary->file < 0 && errno == EEXIST) {
        use_unique_name(temporary);
        temporary->file = create(temporary->folder, temporary->name);
    }
    temporary->named = temporary->file >= 0;
}

bool directory_temporary_open(struct directory_temporary *temporary, int folder, const char *final,
                              struct error *err)
{
    *temporary =
        (struct directory_temporary){ .lock = -1, .folder = folder, .name = name_for(final) };
    temporary->file = openat(folder, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0666);
    if (temporary->file < 0 && (errno == EOPNOTSUPP || errno == EISDIR))
        open_named(temporary);
    if (temporary->file < 0)
        return error_set_errno(err, ERROR_DENIED, errno, "make a file");
    temporary->lock = locked_copy(temporary->file);
    return true;
}

static bool give_name(const struct directory_temporary *temporary)
{
    char path[64];

    snprintf(path, sizeof(path), "/proc/self/fd/%d", temporary->file);
    return linkat(AT_FDCWD, path, temporary->folder, temporary->name, AT_SYMLINK_FOLLOW) == 0;
}

/* With the name of one that somebody else writes now, it gets another. */
static bool find_name(struct directory_temporary *temporary)
{
    if (give_name(temporary))
        return true;
    if (errno == EEXIST) {
        remove_left(temporary->folder, temporary->name);
        if (give_name(temporary))
            return true;
    }
    if (errno != EEXIST)
        return false;
    use_unique_name(temporary);
    return give_name(temporary);
}

bool directory_temporary_complete(struct directory_temporary *temporary, struct error *err)
{
    int file = temporary->file;

    if (!temporary->named && !find_name(temporary))
        return error_set_errno(err, ERROR_OBJECT, errno, "name a new file");
    temporary->named = true;
    temporary->file = -1;
    return close(file) == 0 || error_set_errno(err, ERROR_OBJECT, errno, "write");
}

void directory_temporary_close(struct directory_temporary *temporary)
{
    if (!temporary->name)
        return;
    if (temporary->file >= 0)
        close(temporary->file);
    if (temporary->named)
        unlinkat(temporary->folder, temporary->name, 0);
    if (temporary->lock >= 0)
        close(temporary->lock);
    free(temporary->name);
    *temporary = (struct directory_temporary){ .file = -1, .lock = -1 };
}
