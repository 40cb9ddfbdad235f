/* SPDX-License-Identifier: MIT */

/* Reads affinity and cgroup limits. */

#include "base/machine.h"

#include <limits.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

/* Reads the first line of folder/name; false when there is no such file. */
static bool read_line(const char *folder, const char *name, char *line, int size)
{
    char path[PATH_MAX + 64];
    FILE *file;
    bool ok;

    snprintf(path, sizeof(path), "%s/%s", folder, name);
    file = fopen(path, "re");
    if (!file)
        return false;
    ok = fgets(line, size, file) != NULL;
    fclose(file);
    return ok;
}

/* Our cgroup's folder under version 2; inside a container that is the root of the mount. */
static void find_cgroup(char folder[PATH_MAX])
{
    char line[PATH_MAX - 32];

    snprintf(folder, PATH_MAX, "/sys/fs/cgroup");
    if (read_line("/proc/self", "cgroup", line, sizeof(line)) && strncmp(line, "0::/", 4) == 0) {
        line[strcspn(line, "\n")] = '\0';
        if (line[4])
            snprintf(folder, PATH_MAX, "/sys/fs/cgroup%s", line + 3);
    }
}

/* Goes to the parent cgroup; false at the mount's root. */
static bool go_up(char *folder)
{
    char *slash = strrchr(folder, '/');

    if (strcmp(folder, "/sys/fs/cgroup") == 0 || !slash)
        return false;
    *slash = '\0';
    return true;
}

/* CPUs of one "quota period" line; "max" and -1 mean no limit. */
static double quota_cpus(const char *line)
{
    double quota = 0;
    double period = 0;

    /* NOLINTNEXTLINE(cert-err34-c): the range is checked below */
    if (sscanf(line, "%lf %lf", &quota, &period) != 2)
        return 0;
    return quota > 0 && period > 0 ? quota / period : 0;
}

static double cgroup_cpus(void)
{
    char folder[PATH_MAX];
    char line[64];
    char period[64];
    double least = 0;

    find_cgroup(folder);
    do {
        double cpus = read_line(folder, "cpu.max", line, sizeof(line)) ? quota_cpus(line) : 0;

        if (cpus > 0 && (least == 0 || cpus < least))
            least = cpus;
    } while (go_up(folder));
    if (least == 0 && read_line("/sys/fs/cgroup/cpu", "cpu.cfs_quota_us", line, sizeof(line)) &&
        read_line("/sys/fs/cgroup/cpu", "cpu.cfs_period_us", period, sizeof(period))) {
        char both[sizeof(line) + sizeof(period)];

        snprintf(both, sizeof(both), "%s %s", line, period);
        least = quota_cpus(both);
    }
    return least;
}

unsigned machine_cpus(void)
{
    cpu_set_t set;
    double cpus = 0;
    double quota = cgroup_cpus();

    if (sched_getaffinity(0, sizeof(set), &set) == 0)
        cpus = CPU_COUNT(&set);
    else
        cpus = (double)sysconf(_SC_NPROCESSORS_ONLN);
    if (quota > 0 && quota < cpus)
        cpus = quota;
    return cpus > 1 ? (unsigned)(cpus + 0.999) : 1;
}

unsigned machine_open_files(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur > UINT_MAX)
        return UINT_MAX;
    return (unsigned)limit.rlim_cur;
}

static void take_less(uint64_t *least, const char *folder, const char *name)
{
    char line[64];
    char *end;
    unsigned long long bytes;

    if (!read_line(folder, name, line, sizeof(line)))
        return;
    bytes = strtoull(line, &end, 10);
    if (end != line && bytes > 0 && bytes < *least)
        *least = bytes;
}

void machine_work_in_batch(void)
{
    const struct sched_param none = { .sched_priority = 0 };

    /* Who was given another policy, by chrt or a service manager, keeps it. */
    if (sched_getscheduler(0) == SCHED_OTHER)
        (void)sched_setscheduler(0, SCHED_BATCH, &none);
}

uint64_t machine_memory(void)
{
    uint64_t least = (uint64_t)sysconf(_SC_PHYS_PAGES) * (uint64_t)sysconf(_SC_PAGESIZE);
    char folder[PATH_MAX];

    find_cgroup(folder);
    do {
        take_less(&least, folder, "memory.max");
    } while (go_up(folder));
    take_less(&least, "/sys/fs/cgroup/memory", "memory.limit_in_bytes");
    return least;
}
