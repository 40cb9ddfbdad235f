/* SPDX-License-Identifier: MIT */

/*
 * Which name that this build of libav knows a mistyped one was probably meant to be.
 * Threads: safe.
 */

#pragma once

enum suggestion {
    SUGGEST_ENCODER,
    SUGGEST_DECODER,
    SUGGEST_MUXER,
    SUGGEST_DEMUXER,
    SUGGEST_FILTER,
    SUGGEST_PIXEL_FORMAT,
};

/* NULL: none is near. */
const char *recipe_suggest(enum suggestion kind, const char *typed);
