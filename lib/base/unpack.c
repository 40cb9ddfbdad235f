/* SPDX-License-Identifier: MIT */

/* Unpacks gzip and Zstandard. The zlib and libzstd door. */

#include "base/unpack.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <zlib.h>
#include <zstd.h>

#include "base/memory.h"

enum {
    PIECE_SIZE = 64 * 1024,
    GZIP_WINDOW = 15 + 16, /* zlib.h: the largest window, and gzip only */
    ZSTD_WINDOW_LOG = 27,  /* 128 MiB, what zstd itself accepts; a frame may ask for more */
};

enum packing { PACKING_UNKNOWN, PACKING_NONE, PACKING_GZIP, PACKING_ZSTD };

struct unpack {
    const struct spool *from;
    uint64_t offset; /* of what comes after the piece */
    enum packing packing;
    bool inside; /* a packed stream is begun and not ended */
    z_stream gzip;
    ZSTD_DStream *zstd; /* owned; NULL when it is not Zstandard */
    size_t at;          /* in the piece */
    size_t size;
    char piece[PIECE_SIZE];
};

struct unpack *unpack_new(const struct spool *from)
{
    struct unpack *unpack = memory_new(1, sizeof(*unpack));

    unpack->from = from;
    return unpack;
}

void unpack_free(struct unpack *unpack)
{
    if (!unpack)
        return;
    if (unpack->packing == PACKING_GZIP)
        inflateEnd(&unpack->gzip);
    ZSTD_freeDStream(unpack->zstd);
    free(unpack);
}

static bool fill(struct unpack *unpack, struct error *err)
{
    if (unpack->at < unpack->size)
        return true;
    unpack->at = 0;
    if (!spool_read(unpack->from, unpack->offset, unpack->piece, sizeof(unpack->piece),
                    &unpack->size, err))
        return false;
    unpack->offset += unpack->size;
    return true;
}

static bool refuse_start(struct error *err)
{
    return error_set(err, ERROR_LOCAL, "Avmap.MemoryLimit", "no memory to unpack");
}

/* Looks at the first bytes and sets up what they need. */
static bool begin(struct unpack *unpack, struct error *err)
{
    static const char gzip_magic[] = { '\x1f', '\x8b' };
    static const char zstd_magic[] = { '\x28', '\xb5', '\x2f', '\xfd' };

    if (!fill(unpack, err))
        return false;
    unpack->packing = PACKING_NONE;
    if (unpack->size >= sizeof(gzip_magic) &&
        memcmp(unpack->piece, gzip_magic, sizeof(gzip_magic)) == 0) {
        if (inflateInit2(&unpack->gzip, GZIP_WINDOW) != Z_OK)
            return refuse_start(err);
        unpack->packing = PACKING_GZIP;
    } else if (unpack->size >= sizeof(zstd_magic) &&
               memcmp(unpack->piece, zstd_magic, sizeof(zstd_magic)) == 0) {
        unpack->zstd = ZSTD_createDStream();
        if (!unpack->zstd || ZSTD_isError(ZSTD_DCtx_setParameter(unpack->zstd, ZSTD_d_windowLogMax,
                                                                 ZSTD_WINDOW_LOG)))
            return refuse_start(err);
        unpack->packing = PACKING_ZSTD;
    }
    return true;
}

static bool refuse(struct error *err, const char *what, const char *reason)
{
    return error_set(err, ERROR_OBJECT, "Avmap.BadArchive", "cannot be unpacked: %s: %s", what,
                     reason);
}

/* One step; *got may be 0 when more input is needed. */
static bool step_gzip(struct unpack *unpack, void *bytes, size_t size, size_t *got,
                      struct error *err)
{
    z_stream *gzip = &unpack->gzip;
    int result;

    gzip->next_in = (Bytef *)unpack->piece + unpack->at;
    gzip->avail_in = (uInt)(unpack->size - unpack->at);
    gzip->next_out = bytes;
    gzip->avail_out = (uInt)(size < PIECE_SIZE ? size : PIECE_SIZE);
    unpack->inside = true;
    result = inflate(gzip, Z_NO_FLUSH);
    unpack->at = unpack->size - gzip->avail_in;
    *got = (size_t)((char *)gzip->next_out - (char *)bytes);
    if (result == Z_STREAM_END) {
        unpack->inside = false;
        if (inflateReset(gzip) != Z_OK)
            return refuse(err, "gzip", "it cannot go on");
        return true;
    }
    if (result == Z_OK || result == Z_BUF_ERROR)
        return true;
    return refuse(err, "gzip", gzip->msg ? gzip->msg : "damaged");
}

static bool step_zstd(struct unpack *unpack, void *bytes, size_t size, size_t *got,
                      struct error *err)
{
    ZSTD_inBuffer in = { unpack->piece, unpack->size, unpack->at };
    ZSTD_outBuffer out = { bytes, size, 0 };
    size_t result = ZSTD_decompressStream(unpack->zstd, &out, &in);

    if (ZSTD_isError(result))
        return refuse(err, "Zstandard", ZSTD_getErrorName(result));
    unpack->inside = result != 0;
    unpack->at = in.pos;
    *got = out.pos;
    return true;
}

static bool step_plain(struct unpack *unpack, void *bytes, size_t size, size_t *got)
{
    size_t left = unpack->size - unpack->at;

    *got = size < left ? size : left;
    memcpy(bytes, unpack->piece + unpack->at, *got);
    unpack->at += *got;
    return true;
}

bool unpack_read(struct unpack *unpack, void *bytes, size_t size, size_t *got, struct error *err)
{
    bool ok = true;

    *got = 0;
    if (unpack->packing == PACKING_UNKNOWN && !begin(unpack, err))
        return false;
    while (ok && *got == 0) {
        bool ended;

        if (!fill(unpack, err))
            return false;
        ended = unpack->size == 0;
        if (ended && !unpack->inside)
            return true;
        if (unpack->packing == PACKING_GZIP)
            ok = step_gzip(unpack, bytes, size, got, err);
        else if (unpack->packing == PACKING_ZSTD)
            ok = step_zstd(unpack, bytes, size, got, err);
        else
            ok = step_plain(unpack, bytes, size, got);
        if (ok && ended && unpack->inside && *got == 0)
            return refuse(err, unpack->packing == PACKING_GZIP ? "gzip" : "Zstandard",
                          "it is cut off");
    }
    return ok;
}
