# SPDX-License-Identifier: MIT
"""The benches run and print their tables. How fast anything is, no test says."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from lab import ROOT, absent


@pytest.fixture
def bench(avmap):
    def run(script, *words):
        done = subprocess.run([sys.executable, ROOT / "tests/bench" / script, *map(str, words)], capture_output=True,
                              text=True, check=False, env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"})
        assert done.returncode == 0, done.stderr
        return [line.split() for line in done.stdout.splitlines()]
    return run


def test_the_bench_compares_floor_avmap_and_peers(avmap, bench):
    floor = Path(avmap.program).parent / "bench/floor"
    if not floor.exists():
        absent(f"{floor} is not built; run make test-programs")
    lines = bench("bench.py", floor, avmap.program, "--objects", 3, "--rounds", 1, "--only", "3 s MP3")
    rows = [line for line in lines if line[:5] == ["3", "s", "MP3", "to", "WAV"]]
    assert [" ".join(row[5:7]) for row in rows[2:]] == ["avmap, TLS", "boto3 +"]
    assert [row[5] for row in rows[:2]] == ["floor", "avmap"]
    floor_ms, avmap_ms, ratio = float(rows[0][7]), float(rows[1][7]), float(rows[1][8])
    assert ratio == pytest.approx(avmap_ms / floor_ms, rel=0.1)


def test_the_bench_of_listing_looks_at_all_keys(avmap, bench):
    lines = bench("bench_list.py", avmap.program, "--keys", 20000)
    assert [line[:2] for line in lines[1:]] == [["fetch", "200"], ["avmap", "200"], ["fetch", "20000"],
                                                ["avmap", "20000"]]
