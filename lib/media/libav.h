/* SPDX-License-Identifier: MIT */

/*
 * Process-wide set-up of FFmpeg's libraries and their errors in our words.
 * Threads: safe after libav_init, which belongs before the first thread.
 */

#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/error.h"

/* Sends libav's messages to our log: its warnings and errors as debug lines of the current job. */
void libav_init(void);

/* "libavformat 59.27.100, libavcodec 59.37.100, ..." of the libraries at run time, caller frees. */
MUST_USE char *libav_versions(void);

/*
 * Fills *err from an AVERROR: ERROR_MEDIA with the fitting word and the last thing libav said.
 * Also for ENOMEM: a broken input that asks for absurd amounts of memory must not end the run.
 */
bool libav_error(struct error *err, int averror, const char *format, ...) PRINTF_LIKE(3, 4);

/* The same with a word of the caller's choice. */
bool libav_error_as(struct error *err, const char *word, int averror, const char *format, ...)
    PRINTF_LIKE(4, 5);

/*
 * As many as libavcodec and libavfilter start when they may choose (libavcodec/pthread_frame.c and
 * libavutil/slicethread.c).
 */
int libav_usual_threads(void);

/* From now on what libav says in this thread goes to hear too, a line at a time, down to what is
 * only for information; NULL: no more. */
void libav_listen(void (*hear)(void *opaque, const char *line), void *opaque);

/* The last error message of libav in this thread, or ""; borrowed until the next one. */
const char *libav_last_message(void);
void libav_forget_message(void);

/* The size of the last picture that libav found too large in this thread; 0: none was. */
uint64_t libav_refused_pixels(void);

/* Whether it met more streams than it was to keep; to demuxers that is a lack of memory. */
bool libav_refused_streams(void);

/*
 * No single piece of memory that libav asks for is larger than half of what an item may take, or
 * 16 MiB; 0: as libav likes it. For all threads.
 */
void libav_limit_memory(uint64_t bytes);

/*
 * What belongs to the libraries as a whole: "cpuflags", as av_parse_cpu_caps takes them, and
 * "cpucount". For all threads, and for good. False: not a value.
 */
bool libav_set(const char *name, const char *value);
