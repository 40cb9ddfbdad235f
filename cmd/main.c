/* SPDX-License-Identifier: MIT */

/* Finds the subcommand. */

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/crash.h"
#include "base/log.h"
#include "base/nearest.h"
#include "commands.h"
#include "run/run.h"

static int cmd_version(int argc, char **argv);
static int cmd_help(int argc, char **argv);
static void version_help(void);
static void help_help(void);

struct command {
    const char *name;
    int (*function)(int argc, char **argv);
    void (*print_help)(void);
    const char *help;
};

static const struct command commands[] = {
    { "run", cmd_run, cmd_run_help, "transcode every object under a prefix or folder" },
    { "one", cmd_one, cmd_one_help, "transcode once, from named inputs to a named output" },
    { "plan", cmd_plan, cmd_plan_help, "share the items of a source out over many machines" },
    { "merge", cmd_merge, cmd_merge_help, "join the manifests of a run's shards into one" },
    { "redrive", cmd_redrive, cmd_redrive_help, "do again what a run left failed or pending" },
    { "report", cmd_report, cmd_report_help, "sum a finished run up" },
    { "version", cmd_version, version_help, "print the version and those of its libraries" },
    { "help", cmd_help, help_help, "explain a command" },
};

enum { COMMAND_COUNT = sizeof(commands) / sizeof(commands[0]) };

static const struct command *find_command(const char *name)
{
    if (strcmp(name, "--version") == 0 || strcmp(name, "-V") == 0)
        name = "version";
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0)
        name = "help";
    for (int i = 0; i < COMMAND_COUNT; i++) {
        if (strcmp(commands[i].name, name) == 0)
            return &commands[i];
    }
    return NULL;
}

static int refuse_command(const char *name)
{
    const char *best = NULL;

    for (int i = 0; i < COMMAND_COUNT; i++)
        nearest_consider(name, commands[i].name, &best);
    if (name[0] == '-')
        log_error("%s: options follow the command, as in avmap run %s; see avmap help", name, name);
    else if (best)
        log_error("there is no command \"%s\"; did you mean %s?", name, best);
    else
        log_error("there is no command \"%s\"; see avmap help", name);
    return EXIT_USAGE;
}

static void print_overview(FILE *to)
{
    fprintf(to,
            "usage: avmap COMMAND ...\n\nTranscodes every media file under an S3 prefix or in a "
            "folder; avmap help COMMAND says how.\n\n");
    for (int i = 0; i < COMMAND_COUNT; i++)
        fprintf(to, "  %-10s %s\n", commands[i].name, commands[i].help);
    fprintf(to, "\nExample: avmap run s3://my-input/media/ s3://my-output/wav/ --suffix .wav -- "
                "-ac 1 -ar 48000\n");
}

static void version_help(void)
{
    puts("usage: avmap version");
}

static void help_help(void)
{
    puts("usage: avmap help [COMMAND]");
}

static int cmd_version(int argc, char **argv)
{
    char *libraries;

    if (argc > 2 && find_command(argv[2]) == find_command("help")) {
        version_help();
        return EXIT_ALL_WELL;
    }
    libraries = run_libraries();
    printf("avmap %s\n%s\n", AVMAP_VERSION, libraries);
    free(libraries);
    return EXIT_ALL_WELL;
}

static int cmd_help(int argc, char **argv)
{
    const struct command *command;

    if (argc < 3) {
        print_overview(stdout);
        return EXIT_ALL_WELL;
    }
    command = find_command(argv[2]);
    if (!command)
        return refuse_command(argv[2]);
    command->print_help();
    return EXIT_ALL_WELL;
}

/* Hundreds of objects in flight need more descriptors than the usual soft limit gives. */
static void raise_open_files(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

/*
 * A standard descriptor that the caller has closed would be given to the next file or connection,
 * and messages would go there. Reading ends and writing fails instead.
 */
static void fill_standard_files(void)
{
    int file;

    do {
        file = open("/dev/null", O_RDONLY);
    } while (file >= 0 && file <= STDERR_FILENO);
    if (file >= 0)
        close(file);
}

int main(int argc, char **argv)
{
    const struct command *command;
    int status;

    crash_set_command(argv);
    fill_standard_files();
    if (argc < 2) {
        print_overview(stderr);
        return EXIT_USAGE;
    }
    command = find_command(argv[1]);
    if (!command)
        return refuse_command(argv[1]);
    raise_open_files();
    status = command->function(argc, argv);
    if (fflush(stdout) != 0 && status == EXIT_ALL_WELL) {
        log_error("standard output cannot be written");
        status = EXIT_CANNOT_WORK;
    }
    return status;
}
