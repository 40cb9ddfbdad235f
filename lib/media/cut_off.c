/* SPDX-License-Identifier: MIT */

/* Compares what containers say of their bytes with how many there are. */

#include "media/cut_off.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <libavutil/avstring.h>
#include <libavutil/intreadwrite.h>

#include "base/memory.h"

enum {
    RIFF_HEADER = 8,  /* which the size in it does not count */
    OGG_HEADER = 27,  /* and then the sizes of so many segments as its last byte says */
    OGG_PAGE = 65307, /* the largest one */
};

static bool fail(uint64_t size, uint64_t whole, struct error *err)
{
    return error_set(err, ERROR_MEDIA, "Media.DecodeError",
                     "the input is cut off: of at least %" PRIu64 " bytes it has %" PRIu64
                     " (--strict)",
                     whole, size);
}

/* libav has shortened the length by the same share already. */
static bool check_avi(const struct input *input, double tolerance_s, struct error *err)
{
    const struct reader *reader = &input->io->source;
    double length_s = (double)input->format->duration / AV_TIME_BASE;
    uint8_t header[RIFF_HEADER];
    uint64_t whole;
    size_t got;

    if (!reader_read(reader, 0, header, sizeof(header), &got, err))
        return false;
    if (got < sizeof(header) || AV_RL32(header) != MKTAG('R', 'I', 'F', 'F'))
        return true;
    /* Who writes to a pipe leaves one of these. */
    if (AV_RL32(header + 4) == 0 || AV_RL32(header + 4) == UINT32_MAX)
        return true;
    whole = (uint64_t)AV_RL32(header + 4) + RIFF_HEADER;
    return whole <= reader->size ||
           length_s * ((double)whole / (double)reader->size - 1) <= tolerance_s ||
           fail(reader->size, whole, err);
}

/* Where the page at bytes ends, as far as that can be seen from so many of them. */
static size_t page_size(const uint8_t *bytes, size_t count)
{
    size_t size = OGG_HEADER;
    size_t segments;

    if (count < OGG_HEADER)
        return size;
    segments = bytes[OGG_HEADER - 1];
    size += segments;
    for (size_t i = 0; i < segments && OGG_HEADER + i < count; i++)
        size += bytes[OGG_HEADER + i];
    return size;
}

static bool check_ogg(const struct input *input, struct error *err)
{
    static const char begin[] = "OggS";
    const struct reader *reader = &input->io->source;
    uint64_t from = reader->size > OGG_PAGE ? reader->size - OGG_PAGE : 0;
    uint8_t *tail = memory_new(OGG_PAGE, 1);
    size_t got = 0;
    bool ok = reader_read(reader, from, tail, OGG_PAGE, &got, err);

    for (size_t at = got; ok && at-- > 0;) {
        if (got - at < sizeof(begin) || memcmp(tail + at, begin, sizeof(begin)) != 0)
            continue;
        if (page_size(tail + at, got - at) > got - at)
            ok = fail(reader->size, from + at + page_size(tail + at, got - at), err);
        break;
    }
    free(tail);
    return ok;
}

bool cut_off_check(const struct input *input, double tolerance_s, struct error *err)
{
    const char *name = input->format->iformat->name;

    if (av_match_name("avi", name))
        return check_avi(input, tolerance_s, err);
    return !av_match_name("ogg", name) || check_ogg(input, err);
}
