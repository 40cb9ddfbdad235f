/* SPDX-License-Identifier: MIT */

/* A depth-first walk with one sorted list of names per level. */

#include "directory/directory_listing.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/log.h"
#include "base/memory.h"
#include "directory/directory_path.h"

/* One folder on the way down; its names are sorted and used up from next on. */
struct level {
    dev_t device;
    ino_t number;
    size_t key_length;
    char **names;
    size_t count;
    size_t next;
};

/*
 * Only the folder at the bottom is open, so the depth of a tree is not limited by descriptors. The
 * way up is "..", which may lead elsewhere when somebody moves folders: therefore the numbers.
 */
struct directory_listing {
    int folder;        /* owned; of the last level */
    struct buffer key; /* of the last level: "" for the root, else ends in "/" */
    struct level *levels;
    size_t depth;
    bool started;
    int root;
    char *skip_folder; /* owned; may be NULL */
};

struct directory_listing *directory_listing_open(int root, const char *skip_folder)
{
    struct directory_listing *listing = memory_new(1, sizeof(*listing));

    listing->folder = -1;
    buffer_init(&listing->key, SIZE_MAX);
    listing->root = root;
    listing->skip_folder = memory_copy_text(skip_folder);
    return listing;
}

static void level_release(struct level *level)
{
    for (size_t i = level->next; i < level->count; i++)
        free(level->names[i]);
    free(level->names);
}

static int compare_names(const void *one, const void *other)
{
    return strcmp(*(char *const *)one, *(char *const *)other);
}

static int open_folder(int parent, const char *name)
{
    return openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

/* Reads all names of folder, through a descriptor of its own as it has its own position. */
static bool read_names(int folder, struct level *level)
{
    int descriptor = open_folder(folder, ".");
    DIR *stream = descriptor < 0 ? NULL : fdopendir(descriptor);
    size_t capacity = 0;
    struct dirent *entry;
    int failure;

    if (!stream) {
        if (descriptor >= 0)
            close(descriptor);
        return false;
    }
    errno = 0;
    while ((entry = readdir(stream))) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        if (level->count == capacity) {
            capacity = capacity ? capacity * 2 : 64;
            level->names = memory_grow(level->names, capacity, sizeof(*level->names));
        }
        level->names[level->count++] = memory_copy_text(entry->d_name);
        errno = 0;
    }
    failure = errno;
    closedir(stream);
    errno = failure;
    if (level->count > 1)
        qsort(level->names, level->count, sizeof(*level->names), compare_names);
    return failure == 0;
}

/* Goes into folder, which it takes whatever happens; after a failure the listing is where it was.
 */
static bool enter(struct directory_listing *listing, int folder, const char *key, struct error *err)
{
    struct level level = { .key_length = strlen(key) };
    struct stat status;

    if (fstat(folder, &status) < 0 || !read_names(folder, &level)) {
        error_set_errno(err, ERROR_OBJECT, errno, "read folder %s", key);
        level_release(&level);
        close(folder);
        return false;
    }
    level.device = status.st_dev;
    level.number = status.st_ino;
    if (listing->folder >= 0)
        close(listing->folder);
    listing->folder = folder;
    buffer_clear(&listing->key);
    (void)buffer_append_text(&listing->key, key); /* cannot fail without a limit */
    listing->levels = memory_grow(listing->levels, listing->depth + 1, sizeof(*listing->levels));
    listing->levels[listing->depth++] = level;
    return true;
}

static void release_levels(struct directory_listing *listing)
{
    while (listing->depth > 0)
        level_release(&listing->levels[--listing->depth]);
}

/* Opens the folder above, unless that is not the one we came from. */
static bool go_up(struct directory_listing *listing, const struct level *above, struct error *err)
{
    int folder = open_folder(listing->folder, "..");
    struct stat status;

    close(listing->folder);
    listing->folder = folder;
    if (folder < 0 || fstat(folder, &status) < 0)
        return error_set_errno(err, ERROR_OBJECT, errno, "leave folder %s", listing->key.bytes);
    if (status.st_dev != above->device || status.st_ino != above->number)
        return error_set(err, ERROR_OBJECT, "File.Changed",
                         "folder %s was moved while it was listed", listing->key.bytes);
    return true;
}

/* A failure ends the listing, as there is no way back to the folders above. */
static bool leave(struct directory_listing *listing, struct error *err)
{
    const struct level *above;

    level_release(&listing->levels[--listing->depth]);
    if (listing->depth == 0)
        return true;
    above = &listing->levels[listing->depth - 1];
    if (!go_up(listing, above, err)) {
        release_levels(listing);
        return false;
    }
    listing->key.size = above->key_length;
    listing->key.bytes[above->key_length] = '\0';
    return true;
}

static bool is_skipped(const struct directory_listing *listing, const char *key)
{
    size_t length = listing->skip_folder ? strlen(listing->skip_folder) : 0;

    return length && strncmp(key, listing->skip_folder, length) == 0 &&
           strcmp(key + length, "/") == 0;
}

/* A folder that went away, or is something else now, holds nothing any more. */
static bool enter_below(struct directory_listing *listing, const char *name, struct error *err)
{
    char *key = memory_format("%s%s/", listing->key.bytes, name);
    bool ok = true;

    if (!is_skipped(listing, key)) {
        int folder = open_folder(listing->folder, name);

        if (folder >= 0)
            ok = enter(listing, folder, key, err);
        else if (errno != ENOENT && errno != ENOTDIR && errno != ELOOP)
            ok = error_set_errno(err, ERROR_OBJECT, errno, "open folder %s", key);
    }
    free(key);
    return ok;
}

static void fill_object(struct object *object, const char *folder, const char *name,
                        const struct stat *status)
{
    *object = (struct object){
        .key = memory_format("%s%s", folder, name),
        .size = (uint64_t)status->st_size,
        .modified_ms = (int64_t)status->st_mtim.tv_sec * 1000 + status->st_mtim.tv_nsec / 1000000,
    };
}

static bool is_temporary(const char *name)
{
    return strncmp(name, DIRECTORY_TEMPORARY_PREFIX, strlen(DIRECTORY_TEMPORARY_PREFIX)) == 0;
}

/* One name of the last level: fills object when it is a file, goes down when it is a folder. */
static bool visit(struct directory_listing *listing, const char *name, struct object *object,
                  bool *found, struct error *err)
{
    const char *folder = listing->key.bytes;
    struct stat status;

    if (fstatat(listing->folder, name, &status, AT_SYMLINK_NOFOLLOW) < 0) {
        if (errno == ENOENT)
            return true; /* it went away since the folder was read */
        return error_set_errno(err, ERROR_OBJECT, errno, "look at %s%s", folder, name);
    }
    if (S_ISDIR(status.st_mode))
        return enter_below(listing, name, err);
    if (S_ISREG(status.st_mode) && !is_temporary(name)) {
        fill_object(object, folder, name, &status);
        *found = true;
    } else {
        log_debug("%s%s is %s and was passed over", folder, name,
                  S_ISREG(status.st_mode) ? "a temporary file of avmap" : "no regular file");
    }
    return true;
}

bool directory_listing_next(struct directory_listing *listing, struct object *object, bool *found,
                            struct error *err)
{
    *found = false;
    if (!listing->started) {
        int root = open_folder(listing->root, ".");

        listing->started = true;
        if (root < 0)
            return error_set_errno(err, ERROR_LOCAL, errno, "open the folder");
        if (!enter(listing, root, "", err))
            return false;
    }
    while (listing->depth > 0 && !*found) {
        struct level *level = &listing->levels[listing->depth - 1];
        char *name;
        bool ok;

        if (level->next == level->count) {
            if (!leave(listing, err))
                return false;
            continue;
        }
        name = level->names[level->next++];
        ok = visit(listing, name, object, found, err);
        free(name);
        if (!ok)
            return false;
    }
    return true;
}

void directory_listing_close(struct directory_listing *listing)
{
    if (!listing)
        return;
    release_levels(listing);
    if (listing->folder >= 0)
        close(listing->folder);
    free(listing->levels);
    buffer_release(&listing->key);
    free(listing->skip_folder);
    free(listing);
}
