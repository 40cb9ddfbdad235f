/* SPDX-License-Identifier: MIT */

/* Finds cases and counts them. */

#include "cases.h"

#include <dirent.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buffer.h"
#include "base/memory.h"

/* NOLINTNEXTLINE(misc-no-recursion): as deep as the folders of a suite. */
static void walk(const char *folder, void (*visit)(struct cases *cases, const char *path),
                 struct cases *cases)
{
    struct dirent **entries;
    int count = scandir(folder, &entries, NULL, alphasort);

    for (int i = 0; i < count; i++) {
        char *path = memory_format("%s/%s", folder, entries[i]->d_name);
        struct stat status;

        if (entries[i]->d_name[0] != '.' && stat(path, &status) == 0) {
            if (S_ISDIR(status.st_mode))
                walk(path, visit, cases);
            else
                visit(cases, path);
        }
        free(path);
        free(entries[i]);
    }
    if (count >= 0)
        free(entries);
}

char *cases_read(const char *path)
{
    FILE *stream = fopen(path, "re");
    struct buffer text;
    char piece[4096];
    size_t size;

    if (!stream)
        return NULL;
    buffer_init(&text, SIZE_MAX);
    while ((size = fread(piece, 1, sizeof(piece), stream)) > 0)
        buffer_append(&text, piece, size);
    fclose(stream);
    return buffer_take(&text);
}

json_t *cases_read_json(const char *path)
{
    return json_load_file(path, 0, NULL);
}

const char *cases_text(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));

    return text ? text : "";
}

/* For scripts/check, which counts. */
static void write_log(const struct cases *cases, const char *outcome, const char *name)
{
    const char *path = getenv("AVMAP_TEST_LOG");
    FILE *log = path && *path ? fopen(path, "ae") : NULL;

    if (!log)
        return;
    fprintf(log, "%s vectors:%s:%s\n", outcome, cases->suite, name);
    fclose(log);
}

void cases_passed(struct cases *cases, const char *name)
{
    printf("passed %s\n", name);
    write_log(cases, "passed", name);
    cases->passed++;
}

void cases_failed(struct cases *cases, const char *name, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    printf("FAILED %s: ", name);
    vprintf(format, arguments);
    printf("\n");
    va_end(arguments);
    write_log(cases, "failed", name);
    cases->failed++;
}

void cases_skipped(struct cases *cases, const char *name, const char *reason)
{
    printf("skipped %s: %s\n", name, reason);
    cases->skipped++;
}

bool cases_equal(struct cases *cases, const char *name, const char *what, const char *got,
                 const char *expected)
{
    got = got ? got : "";
    expected = expected ? expected : "";
    if (strcmp(got, expected) == 0)
        return true;
    cases_failed(cases, name, "%s is\n%s\nand should be\n%s", what, got, expected);
    return false;
}

int cases_run(const char *suite, int argc, char *const *argv,
              void (*visit)(struct cases *cases, const char *path))
{
    struct cases cases = { .suite = suite };
    char *folder = argc == 2 ? realpath(argv[1], NULL) : NULL;

    if (!folder) {
        fprintf(stderr, "usage: %s DIR, the folder with the cases of the suite\n", suite);
        return 2;
    }
    walk(folder, visit, &cases);
    free(folder);
    if (cases.skipped)
        printf("%u skipped\n", cases.skipped);
    printf("%u passed, %u failed\n", cases.passed, cases.failed);
    return cases.failed == 0 && cases.passed > 0 ? 0 : 1;
}

void cases_each(struct cases *cases, const char *path, const char *member,
                void (*run)(struct cases *cases, const json_t *test))
{
    json_t *suite = strstr(path, ".json") ? cases_read_json(path) : NULL;
    size_t i;
    json_t *test;

    json_array_foreach(json_object_get(suite, member), i, test)
    {
        run(cases, test);
    }
    json_decref(suite);
}
