/* SPDX-License-Identifier: MIT */

/*
 * In which order muxers write. Seen from libavformat 5.1 to 7.1: what a muxer's trailer and size
 * fields seek to.
 * Threads: safe.
 */

#pragma once

#include <stdbool.h>

#include <libavformat/avformat.h>

/*
 * Whether of what it has written the muxer changes only the beginning and the last few KiB, and
 * reads nothing again, so that a result can go on while it is made. options are the muxer's.
 */
bool muxer_order_is_forward(const AVOutputFormat *muxer, const AVDictionary *options);
