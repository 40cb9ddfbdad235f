/* SPDX-License-Identifier: MIT */

/* Opens files of a result for its muxer. */

#include "media/output_files.h"

#include <stdlib.h>
#include <string.h>

#include <libavutil/mem.h>

#include "base/memory.h"
#include "media/key_files.h"
#include "media/recipe_fields.h"
#include "media/recipe_names.h"
#include "media/spool_io.h"
#include "media/spool_key.h"

/* A name that can never exist (RFC 2606). */
#define BASE "http://result.invalid/"

static const char crypto[] = "crypto:";

/* The bytes of a file that is open at least once; as on a disk all its writers share them. */
struct open_bytes {
    char *name; /* owned; NULL: it is not kept */
    struct spool spool;
    struct spool_key key;
    unsigned users;
};

struct open_file {
    struct open_bytes *bytes;
    struct writer writer;
    struct spool_io *io; /* owned */
    struct open_file *next;
};

struct output_files {
    const struct recipe *recipe;
    const char *source;
    struct file_set *set;
    uint64_t size_limit;
    struct open_file *open; /* owned */
    struct key_files keys;
    struct error failure; /* the first one */
};

struct output_files *output_files_new(const struct output_files_request *request)
{
    struct output_files *files = memory_new(1, sizeof(*files));

    files->recipe = request->recipe;
    files->source = request->source;
    files->set = request->set;
    files->size_limit = request->size_limit;
    key_files_init(&files->keys, request->recipe);
    return files;
}

static void free_file(struct open_file *file)
{
    spool_io_close(file->io);
    if (--file->bytes->users == 0) {
        spool_release(&file->bytes->spool);
        free(file->bytes->name);
        free(file->bytes);
    }
    free(file);
}

void output_files_free(struct output_files *files)
{
    if (!files)
        return;
    while (files->open) {
        struct open_file *next = files->open->next;

        free_file(files->open);
        files->open = next;
    }
    key_files_release(&files->keys);
    free(files);
}

char *output_files_url(const char *name)
{
    const char *slash = strrchr(name, '/');

    return memory_format(BASE "%s", slash ? slash + 1 : name);
}

static bool fail(struct output_files *files, const struct error *failure)
{
    if (files->failure.kind == ERROR_NONE)
        files->failure = *failure;
    return false;
}

/*
 * The name within the set, borrowed from url, or NULL when it may not be opened. Some muxers take
 * that for granted and go on, so it is remembered.
 */
static const char *name_in_set(struct output_files *files, const char *url)
{
    const char *name = url;
    const char *problem;
    struct error failure;

    if (strncmp(name, crypto, strlen(crypto)) == 0)
        name += strlen(crypto);
    if (strncmp(name, BASE, strlen(BASE)) == 0)
        name += strlen(BASE);
    problem = recipe_name_problem(name);
    if (!problem)
        return name;
    error_set(&failure, ERROR_MEDIA, "Media.BadFileName",
              "the result would have a file called %s: %s", name, problem);
    fail(files, &failure);
    return NULL;
}

static struct open_bytes *find_open(const struct output_files *files, const char *name)
{
    for (const struct open_file *file = files->open; name && file; file = file->next) {
        if (file->bytes->name && strcmp(file->bytes->name, name) == 0)
            return file->bytes;
    }
    return NULL;
}

/* Opens what is open as name already, or else something new, which is kept under name or not. */
static struct spool *add_file(struct output_files *files, const char *name)
{
    struct open_file *file = memory_new(1, sizeof(*file));

    file->bytes = find_open(files, name);
    if (!file->bytes) {
        file->bytes = memory_new(1, sizeof(*file->bytes));
        file->bytes->name = name ? memory_copy_text(name) : NULL;
        spool_init(&file->bytes->spool, files->set->pack.budget);
    }
    file->bytes->users++;
    file->next = files->open;
    files->open = file;
    return &file->bytes->spool;
}

static void drop_first(struct output_files *files)
{
    struct open_file *file = files->open;

    files->open = file->next;
    free_file(file);
}

static int give(struct output_files *files, struct spool_io *io, AVIOContext **context)
{
    if (!io) {
        drop_first(files);
        return AVERROR(ENOMEM);
    }
    files->open->io = io;
    *context = io->context;
    return 0;
}

static int open_to_write(struct output_files *files, AVIOContext **io, const char *name,
                         const AVDictionary *options)
{
    struct spool *spool = add_file(files, name);
    struct spool_io *writer;

    spool_clear(spool);
    spool_key_of_writer(&files->open->bytes->key, options);
    files->open->writer = writer_of_spool(spool);
    writer = spool_io_write(&files->open->writer);
    if (writer) {
        writer->size_limit = files->size_limit;
        writer->size_elsewhere = files->set->size;
    }
    return give(files, writer, io);
}

static int fail_to_read(struct output_files *files, const struct error *failure)
{
    fail(files, failure);
    drop_first(files);
    return AVERROR(EIO);
}

/* Muxers read again what they have written: to move its index, or a playlist of theirs. */
static int open_to_read(struct output_files *files, AVIOContext **io, const char *name)
{
    bool is_open = find_open(files, name) != NULL;
    int index = file_set_find(files->set, name);
    struct spool *spool;
    struct error failure;

    if (!is_open && index == FILE_SET_NONE)
        return AVERROR(ENOENT);
    spool = add_file(files, is_open ? name : NULL);
    if (!is_open && !file_set_read(files->set, (unsigned)index, spool, &failure))
        return fail_to_read(files, &failure);
    return give(files, spool_io_read(reader_of_spool(spool)), io);
}

static int open_key(struct output_files *files, AVIOContext **io, const char *url)
{
    struct spool *spool = add_file(files, NULL);
    struct error failure;

    if (!key_files_read(&files->keys, url, spool, &failure))
        return fail_to_read(files, &failure);
    return give(files, spool_io_read(reader_of_spool(spool)), io);
}

/* How the muxer deletes what it would delete from a web server. */
static bool deletes(const AVDictionary *options)
{
    const AVDictionaryEntry *method = av_dict_get(options, "method", NULL, 0);

    return method && strcmp(method->value, "DELETE") == 0;
}

static int open_file(AVFormatContext *format, AVIOContext **io, const char *url, int flags,
                     AVDictionary **given)
{
    struct output_files *files = format->opaque;
    const AVDictionary *options = given ? *given : NULL;
    bool reads = (flags & AVIO_FLAG_READ_WRITE) != AVIO_FLAG_WRITE;
    const char *name;
    int index;

    *io = NULL;
    if (reads && key_files_has(&files->keys, url))
        return open_key(files, io, url);
    name = name_in_set(files, url);
    if (!name || (flags & AVIO_FLAG_READ_WRITE) == AVIO_FLAG_READ_WRITE)
        return AVERROR(EPERM);
    if (reads)
        return open_to_read(files, io, name);
    if (!deletes(options))
        return open_to_write(files, io, name, options);
    index = file_set_find(files->set, name);
    if (index != FILE_SET_NONE)
        file_set_remove(files->set, (unsigned)index);
    return open_to_write(files, io, NULL, NULL);
}

/* The last one who closes a file keeps it. */
static bool keep(struct output_files *files, struct open_file *file)
{
    struct open_bytes *bytes = file->bytes;
    struct error failure;

    avio_flush(file->io->context);
    if (file->io->failure.kind != ERROR_NONE)
        return fail(files, &file->io->failure);
    if (!bytes->name || bytes->users > 1)
        return true;
    return (spool_key_encrypt(&bytes->key, &bytes->spool, &failure) &&
            file_set_keep(files->set, bytes->name, &bytes->spool, &failure)) ||
           fail(files, &failure);
}

static int close_file(AVFormatContext *format, AVIOContext *io)
{
    struct output_files *files = format->opaque;
    struct open_file **at = &files->open;
    struct open_file *file;
    bool ok;

    while (*at && (*at)->io->context != io)
        at = &(*at)->next;
    file = *at;
    if (!file)
        return AVERROR(EINVAL);
    ok = keep(files, file);
    *at = file->next;
    free_file(file);
    return ok ? 0 : AVERROR(EIO);
}

static void adapt(const struct output_files *files, AVDictionary **options)
{
    for (size_t i = 0; recipe_name_options[i].name; i++) {
        const struct recipe_name_option *option = &recipe_name_options[i];
        const AVDictionaryEntry *entry = av_dict_get(*options, option->name, NULL, 0);
        char *name;
        char *value;

        if (!entry)
            continue;
        name = recipe_expand_stem(entry->value, files->source, option->numbers);
        value = memory_format("%s%s", option->is_whole ? BASE : "", name);
        av_dict_set(options, option->name, value, 0);
        free(value);
        free(name);
    }
    /* A result appears as a whole anyway, and libav would rename files of the working folder. */
    if (av_dict_get(*options, "atomic_writing", NULL, 0))
        av_dict_set(options, "atomic_writing", "0", 0);
}

/* Whatever the muxer opens past these two would be a file or address of its own choice. */
void output_files_attach(struct output_files *files, AVFormatContext *format,
                         AVDictionary **options)
{
    format->opaque = files;
    format->io_open = open_file;
    format->io_close2 = close_file;
    format->protocol_whitelist = av_strdup("none");
    adapt(files, options);
}

bool output_files_failed(const struct output_files *files, struct error *err)
{
    if (!files)
        return false;
    for (const struct open_file *file = files->open; file; file = file->next) {
        if (spool_io_failed(file->io, err))
            return true;
    }
    if (files->failure.kind == ERROR_NONE)
        return false;
    *err = files->failure;
    return true;
}
