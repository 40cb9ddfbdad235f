/* SPDX-License-Identifier: MIT */

/*
 * Keys as they are written in JSON by the services and programs that hand them out.
 * Threads: safe.
 */

#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "s3/credentials_source.h"

/*
 * Each fills *keys, which is empty before, or fails with ERROR_AUTH, saying what is wrong but
 * nothing of what was read.
 */

/* Instance metadata and containers: AccessKeyId, SecretAccessKey, Token, Expiration, Code. */
bool credentials_json_metadata(const char *text, size_t size, struct key_set *keys,
                               struct error *err);

/* credential_process: Version 1, AccessKeyId, SecretAccessKey, SessionToken, Expiration. */
bool credentials_json_process(const char *text, size_t size, struct key_set *keys,
                              struct error *err);

/* GetRoleCredentials of SSO: roleCredentials. */
bool credentials_json_sso(const char *text, size_t size, struct key_set *keys, struct error *err);

/* What a refusal by such a service is called, or "". */
void credentials_json_error(const char *text, size_t size, char *code, size_t code_size);

/* The cached token of an SSO session, given to the caller, and when it ends. */
bool credentials_json_sso_token(const char *text, size_t size, char **token, int64_t *expires_ms,
                                struct error *err);
