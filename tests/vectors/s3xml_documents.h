/* SPDX-License-Identifier: MIT */

/*
 * Documents of S3, read by avmap and compared with what is in them.
 * Threads: confined.
 */

#pragma once

#include <stdbool.h>

#include <jansson.h>

#include "cases.h"

/* A document, and what should be in it. */
struct document {
    struct cases *cases;
    const char *name;
    const char *text;
    const json_t *expected; /* NULL: only that it can be read */
};

/* Whether the document is read as it should be, or, when it is of a kind that avmap never asks for,
 * is refused by all readers. Fails the case if not. */
bool s3xml_documents_check(const struct document *document);

/* The second half: no reader may take the document. */
bool s3xml_documents_check_other(const struct document *document);
