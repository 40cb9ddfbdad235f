/* SPDX-License-Identifier: MIT */

#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/machine.h"

#define MIB (UINT64_C(1) << 20)

enum { MOST_FILES = 4 };

struct cgroup_file {
    const char *name; /* below /sys/fs/cgroup, in folders that come first */
    const char *text; /* NULL: a folder */
};

struct cgroup_case {
    const char *name;
    const char *membership; /* /proc/self/cgroup */
    struct cgroup_file files[MOST_FILES];
    unsigned cpus;   /* 0: no limit */
    uint64_t memory; /* 0: no limit */
};

struct found {
    unsigned cpus;
    uint64_t memory;
};

static unsigned allowed_cpus(void)
{
    cpu_set_t set;

    assert_int_equal(sched_getaffinity(0, sizeof(set), &set), 0);
    return (unsigned)CPU_COUNT(&set);
}

static uint64_t physical_memory(void)
{
    return (uint64_t)sysconf(_SC_PHYS_PAGES) * (uint64_t)sysconf(_SC_PAGESIZE);
}

static void test_machine_cpus_follows_the_affinity(void **state)
{
    cpu_set_t before;
    cpu_set_t one;
    int first = 0;

    (void)state;
    assert_in_range(machine_cpus(), 1, allowed_cpus());
    assert_int_equal(sched_getaffinity(0, sizeof(before), &before), 0);
    while (!CPU_ISSET(first, &before))
        first++;
    CPU_ZERO(&one);
    CPU_SET(first, &one);
    assert_int_equal(sched_setaffinity(0, sizeof(one), &one), 0);
    assert_int_equal(machine_cpus(), 1);
    assert_int_equal(sched_setaffinity(0, sizeof(before), &before), 0);
}

static void test_machine_memory_is_at_most_what_is_built_in(void **state)
{
    (void)state;
    assert_true(machine_memory() >= 16 * MIB);
    assert_true(machine_memory() <= physical_memory());
}

static bool put(const char *folder, const char *name, const char *text)
{
    char path[256];
    FILE *file;

    snprintf(path, sizeof(path), "%s/%s", folder, name);
    if (!text)
        return mkdir(path, 0755) == 0;
    file = fopen(path, "we");
    if (!file)
        return false;
    fputs(text, file);
    return fclose(file) == 0;
}

/* In a child: gives itself a /proc and a /sys/fs/cgroup that nobody else sees. */
static bool pretend(const struct cgroup_case *machine)
{
    if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
        mount("tmpfs", "/sys/fs/cgroup", "tmpfs", 0, "size=1M") < 0 ||
        mount("tmpfs", "/proc", "tmpfs", 0, "size=1M") < 0)
        return false;
    if (!put("/proc", "self", NULL))
        return false;
    if (machine->membership && !put("/proc/self", "cgroup", machine->membership))
        return false;
    for (int i = 0; i < MOST_FILES && machine->files[i].name; i++) {
        if (!put("/sys/fs/cgroup", machine->files[i].name, machine->files[i].text))
            return false;
    }
    return true;
}

/* False: not allowed here. */
static bool look(const struct cgroup_case *machine, struct found *found)
{
    int ends[2];
    pid_t child;
    bool ok;

    assert_int_equal(pipe(ends), 0);
    child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        if (pretend(machine)) {
            struct found seen = { .cpus = machine_cpus(), .memory = machine_memory() };

            if (write(ends[1], &seen, sizeof(seen)) == sizeof(seen))
                _exit(0);
        }
        _exit(1);
    }
    close(ends[1]);
    ok = read(ends[0], found, sizeof(*found)) == sizeof(*found);
    close(ends[0]);
    assert_int_equal(waitpid(child, NULL, 0), child);
    return ok;
}

static void check(const struct cgroup_case *machine)
{
    unsigned cpus = allowed_cpus();
    uint64_t memory = physical_memory();
    struct found found;

    if (!look(machine, &found))
        skip();
    if (machine->cpus && machine->cpus < cpus)
        cpus = machine->cpus;
    if (machine->memory && machine->memory < memory)
        memory = machine->memory;
    if (found.cpus != cpus || found.memory != memory)
        fail_msg("%s: %u CPUs, %ju bytes", machine->name, found.cpus, (uintmax_t)found.memory);
}

static void test_machine_obeys_the_limits_of_its_cgroup(void **state)
{
    static const struct cgroup_case cases[] = {
        { "no cgroups", NULL, { { NULL, NULL } }, 0, 0 },
        { "container",
          "0::/\n",
          { { "cpu.max", "100000 100000\n" }, { "memory.max", "67108864\n" } },
          1,
          64 * MIB },
        { "no limit",
          "0::/\n",
          { { "cpu.max", "max 100000\n" }, { "memory.max", "max\n" } },
          0,
          0 },
        { "half a CPU", "0::/\n", { { "cpu.max", "50000 100000\n" } }, 1, 0 },
        { "a CPU and a half", "0::/\n", { { "cpu.max", "150000 100000\n" } }, 2, 0 },
        { "more than there is",
          "0::/\n",
          { { "cpu.max", "99999900000 100000\n" }, { "memory.max", "9223372036854771712\n" } },
          0,
          0 },
        { "limit of the parent",
          "0::/job/step\n",
          { { "job", NULL }, { "job/memory.max", "67108864\n" }, { "job/cpu.max", "1 1\n" } },
          1,
          64 * MIB },
        { "the least on the way",
          "0::/job/step\n",
          { { "job", NULL },
            { "job/step", NULL },
            { "job/step/memory.max", "134217728\n" },
            { "job/memory.max", "67108864\n" } },
          0,
          64 * MIB },
        { "folder that is not mounted",
          "0::/kubepods/pod1\n",
          { { "memory.max", "67108864\n" }, { "cpu.max", "100000 100000\n" } },
          1,
          64 * MIB },
        { "folder outside the namespace",
          "0::/../../other\n",
          { { "memory.max", "67108864\n" } },
          0,
          64 * MIB },
        { "version 1",
          "4:memory:/docker/1\n1:cpu:/docker/1\n",
          { { "cpu", NULL },
            { "cpu/cpu.cfs_quota_us", "100000\n" },
            { "cpu/cpu.cfs_period_us", "100000\n" } },
          1,
          0 },
        { "version 1 without a limit",
          "1:cpu:/\n",
          { { "cpu", NULL },
            { "cpu/cpu.cfs_quota_us", "-1\n" },
            { "cpu/cpu.cfs_period_us", "100000\n" } },
          0,
          0 },
        { "version 1, memory",
          "4:memory:/\n",
          { { "memory", NULL }, { "memory/memory.limit_in_bytes", "67108864\n" } },
          0,
          64 * MIB },
        { "nonsense", "0::/\n", { { "cpu.max", "\n" }, { "memory.max", "-\n" } }, 0, 0 },
        { "zeros", "0::/\n", { { "cpu.max", "0 0\n" }, { "memory.max", "0\n" } }, 0, 0 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        check(&cases[i]);
}

/* The policy afterwards of a thread that had another before. */
static void *work_in_batch(void *arg)
{
    const struct sched_param none = { .sched_priority = 0 };
    int *policy = arg;

    assert_int_equal(sched_setscheduler(0, *policy, &none), 0);
    machine_work_in_batch();
    *policy = sched_getscheduler(0);
    return NULL;
}

static void test_machine_work_in_batch_replaces_only_the_usual_policy(void **state)
{
    int policies[][2] = { { SCHED_OTHER, SCHED_BATCH },
                          { SCHED_BATCH, SCHED_BATCH },
                          { SCHED_IDLE, SCHED_IDLE } };

    (void)state;
    for (size_t i = 0; i < sizeof(policies) / sizeof(policies[0]); i++) {
        pthread_t thread;

        assert_int_equal(pthread_create(&thread, NULL, work_in_batch, &policies[i][0]), 0);
        pthread_join(thread, NULL);
        assert_int_equal(policies[i][0], policies[i][1]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_machine_cpus_follows_the_affinity),
        cmocka_unit_test(test_machine_memory_is_at_most_what_is_built_in),
        cmocka_unit_test(test_machine_obeys_the_limits_of_its_cgroup),
        cmocka_unit_test(test_machine_work_in_batch_replaces_only_the_usual_policy),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
