# SPDX-License-Identifier: MIT
"""A library that crashes costs the item it was at work on, not the run."""

import json
import signal
import subprocess

import pytest

from lab import TO_MONO, Results, media_names, tiny_wav, wait_until

# Names of media that crash, in how libraries do.
CRASHES = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void *crash(void *unused) { raise(SIGSEGV); return unused; }

static int overflow(int depth)
{
    volatile char room[4096];
    room[0] = (char)depth;
    return overflow(depth + 1) + room[0];
}

int avformat_open_input(void **context, const char *url, const void *format, void *options)
{
    int (*open)(void **, const char *, const void *, void *) = dlsym(RTLD_NEXT, "avformat_open_input");
    const char *once = getenv("CRASHED_ONCE");
    pthread_t other;

    if (strstr(url, "once") && access(once, F_OK) != 0) {
        close(creat(once, 0600));
        abort();
    }
    if (strstr(url, "slow"))
        usleep(300000);
    if (strstr(url, "wait")) {
        usleep(100000);
        abort();
    }
    if (strstr(url, "wild"))
        *(volatile int *)8 = 1;
    if (strstr(url, "deep"))
        return overflow(0);
    if (strstr(url, "abort"))
        abort();
    if (strstr(url, "thread") && pthread_create(&other, 0, crash, 0) == 0)
        pthread_join(other, 0);
    return open(context, url, format, options);
}
"""


@pytest.fixture(scope="session")
def crashing(tmp_path_factory):
    """The environment in which libavformat crashes."""
    folder = tmp_path_factory.mktemp("crashing")
    (folder / "crash.c").write_text(CRASHES)
    subprocess.run(["cc", "-O0", "-shared", "-fPIC", "-o", folder / "crash.so", folder / "crash.c", "-ldl", "-pthread"],
                   check=True)
    return {"LD_PRELOAD": str(folder / "crash.so"), "CRASHED_ONCE": str(folder / "once")}


@pytest.mark.parametrize("kind", ["folder", "s3"])
def test_what_crashes_fails_and_all_else_is_made(avmap, server, place, crashing, kind):
    source, destination = place(kind, "in"), place(kind, "out")
    names = {f"{n:02}.wav" for n in range(12)}
    bad = {"wild.wav", "deep.wav", "abort.wav", "thread.wav"}
    for name in names | bad:
        source.put(name, tiny_wav(2000))

    done = avmap("run", source.url, destination.url, *TO_MONO, env={**server.env(), **crashing})

    assert done.returncode == 1, done.stderr
    assert media_names(destination) == {f"{name}.wav" for name in names}
    run = Results(destination)
    assert {record.key.split("/")[-1] for record in run.failed} == bad
    assert {record.error for record in run.failed} == {"Media.Crash"}
    assert run.run["itemCounts"]["succeeded"] == len(names) and not run.pending
    assert "beginning anew" in done.stderr


def test_two_entries_of_one_object_are_one_suspect(avmap, folder, crashing, tmp_path):
    """An abort does not say whose it is, so all that is at work is tried again."""
    for name in ["slow.wav", "wait.wav"]:
        folder("in").put(name, tiny_wav(2000))
    rows = tmp_path / "in" / "rows.jsonl"
    rows.write_text('"slow.wav"\n"slow.wav"\n"wait.wav"\n')

    done = avmap("run", "--jobs", 3, "--cpus", 3, "--items", "jsonl", rows, folder("out").url,
                 "--name", "{index}-{stem}.wav", *TO_MONO[2:], env=crashing)

    assert done.returncode == 1, done.stderr
    assert media_names(folder("out")) == {"0-slow.wav", "1-slow.wav"}
    assert [record.key for record in Results(folder("out")).failed] == ["wait.wav"]


def test_what_crashes_once_is_made(avmap, folder, crashing):
    source = folder("in")
    for name in ["a.wav", "once.wav", "z.wav"]:
        source.put(name, tiny_wav(2000))

    done = avmap("run", source.url, folder("out").url, *TO_MONO, env=crashing)

    assert done.returncode == 0, done.stderr
    assert "was at work when a library crashed" in done.stderr
    assert media_names(folder("out")) == {"a.wav.wav", "once.wav.wav", "z.wav.wav"}


def test_a_signal_from_outside_is_no_crash(avmap, folder):
    folder("in").put("a.wav", tiny_wav(10))
    folder("in").put("b.wav", tiny_wav(3000000))
    process = avmap.start("run", "--jobs", 2, "--cpus", 2, folder("in").url, folder("out").url, "--suffix", ".flac", "--",
                          "-af", "arealtime")
    wait_until(lambda: media_names(folder("out")) == {"a.wav.flac"}, what="the first result")

    process.send_signal(signal.SIGABRT)
    process.communicate()

    assert process.returncode == -signal.SIGABRT


def test_a_job_from_a_pipe_cannot_be_read_again(avmap, server, bucket, folder, crashing):
    bucket.put("in/wild.wav", tiny_wav(2000))
    job = {"input": {"s3_bucket": bucket.bucket, "s3_prefix": "in/"},
           "output": {"s3_bucket": bucket.bucket, "s3_prefix": "out/", "s3_suffix": ".wav"}}

    with pytest.raises(AssertionError, match=f"ended by signal {signal.SIGSEGV.value}"):
        avmap("run", "--job", "-", stdin=json.dumps(job), env={**server.env(), **crashing})
