/* SPDX-License-Identifier: MIT */

/*
 * Packets to frames for one stream, drained at the end, with the times ffmpeg gives the frames.
 * Threads: confined.
 */

#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <libavcodec/avcodec.h>
#include <libavutil/frame.h>

#include "base/error.h"
#include "media/decoder_delay.h"
#include "media/frame_memory.h"
#include "media/input.h"

struct decoder {
    AVCodecContext *context;     /* owned */
    AVFrame *frame;              /* owned; the result of DECODER_FRAME */
    AVPacket *picture;           /* owned; the packet with the time that ffmpeg gives it */
    struct input_stream *stream; /* borrowed; its timeline moves on with the frames */
    int64_t next_picture;        /* counts the pictures of a forced rate */
    int64_t previous_pts;        /* of the packet before, in the stream's time base */
    int64_t packet_duration;     /* of the packet being decoded */
    int64_t *drain_dts;          /* owned; times for frames that come out while draining */
    unsigned drain_count;
    uint64_t frames;
    uint64_t errors;
    uint64_t corrupt;  /* frames that came out damaged */
    int failure;       /* the first AVERROR that was counted; 0: none */
    int64_t failed_at; /* AV_TIME_BASE; of the first failure or damage; AV_NOPTS_VALUE: not known */
    char message[160]; /* what libav said there, or "" */
    double seconds;    /* how long what came out is */
    int64_t begins_us; /* time of the first picture */
    struct decoder_delay delay; /* as of ffmpeg's threads; length 0: none */
    AVSubtitle held;            /* owned; waits for the next one to show its end */
    bool holds;
};

enum decoder_result {
    DECODER_FRAME,       /* decoder->frame is filled; ask again with packet NULL */
    DECODER_NEEDS_INPUT, /* nothing more from this packet */
    DECODER_DAMAGED,     /* this packet could not be decoded; counted, go on */
    DECODER_UNUSABLE,    /* ffmpeg gives up here; *err says why */
    DECODER_ENDED,       /* drained */
};

/*
 * Takes options; memory, or NULL, counts pictures until the release. Fails: Media.DecoderNotFound,
 * or the decoder's own refusal; release it all the same.
 */
bool decoder_open(struct decoder *decoder, struct input_stream *stream, struct frame_memory *memory,
                  AVDictionary *options, struct error *err);
void decoder_release(struct decoder *decoder);

/* Before the first decoder_next for a packet; packet NULL: draining. */
void decoder_begin(struct decoder *decoder, const AVPacket *packet);

/*
 * Decodes packet, or goes on with the one before when packet is NULL. An empty packet drains.
 * draining: the demuxer has ended.
 */
enum decoder_result decoder_next(struct decoder *decoder, const AVPacket *packet, bool draining,
                                 struct error *err);

/* Counts a packet that could not be decoded and remembers the first one. */
void decoder_count_error(struct decoder *decoder, int status);
