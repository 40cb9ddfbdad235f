/* SPDX-License-Identifier: MIT */

/* Knows which muxers may be sent on while they write. */

#include "media/muxer_order.h"

#include <stddef.h>
#include <string.h>

#include <libavutil/dict.h>

static const char *const forward[] = {
    /* Nothing but packets, one behind the other. */
    "ac3",
    "adts",
    "alaw",
    "amr",
    "aptx",
    "aptx_hd",
    "data",
    "dts",
    "eac3",
    "f32be",
    "f32le",
    "f64be",
    "f64le",
    "g722",
    "gsm",
    "h261",
    "h263",
    "h264",
    "hevc",
    "latm",
    "m4v",
    "mjpeg",
    "mlp",
    "mp2",
    "mpeg1video",
    "mpeg2video",
    "mulaw",
    "obu",
    "rawvideo",
    "s16be",
    "s16le",
    "s24be",
    "s24le",
    "s32be",
    "s32le",
    "s8",
    "sbc",
    "spdif",
    "truehd",
    "u16be",
    "u16le",
    "u24be",
    "u24le",
    "u32be",
    "u32le",
    "u8",
    "vc1",
    "yuv4mpegpipe",
    /* Packs and pages that are complete when they are written. */
    "dvd",
    "mpeg",
    "mpegts",
    "oga",
    "ogg",
    "ogv",
    "opus",
    "spx",
    "svcd",
    "vcd",
    "vob",
    /* Sizes and counts in the header are set at the end; what else comes then is appended. */
    "aiff",
    "au",
    "caf",
    "flv",
    "ivf",
    "sox",
    "w64",
    "wav",
    "wv",
    /* STREAMINFO, the Xing frame; pictures stand before the sound. */
    "flac",
    "mp3",
    /* Clusters are complete; at the end come the cues, then sizes, duration and tags before them.
     */
    "matroska",
    "webm",
    /* The size of mdat stands before it, moov comes last; fragments are small. */
    "3g2",
    "3gp",
    "f4v",
    "ipod",
    "ismv",
    "mov",
    "mp4",
    "psp",
};

/* With these a muxer moves what it has written, or leaves room that may lie anywhere. */
static const struct {
    const char *name;
    const char *flag; /* NULL: whatever the value */
} backward[] = {
    { "movflags", "faststart" },          { "movflags", "global_sidx" },
    { "movflags", "hybrid_fragmented" },  { "moov_size", NULL },
    { "flvflags", "add_keyframe_index" }, { "cues_to_front", NULL },
};

bool muxer_order_is_forward(const AVOutputFormat *muxer, const AVDictionary *options)
{
    bool known = false;

    for (size_t i = 0; i < sizeof(forward) / sizeof(forward[0]); i++)
        known |= strcmp(muxer->name, forward[i]) == 0;
    for (size_t i = 0; i < sizeof(backward) / sizeof(backward[0]); i++) {
        const AVDictionaryEntry *entry = av_dict_get(options, backward[i].name, NULL, 0);

        if (entry && (!backward[i].flag || strstr(entry->value, backward[i].flag)))
            return false;
    }
    return known;
}
