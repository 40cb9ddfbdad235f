#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Measures avmap against the floor and against its peers, over the same objects on a real S3 server.

usage: bench.py FLOOR AVMAP [--objects N] [--seconds S] [--rounds N]

The floor is a bare libav loop in memory (floor.c). The peer is one ffmpeg process per file between two copies
by AWS's own Python client, which is what a container wrapper does. Tools take turns in each round, so that
what else the machine does meets all of them. CPU seconds are those of the tool and its children, never the
server's; the best round of each tool counts.
"""

import argparse
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import boto3

ROOT = Path(__file__).resolve().parent.parent.parent

PEER = """
import os, subprocess, sys, tempfile
import boto3
s3 = boto3.client("s3", endpoint_url=os.environ["AWS_ENDPOINT_URL_S3"])
for page in s3.get_paginator("list_objects_v2").paginate(Bucket="bench-in", Prefix=""):
    for entry in page["Contents"]:
        with tempfile.TemporaryDirectory() as folder:
            source, result = folder + "/in.mp3", folder + "/out" + sys.argv[1]
            s3.download_file("bench-in", entry["Key"], source)
            subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-i", source, "-ac", "1", "-ar", "48000", result],
                           check=True)
            s3.upload_file(result, "bench-out", "peer/" + entry["Key"] + sys.argv[1])
"""


def measure(command, environment):
    """Runs a command; returns (wall seconds, CPU seconds of it and its children, peak RSS in MiB, stdout)."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.monotonic()
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True, text=True)
    wall = time.monotonic() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return wall, cpu, after.ru_maxrss / 1024, done.stdout


def start_server(folder):
    subprocess.run([ROOT / "scripts/s3-server", "start", folder], check=True, stdout=subprocess.DEVNULL)
    script = f"set -a; . {folder}/env.sh; env -0"
    output = subprocess.run(["bash", "-c", script], check=True, stdout=subprocess.PIPE).stdout
    return dict(entry.split("=", 1) for entry in output.decode().split("\0") if "=" in entry)


def make_objects(folder, seconds, count, environment):
    """Uploads count copies of one clip; returns its path."""
    clip = folder / "clip.mp3"
    source = f"anoisesrc=seed=3:duration={seconds}:sample_rate=44100:amplitude=0.3,pan=stereo|c0=c0|c1=0.5*c0"
    subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-f", "lavfi", "-i", source, "-b:a", "128k", clip], check=True)
    s3 = boto3.client("s3", endpoint_url=environment["S3_ENDPOINT"],
                      aws_access_key_id=environment["AWS_ACCESS_KEY_ID"],
                      aws_secret_access_key=environment["AWS_SECRET_ACCESS_KEY"], region_name="us-east-1")
    for bucket in ("bench-in", "bench-out"):
        s3.create_bucket(Bucket=bucket)
    for number in range(count):
        s3.upload_file(str(clip), "bench-in", f"clip-{number:05}.mp3")
    return clip


def bench(options, folder, environment):
    clip = make_objects(folder, options.seconds, options.objects, environment)
    rows = []
    for extension in (".wav", ".flac"):
        tools = {
            "floor": [options.floor, extension[1:], "1", "48000"] + [str(clip)] * options.objects,
            "avmap": [options.avmap, "run", "-q", "--if-exists", "overwrite", "s3://bench-in/", f"s3://bench-out/avmap{extension}/", "--suffix", extension,
                      "--", "-ac", "1", "-ar", "48000"],
            "ffmpeg per file": ["/usr/bin/python3", "-c", PEER, extension],
        }
        best = {}
        for _ in range(options.rounds):
            for name, command in tools.items():
                wall, cpu, rss, output = measure(command, environment)
                if name == "floor":
                    cpu = float(output.split()[-3])  # without the reading of files and the start of the process
                if name not in best or cpu < best[name][1]:
                    best[name] = (wall, cpu, rss)
        rows += [(extension, name, *best[name], best[name][1] / best["floor"][1]) for name in tools]
    print(f"{options.objects} objects of {options.seconds} s stereo MP3 to mono 48 kHz, best of {options.rounds} rounds")
    print(f"{'to':6} {'tool':16} {'objects/s':>10} {'CPU ms/object':>14} {'x floor':>8}")
    for extension, name, wall, cpu, _, ratio in rows:
        print(f"{extension:6} {name:16} {options.objects / wall:10.1f} {cpu / options.objects * 1000:14.1f} {ratio:8.2f}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("floor")
    parser.add_argument("avmap")
    parser.add_argument("--objects", type=int, default=200)
    parser.add_argument("--seconds", type=int, default=11)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    if not shutil.which("ffmpeg"):
        sys.exit("bench: ffmpeg is not installed; run scripts/bootstrap demo")
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        server = folder / "s3"
        try:
            environment = start_server(server)
            environment = {k: v for k, v in environment.items() if not k.startswith("AVMAP_")}
            bench(options, folder, environment)
        finally:
            subprocess.run([ROOT / "scripts/s3-server", "stop", server], check=False, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    main()
