/* SPDX-License-Identifier: MIT */

/*
 * The subcommands and their exit statuses, which are a contract (avmap(1), EXIT STATUS).
 * Threads: the main thread.
 */

#pragma once

enum exit_status {
    EXIT_ALL_WELL = 0,
    EXIT_ITEMS_FAILED = 1,
    EXIT_USAGE = 2, /* nothing was started */
    EXIT_TOLERANCE_EXCEEDED = 3,
    EXIT_CANNOT_WORK = 4, /* no credentials, no such bucket, disk full */
    EXIT_SIGNAL = 128,    /* plus the signal's number */
};

/* argv[1] is the command's name. Each returns the exit status. */
int cmd_run(int argc, char **argv);
int cmd_one(int argc, char **argv);
int cmd_plan(int argc, char **argv);
int cmd_merge(int argc, char **argv);
int cmd_redrive(int argc, char **argv);
int cmd_report(int argc, char **argv);

void cmd_run_help(void);
void cmd_one_help(void);
void cmd_plan_help(void);
void cmd_merge_help(void);
void cmd_redrive_help(void);
void cmd_report_help(void);
