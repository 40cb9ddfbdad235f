/* SPDX-License-Identifier: MIT */

/*
 * Small JSON documents in a store: manifests, run.json, plan.json.
 * Threads: confined.
 */

#pragma once

#include "base/attributes.h"
#include "base/error.h"
#include "base/json.h"
#include "store/store.h"

/* The document, for the caller to release; NULL with ERROR_OBJECT when it is no JSON object. */
MUST_USE json_t *document_read(struct store *store, const char *key, struct error *err);

/* Writes text as it is to a path or URL. Fails as store_put does, and with ERROR_USAGE. */
bool document_write_text(const char *url, const char *text, const char *content_type,
                         const struct s3_settings *s3, const struct cancel *cancel,
                         struct error *err);

/* Compact, keys in alphabetical order. value is borrowed. */
bool document_write(struct store *store, const char *key, const json_t *value, struct error *err);
