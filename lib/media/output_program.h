/* SPDX-License-Identifier: MIT */

/*
 * -program: streams of a result that belong together, with a title.
 * Threads: confined.
 */

#pragma once

#include <libavformat/avformat.h>

/*
 * Adds what a text such as "title=News:st=0:st=1" describes; program_num= gives its number, else
 * that is usual. NULL: done, or else what is wrong with it. format NULL: it is only checked.
 */
const char *output_program(AVFormatContext *format, const char *text, int usual);
