/* SPDX-License-Identifier: MIT */

/* Fills and extends errors. */

#include "base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void set_word(struct error *err, const char *word)
{
    snprintf(err->word, sizeof(err->word), "%s", word);
}

bool error_set(struct error *err, enum error_kind kind, const char *word, const char *format, ...)
{
    va_list args;

    err->kind = kind;
    err->retry_after_ms = 0;
    err->http_status = 0;
    set_word(err, word);
    va_start(args, format);
    vsnprintf(err->text, sizeof(err->text), format, args);
    va_end(args);
    return false;
}

static bool is_exhaustion(int number)
{
    return number == ENOSPC || number == EDQUOT || number == EMFILE || number == ENFILE ||
           number == ENOMEM || number == EROFS;
}

static const char *errno_word(int number)
{
    switch (number) {
    case ENOSPC:
    case EDQUOT:
        return "Avmap.DiskFull";
    case EMFILE:
    case ENFILE:
        return "Avmap.OpenFilesLimit";
    case ENOMEM:
        return "Avmap.MemoryLimit";
    case EACCES:
    case EPERM:
    case EROFS:
        return "File.AccessDenied";
    case ENOENT:
        return "File.NotFound";
    case ENAMETOOLONG:
        return "File.NameTooLong";
    default:
        return "File.Error";
    }
}

bool error_set_errno(struct error *err, enum error_kind kind, int number, const char *format, ...)
{
    char what[1024];
    char reason[128];
    va_list args;

    va_start(args, format);
    vsnprintf(what, sizeof(what), format, args);
    va_end(args);
    if (is_exhaustion(number))
        kind = ERROR_LOCAL;
    return error_set(err, kind, errno_word(number), "%s: %s", what,
                     strerror_r(number, reason, sizeof(reason)));
}

void error_prefix(struct error *err, const char *format, ...)
{
    char context[sizeof(err->text)];
    va_list args;
    size_t used;
    size_t kept;

    va_start(args, format);
    vsnprintf(context, sizeof(context), format, args);
    va_end(args);
    used = strlen(context);
    if (used + sizeof(": ") > sizeof(err->text))
        return;
    kept = strlen(err->text);
    if (kept > sizeof(err->text) - used - sizeof(": "))
        kept = sizeof(err->text) - used - sizeof(": ");
    memmove(err->text + used + 2, err->text, kept);
    err->text[used + 2 + kept] = '\0';
    memcpy(err->text, context, used);
    memcpy(err->text + used, ": ", 2);
}

bool error_ends_run(const struct error *err)
{
    return err->kind == ERROR_USAGE || err->kind == ERROR_AUTH || err->kind == ERROR_LOCAL ||
           err->kind == ERROR_TOLERANCE;
}
