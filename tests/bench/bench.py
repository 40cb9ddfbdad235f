#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Measures avmap against the floor and against its peers, over the same objects on a real S3 server.

usage: bench.py FLOOR AVMAP [--objects N] [--video-megabytes N] [--rounds N] [--only WORD]

The floor is a bare libav loop in memory (floor.c), one on each CPU. Tools take turns in each round, so that what
else the machine does meets all of them; the round with the least CPU time of each counts. CPU time is that of the
tool and its children, never the server's. The server and the bench have one half of the CPUs, the tools the other:
a server on another machine would not push them aside either. The last two columns are throughput through a proxy,
as it is and with 50 ms before each request.
"""

import argparse
import datetime
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path

import boto3

import tools
import workloads

ROOT = Path(__file__).resolve().parent.parent.parent
COLUMNS = (("workload", 22), ("tool", 15), ("objects/s", 10), ("CPU ms/object", 14), ("x floor", 8), ("x avmap", 8),
           ("RSS MiB", 8), ("disk MiB", 9), ("0 ms: /s", 9), ("50 ms: /s", 10))
DELAY_MS = 50


def server(script, folder, **variables):
    """Starts one of the lab's servers; gives its variables."""
    subprocess.run([ROOT / "scripts" / script, "start", folder], check=True, stdout=subprocess.DEVNULL,
                   env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", **variables})
    output = subprocess.run(["env", "-i", "bash", "-c", '. "$1"; env -0', "bash", folder / "env.sh"], check=True,
                            stdout=subprocess.PIPE).stdout
    return dict(entry.split("=", 1) for entry in output.decode().split("\0") if "=" in entry)


def measure(options, command, environment, temporary):
    """Runs a tool; then the server forgets the large results that it replaced, which it would keep for hours."""
    taken = tools.measure(tools.on_cpus(options, command), environment, temporary)
    subprocess.run(["radosgw-admin", "-c", environment["CEPH_CONF"], "-n", "client.rgw", "gc", "process",
                    "--include-all"], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return taken


def bench_tools(options, workload, environment, temporary):
    """The best round of the floor, avmap over http and TLS, and each peer."""
    tls = {**environment, "AWS_ENDPOINT_URL_S3": environment["S3_TLS_ENDPOINT"], "AWS_CA_BUNDLE": environment["S3_CA"]}
    runs = {"avmap": (tools.avmap(options, workload), environment, workload.count),
            "avmap, TLS": (tools.avmap(options, workload), tls, workload.count)}
    count = min(workload.count, workload.peer_objects)
    for name, command in tools.peers()[0].items():
        runs[name] = (command(workload, count), environment, count)
    best = {}
    for _ in range(options.rounds):
        taken = {"floor": (tools.measure_floor(options, workload), workload.count)}
        for name, (command, env, objects) in runs.items():
            taken[name] = (measure(options, command, env, temporary), objects)
        for name, (figures, objects) in taken.items():
            if name not in best or figures.cpu_s < best[name][0].cpu_s:
                best[name] = (figures, objects)
    return best


def bench_delay(options, workload, environment, fault, temporary):
    """Objects a second through the proxy, without and with a delay; the faster of the rounds."""
    through = {**environment, "AWS_ENDPOINT_URL_S3": fault["FAULT_ENDPOINT"]}
    walls = {0: [], DELAY_MS: []}
    for _ in range(options.rounds):
        for delay_ms, taken in walls.items():
            urllib.request.urlopen(f"{fault['FAULT_CONTROL']}/set?delay_ms={delay_ms}").read()
            taken.append(measure(options, tools.avmap(options, workload), through, temporary).wall_s)
    return [workload.count / min(taken) for taken in walls.values()]


def print_machine(options):
    model = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    versions = subprocess.run([options.avmap, "version"], check=True, stdout=subprocess.PIPE, text=True).stdout
    print(f"{datetime.date.today()}: {len(options.cpus)} of {os.cpu_count()} CPUs, "
          f"{model[1] if model else platform.machine()}, {platform.system()} {platform.release()}, "
          f"load {os.getloadavg()[0]:.1f}")
    print(f"{options.objects} objects, best of {options.rounds} rounds; {'; '.join(versions.split(chr(10))).strip('; ')}")


def print_row(cells):
    print(" ".join(f"{cell:{'<' if number < 2 else '>'}{width}}"
                   for number, (cell, (_, width)) in enumerate(zip(cells, COLUMNS))).rstrip(), flush=True)


def print_workload(workload, best, rates):
    def per_object(name):
        taken, objects = best[name]
        return taken.cpu_s / objects

    for name, (taken, objects) in best.items():
        delayed = [f"{rates[0]:.3g}", f"{rates[1]:.3g}"] if name == "avmap" else ["", ""]
        used = ["", ""] if name == "floor" else [f"{taken.rss_mib:.0f}", f"{taken.disk_mib:.0f}"]
        print_row([workload.name, name, f"{objects / taken.wall_s:.2f}", f"{per_object(name) * 1000:.1f}",
                   f"{per_object(name) / per_object('floor'):.2f}", f"{per_object(name) / per_object('avmap'):.2f}",
                   *used, *delayed])


def bench(options, folder):
    cpus = sorted(os.sched_getaffinity(0))
    options.cpus = cpus[:max(1, len(cpus) // 2)]
    os.sched_setaffinity(0, cpus[len(cpus) // 2:])
    environment = {**server("s3-server", folder / "s3", S3_MEM_BYTES=str(workloads.megabytes(options) * 1000000)),
                   "PATH": "/usr/bin:/bin"}
    environment.pop("AWS_CA_BUNDLE", None)
    fault = server("fault-proxy", folder / "fault", FAULT_UPSTREAM=environment["S3_ENDPOINT"].split("//")[1])
    s3 = boto3.client("s3", endpoint_url=environment["S3_ENDPOINT"], region_name="us-east-1",
                      aws_access_key_id=environment["AWS_ACCESS_KEY_ID"],
                      aws_secret_access_key=environment["AWS_SECRET_ACCESS_KEY"])
    for bucket in (workloads.BUCKET, "bench-out"):
        s3.create_bucket(Bucket=bucket)
    made, left_out = workloads.make(options, folder, s3)
    print_machine(options)
    for line in left_out + tools.peers()[1]:
        print(f"left out: {line}")
    print_row([name for name, _ in COLUMNS])
    for workload in made:
        best = bench_tools(options, workload, environment, folder / "tmp")
        rates = bench_delay(options, workload, environment, fault, folder / "tmp")
        print_workload(workload, best, rates)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("floor")
    parser.add_argument("avmap")
    parser.add_argument("--objects", type=int, default=1000, help="of the workloads with small ones")
    parser.add_argument("--video-megabytes", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", default="", help="workloads whose name contains this")
    options = parser.parse_args()
    if not shutil.which("ffmpeg"):
        sys.exit("bench: ffmpeg is not installed; run scripts/bootstrap demo")
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        try:
            bench(options, folder)
        finally:
            for script, name in (("fault-proxy", "fault"), ("s3-server", "s3")):
                subprocess.run([ROOT / "scripts" / script, "stop", folder / name], check=False,
                               stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    main()
