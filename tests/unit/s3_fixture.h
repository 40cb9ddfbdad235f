/* SPDX-License-Identifier: MIT */

/*
 * A client of a canned server: no settings from outside, short delays, few attempts.
 * Threads: confined.
 */

#pragma once

#include "base/budget.h"
#include "base/cancel.h"
#include "base/error.h"
#include "base/spool.h"
#include "canned_server.h"
#include "s3/s3_client.h"
#include "s3/s3_settings.h"

struct s3_fixture {
    struct canned_server *server;
    struct cancel cancel;
    struct s3_service *service;
    struct s3_client *client;
    struct budget budget;
    struct spool spool; /* empty */
    struct error err;
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* No AWS settings in the environment, no shared files. */
void s3_fixture_clear_environment(void);

/* Four attempts, parts of 1 KiB, keys AKIDEXAMPLE. */
void s3_fixture_open(struct s3_fixture *fixture, const struct canned_reply *replies, size_t count);
void s3_fixture_close(struct s3_fixture *fixture);
