/* SPDX-License-Identifier: MIT */

/*
 * Turns what lib/s3 asks for into the HTTP request that does it: addressed to where the bucket
 * lives, and signed with the current keys.
 * Threads: confined.
 */

#pragma once

#include <stdbool.h>

#include "base/attributes.h"
#include "base/digest.h"
#include "base/error.h"
#include "s3/http.h"
#include "s3/s3_request.h"

struct s3_service;
struct s3_signer;

/* service is borrowed. */
MUST_USE struct s3_signer *s3_signer_new(struct s3_service *service);

/* NULL is fine. */
void s3_signer_free(struct s3_signer *signer);

/*
 * What stands for the body in the signature; the same for all attempts at a request. False: its
 * SHA-256 in hex does, which is the caller's to find out.
 */
bool s3_signer_hash(const struct s3_signer *signer, const struct http_body *body,
                    char hash[SHA256_HEX_SIZE]);

/*
 * Fills method, URL, headers and body of *out, which borrow from request and the signer until the
 * next call; out->cancel is there already and ends waits for keys. hash is what s3_signer_hash
 * says. Fails as credentials_update does.
 */
bool s3_signer_sign(struct s3_signer *signer, const struct s3_request *request, const char *hash,
                    struct http_request *out, struct error *err);

/* The region that the last request was signed for. */
const char *s3_signer_region(const struct s3_signer *signer);

/* The server says that the keys of the last request have ended. False: nothing was signed. */
bool s3_signer_reject_keys(struct s3_signer *signer);
