/* SPDX-License-Identifier: MIT */

/* Opens what demuxers name. */

#include "media/input_others.h"

#include <stdlib.h>
#include <string.h>

#include <libavutil/mem.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "media/recipe_fields.h"
#include "media/recipe_names.h"
#include "media/spool_key.h"

enum {
    FILES_MAX = 100000,   /* of one item, over its whole time */
    PLAYLISTS_MAX = 1000, /* of these; one that names itself is a new one each time */
    OPEN_MAX = 200,       /* at once */
};

struct other_file {
    struct spool spool;
    struct spool_io *io; /* owned */
    struct other_file *next;
};

struct input_others {
    const struct input_fetcher *fetcher;
    struct spool playlist;   /* the input itself, with its end marked */
    struct other_file *open; /* owned */
    unsigned open_count;
    unsigned count;
    unsigned playlist_count;
    AVIOInterruptCB interrupt;
    char *own_url; /* owned; what the input itself may be opened by once more; NULL: nothing */
    struct reader own;
    struct error failure; /* the first one */
};

struct input_others *input_others_new(const struct input_fetcher *fetcher)
{
    struct input_others *others = memory_new(1, sizeof(*others));

    others->fetcher = fetcher;
    if (fetcher)
        spool_init(&others->playlist, fetcher->budget);
    return others;
}

static void close_first(struct input_others *others, struct other_file **at)
{
    struct other_file *file = *at;

    *at = file->next;
    others->open_count--;
    spool_io_close(file->io);
    spool_release(&file->spool);
    free(file);
}

void input_others_free(struct input_others *others)
{
    if (!others)
        return;
    while (others->open)
        close_first(others, &others->open);
    spool_release(&others->playlist);
    free(others->own_url);
    free(others);
}

static bool end_playlist(struct spool *spool, bool *is_one, struct error *err)
{
    static const char begin[] = "#EXTM3U";
    static const char end[] = "\n#EXT-X-ENDLIST\n";
    char first[sizeof(begin)] = "";
    size_t got;

    if (!spool_read(spool, 0, first, strlen(begin), &got, err))
        return false;
    *is_one = strcmp(first, begin) == 0;
    return !*is_one || spool_write(spool, spool->size, end, strlen(end), err);
}

struct spool_io *input_others_end_playlist(struct input_others *others,
                                           const struct reader *playlist, struct error *err)
{
    struct spool_io *io;
    char piece[16 * 1024];
    bool is_one;
    size_t got;

    for (uint64_t offset = 0; offset < playlist->size; offset += got) {
        if (!reader_read(playlist, offset, piece, sizeof(piece), &got, err) ||
            !spool_write(&others->playlist, offset, piece, got, err))
            return NULL;
        if (got == 0)
            break;
    }
    if (!end_playlist(&others->playlist, &is_one, err))
        return NULL;
    io = spool_io_read(reader_of_spool(&others->playlist));
    if (!io)
        error_set(err, ERROR_LOCAL, "Avmap.MemoryLimit", "no memory for an input");
    return io;
}

char *input_others_url(const char *key)
{
    return memory_format("./%s", key);
}

void input_others_offer(struct input_others *others, const char *url, const struct reader *own)
{
    free(others->own_url);
    others->own_url = memory_copy_text(url);
    others->own = *own;
}

static int fail(struct input_others *others, const struct error *failure)
{
    if (others->failure.kind == ERROR_NONE)
        others->failure = *failure;
    return AVERROR(EPERM);
}

static int refuse(struct input_others *others, const char *url, const char *why)
{
    struct error failure;

    error_set(&failure, ERROR_MEDIA, "Media.OpensOtherFiles", "not opening %s: %s", url, why);
    return fail(others, &failure);
}

/* Takes the last folder off; false: there is none. */
static bool go_up(struct buffer *key)
{
    size_t size = key->size;

    if (size == 0)
        return false;
    while (size > 0 && key->bytes[size - 1] != '/')
        size--;
    key->size = size > 0 ? size - 1 : 0;
    key->bytes[key->size] = '\0';
    return true;
}

/* The key without "." and ".." in it, or NULL when it leads out of the top. For the caller to free.
 */
static char *resolve(const char *url)
{
    struct buffer key;

    buffer_init(&key, SIZE_MAX);
    for (const char *part = url; part; part = strchr(part, '/')) {
        size_t length;

        part += *part == '/';
        length = strcspn(part, "/");
        if (length == 0 || (length == 1 && part[0] == '.'))
            continue;
        if (length == 2 && part[0] == '.' && part[1] == '.') {
            if (go_up(&key))
                continue;
            buffer_release(&key);
            return NULL;
        }
        buffer_append_text(&key, key.size > 0 ? "/" : "");
        buffer_append(&key, part, length);
    }
    return buffer_take(&key);
}

/* The key that url means, for the caller to free; NULL: it may not be opened. */
static char *key_of(struct input_others *others, const char *url)
{
    const char *name = url;
    char *key;

    if (strncmp(name, "crypto:", 7) == 0 || strncmp(name, "crypto+", 7) == 0)
        name += 7;
    if (*name == '/' || recipe_name_has_scheme(name)) {
        refuse(others, url, "only names relative to the input are followed");
        return NULL;
    }
    key = resolve(name);
    if (!key)
        refuse(others, url, "it is not below the source");
    return key;
}

/* Gives what reads from source to libav, which closes it by close_other. Takes file. */
static int give(struct input_others *others, AVIOContext **io, struct other_file *file,
                struct reader source)
{
    file->next = others->open;
    others->open = file;
    others->open_count++;
    file->io = spool_io_read(source);
    if (!file->io) {
        close_first(others, &others->open);
        return AVERROR(ENOMEM);
    }
    file->io->interrupt = others->interrupt;
    *io = file->io->context;
    return 0;
}

static int open_key(struct input_others *others, AVIOContext **io, const char *key,
                    const AVDictionary *options)
{
    struct other_file *file = memory_new(1, sizeof(*file));
    struct spool_key secret = { .given = false };
    struct error failure;
    bool is_playlist = false;

    spool_init(&file->spool, others->fetcher->budget);
    spool_key_of_reader(&secret, options);
    if (!others->fetcher->fetch(others->fetcher->opaque, key, &file->spool, &failure) ||
        !spool_key_decrypt(&secret, &file->spool, &failure) ||
        !end_playlist(&file->spool, &is_playlist, &failure)) {
        error_prefix(&failure, "open %s, which the input names", key);
        spool_release(&file->spool);
        free(file);
        return fail(others, &failure);
    }
    others->playlist_count += is_playlist;
    return give(others, io, file, reader_of_spool(&file->spool));
}

static int open_other(AVFormatContext *format, AVIOContext **io, const char *url, int flags,
                      AVDictionary **options)
{
    struct input_others *others = format->opaque;
    char *key;
    int status;

    *io = NULL;
    if (others && others->own_url && strcmp(url, others->own_url) == 0)
        return give(others, io, memory_new(1, sizeof(struct other_file)), others->own);
    if (!others || !others->fetcher) {
        av_log(format, AV_LOG_ERROR, "not opening %s: inputs may not name other files\n", url);
        return AVERROR(EPERM);
    }
    if ((flags & AVIO_FLAG_READ_WRITE) != AVIO_FLAG_READ)
        return refuse(others, url, "inputs do not write");
    /* The item has failed, so nothing more is fetched for it. */
    if (others->failure.kind != ERROR_NONE)
        return AVERROR(EPERM);
    if (others->interrupt.callback && others->interrupt.callback(others->interrupt.opaque))
        return AVERROR_EXIT;
    if (others->open_count == OPEN_MAX || ++others->count > FILES_MAX ||
        others->playlist_count == PLAYLISTS_MAX)
        return refuse(others, url, "the input names too many files");
    key = key_of(others, url);
    if (!key)
        return AVERROR(EPERM);
    status = open_key(others, io, key, options ? *options : NULL);
    free(key);
    return status;
}

static int close_other(AVFormatContext *format, AVIOContext *io)
{
    struct input_others *others = format->opaque;
    struct other_file **at = &others->open;
    struct error failure;

    while (*at && (*at)->io->context != io)
        at = &(*at)->next;
    if (!*at)
        return AVERROR(EINVAL);
    if (spool_io_failed((*at)->io, &failure))
        fail(others, &failure);
    close_first(others, at);
    return 0;
}

/* The other inputs of a script are of any format that is harmless, or allowed as well. */
static char *allowed_formats(const struct recipe *recipe)
{
    const AVInputFormat *demuxer;
    struct buffer names;
    void *state = NULL;

    buffer_init(&names, SIZE_MAX);
    while ((demuxer = av_demuxer_iterate(&state))) {
        if (!recipe_may_open(recipe, demuxer))
            continue;
        buffer_append_text(&names, names.size > 0 ? "," : "");
        buffer_append_text(&names, demuxer->name);
    }
    return buffer_take(&names);
}

bool input_others_attach(struct input_others *others, AVFormatContext *format,
                         const struct recipe *recipe, struct error *err)
{
    char *names;

    others->interrupt = format->interrupt_callback;
    format->opaque = others;
    format->io_open = open_other;
    format->io_close2 = close_other;
    if (!others->fetcher)
        return true;
    names = allowed_formats(recipe);
    format->format_whitelist = av_strdup(names);
    free(names);
    return format->format_whitelist ||
           error_set(err, ERROR_LOCAL, "Avmap.MemoryLimit", "no memory for an input");
}

bool input_others_failed(const struct input_others *others, struct error *err)
{
    if (!others || others->failure.kind == ERROR_NONE)
        return false;
    *err = others->failure;
    return true;
}
