# SPDX-License-Identifier: MIT
"""Memory does not grow with the number of items.

AVMAP_SOAK=1 (make soak) takes a million objects and a list of ten million rows; without it there are a tenth as many
objects and a hundredth as many rows. AVMAP_SOAK_LOG names a file for the figures.
"""

import json
import os
import subprocess
import time

import pytest

from lab import Results, tiny_wav
from listing_server import ListingServer

SOAK = os.environ.get("AVMAP_SOAK") == "1"
FEW, MANY = 10_000, 1_000_000 if SOAK else 100_000
FEW_ROWS, MANY_ROWS = 10_000, 10_000_000 if SOAK else 100_000
GROWTH_MIB = 4  # of the peak; the allocator's and the page cache's moods


@pytest.fixture(scope="module")
def listing():
    server = ListingServer()
    yield server
    server.stop()


def peak_mib(avmap, words, env):
    """The most memory that the program had resident, its exit status, and its seconds."""
    began = time.monotonic()
    process = subprocess.Popen([avmap.program, *map(str, words)], env=avmap.environment(env), stdin=subprocess.DEVNULL,
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    avmap.running.append(process)
    peak = 0
    while process.poll() is None:
        try:
            with open(f"/proc/{process.pid}/status", encoding="ascii") as status:
                peak = max([peak] + [int(line.split()[1]) for line in status if line.startswith("VmHWM:")])
        except OSError:
            pass
        time.sleep(0.01)
    return peak / 1024, process.returncode, time.monotonic() - began


def note(case, count, peak, seconds):
    line = f"{case}: {count} items, peak {peak:.1f} MiB, {seconds:.1f} s"
    print(line)
    if log := os.environ.get("AVMAP_SOAK_LOG"):
        with open(log, "a", encoding="utf-8") as file:
            file.write(line + "\n")


def assert_flat(case, few, many, run):
    peaks = []
    for count in few, many:
        peak, status, seconds = run(count)
        note(case, count, peak, seconds)
        assert status in (0, 1)
        peaks.append(peak)
    assert peaks[1] - peaks[0] < GROWTH_MIB, f"{case}: from {peaks[0]:.1f} to {peaks[1]:.1f} MiB"


S3 = {"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_DEFAULT_REGION": "us-east-1"}
CASES = {
    "nothing is picked": ["--exclude", "*"],
    "every name is noted": ["--dry-run", "--name", "{dir}-{stem}.flac"],
    "every item fails": ["--name", "same.flac"],
}


@pytest.mark.parametrize("case", CASES)
def test_a_listing_takes_no_memory(avmap, listing, tmp_path, case):
    def run(count):
        listing.server.total = count
        out = tmp_path / f"out{count}"
        return peak_mib(avmap, ["run", "--endpoint-url", listing.endpoint, "--jobs", 2, *CASES[case], "s3://bucket/in/", out], S3)

    assert_flat(case, FEW, MANY, run)
    if case == "every item fails":
        counts = json.loads(next(iter((tmp_path / f"out{MANY}").glob("_avmap/*/run.json"))).read_bytes())["itemCounts"]
        assert counts["failed"] == counts["total"] == MANY


def write_rows(path, count):
    with open(path, "w", encoding="ascii") as file:
        for start in range(0, count, 10_000):
            file.write("".join(f"bucket,in/{n % 1000:03}/{n:09}.wav\n" for n in range(start, min(start + 10_000, count))))


@pytest.mark.parametrize("case", ["nothing is picked", "every name is noted"])
def test_a_list_takes_no_memory(avmap, tmp_path, case):
    def run(count):
        write_rows(tmp_path / "list.csv", count)
        return peak_mib(avmap, ["run", "--items", "csv", *CASES[case], tmp_path / "list.csv", tmp_path / "out"], S3)

    assert_flat(f"list, {case}", FEW_ROWS, MANY_ROWS, run)
    (tmp_path / "list.csv").unlink()


def test_many_jobs_take_turns_with_memory_too(avmap, tmp_path):
    """An encoder of FLAC takes 4 MiB, and only two work at a time."""
    (tmp_path / "in").mkdir()
    for n in range(192):
        (tmp_path / "in" / f"{n}.wav").write_bytes(tiny_wav(24000))
    command = ["run", "--jobs", 64, "--cpus", 2, tmp_path / "in", tmp_path / "out", "--suffix", ".flac"]

    peak, status, seconds = peak_mib(avmap, command, {})

    note("64 jobs", 192, peak, seconds)
    assert status == 0
    assert peak < 190, "MiB; 270 when each thread keeps what it has freed"
