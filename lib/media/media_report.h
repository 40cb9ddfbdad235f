/* SPDX-License-Identifier: MIT */

/*
 * What was found in an input and made of it, for the item's record.
 * Threads: confined.
 */

#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "media/measurements.h"

struct media_stream {
    char type[16];  /* "audio", "video", "subtitle", "data", "attachment" */
    char codec[32]; /* "mp3" */
    char sample_format[16];
    char layout[64];              /* "stereo"; audio only */
    int sample_rate;              /* Hz; audio only */
    int channels;                 /* audio only */
    int width, height;            /* pixels; video only */
    int64_t bit_rate;             /* bits per second; 0: not known */
    int64_t samples;              /* audio result only: samples per channel that were written */
    uint64_t packets;             /* read from the input, or written to the output */
    struct measurements measured; /* audio result only, where that was asked for */
};

struct media_container {
    char format[64];     /* "mov,mp4,m4a,3gp,3g2,mj2" */
    int64_t duration_us; /* as the container says (input), as written (output); -1: not known */
    struct media_stream *streams; /* owned */
    unsigned stream_count;
};

enum { MEDIA_QUALITY_SSIM = 1, MEDIA_QUALITY_PSNR = 2, MEDIA_QUALITY_VMAF = 4 };

/* How much the pictures differ from the source's. */
struct media_quality {
    bool asked;
    unsigned metrics; /* which of these are known */
    double ssim;      /* 0 to 1; over all planes */
    double psnr;      /* dB; infinite when nothing differs */
    double vmaf;      /* 0 to 100 */
    char reason[256]; /* why nothing could be compared, or "" */
};

struct media_report {
    struct media_container input; /* the first one */
    struct media_container output;
    uint64_t decode_errors; /* what ffmpeg counts for its error rate */
    struct media_quality quality;
    char warning[256]; /* why a success may be shorter than its input; "" when all is well */
};

/* Zeroed memory is an empty report. */
void media_report_release(struct media_report *report);
