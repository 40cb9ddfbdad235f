/* SPDX-License-Identifier: MIT */

/* Short names for compiler attributes. */

#pragma once

/* The arguments from position first on are checked against the format string at position text. */
#define PRINTF_LIKE(text, first) __attribute__((format(printf, text, first)))

/* A result that is dropped is a bug. */
#define MUST_USE __attribute__((warn_unused_result))

#define NORETURN __attribute__((noreturn))
