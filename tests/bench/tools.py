# SPDX-License-Identifier: MIT
"""The programs that the bench compares, and how what they take is measured."""

import os
import shutil
import subprocess
import threading
import time
from dataclasses import dataclass

# What a container wrapper does: copy one object in, one ffmpeg process, copy the result out.
BOTO = """
import os, subprocess, sys, tempfile
import boto3
suffix, count, prefix, *options = sys.argv[1:]
s3 = boto3.client("s3", endpoint_url=os.environ["AWS_ENDPOINT_URL_S3"])
pages = s3.get_paginator("list_objects_v2").paginate(Bucket="bench-in", Prefix=prefix)
for key in [entry["Key"] for page in pages for entry in page["Contents"]][:int(count)]:
    with tempfile.TemporaryDirectory() as folder:
        source, result = folder + "/" + os.path.basename(key), folder + "/out" + suffix
        s3.download_file("bench-in", key, source)
        subprocess.run(["ffmpeg", "-nostdin", "-v", "quiet", "-i", source, *options, result], check=False)
        if os.path.exists(result):
            s3.upload_file(result, "bench-out", "boto/" + key + suffix)
"""

S5CMD = """
set -e
folder=$(mktemp -d); suffix=$1 count=$2 prefix=$3; shift 3
s5cmd ls "s3://bench-in/$prefix*" | awk '{ print $NF }' | head -n "$count" | while read -r key; do
    s5cmd cp "s3://bench-in/$prefix$key" "$folder/in-$key" >"$folder/log"
    ffmpeg -nostdin -v quiet -y -i "$folder/in-$key" "$@" "$folder/out$suffix" || true
    s5cmd cp "$folder/out$suffix" "s3://bench-out/s5cmd/$key$suffix" >"$folder/log"
    rm -f "$folder/in-$key" "$folder/out$suffix"
done
rm -r "$folder"
"""


@dataclass
class Taken:
    """What one program took."""
    wall_s: float
    cpu_s: float  # its own and its children's
    rss_mib: float
    disk_mib: float  # the most it had in temporary files at once


def disk_use(pid, temporary):
    """Bytes in a temporary folder, and in files without a name that a process holds open there."""
    total = 0
    for folder, _, names in os.walk(temporary):
        for name in names:
            try:
                total += os.stat(os.path.join(folder, name)).st_size
            except OSError:
                pass
    try:
        for descriptor in os.scandir(f"/proc/{pid}/fd"):
            if os.readlink(descriptor.path).endswith(" (deleted)"):
                total += os.stat(descriptor.path).st_size
    except OSError:
        pass
    return total


def memory_use(pid):
    """The most KiB a process has had since it began with its program."""
    try:
        with open(f"/proc/{pid}/status", encoding="ascii", errors="replace") as status:
            return max((int(line.split()[1]) for line in status if line.startswith("VmHWM:")), default=0)
    except OSError:
        return 0


def on_cpus(options, command):
    """The command on the CPUs that are the tools'."""
    return ["taskset", "-c", ",".join(map(str, options.cpus)), *map(str, command)]


def measure(command, environment, temporary):
    """Runs a command to its end."""
    temporary.mkdir(exist_ok=True)
    start = time.monotonic()
    process = subprocess.Popen(list(map(str, command)), env={**environment, "TMPDIR": str(temporary)},
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    ended = threading.Event()
    most = [0, 0]

    def watch():
        while not ended.wait(0.05):
            most[:] = max(most[0], disk_use(process.pid, temporary)), max(most[1], memory_use(process.pid))

    watcher = threading.Thread(target=watch)
    watcher.start()
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.monotonic() - start
    ended.set()
    watcher.join()
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 1):
        raise RuntimeError(f"{command[:4]} ended with status {process.returncode}")
    return Taken(wall, usage.ru_utime + usage.ru_stime, most[1] / 1024, most[0] / 2**20)


def measure_floor(options, workload):
    """A loop on each CPU, as avmap is at work on all: alone it would have memory and caches to itself."""
    cpus = len(options.cpus)
    shares = [share for n in range(cpus) if (share := workload.files[n::cpus])]
    loops = [subprocess.Popen(on_cpus(options, [options.floor, workload.suffix[1:], "1", "48000", *share]),
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) for share in shares]
    # What each prints is without the reading of files and the start of the process.
    cpu_s = sum(float(loop.communicate()[0].split()[-3]) for loop in loops)
    return Taken(cpu_s / len(shares), cpu_s, 0, 0)


def avmap(options, workload):
    return [options.avmap, "run", "-q", "--if-exists", "overwrite", f"s3://bench-in/{workload.prefix}",
            f"s3://bench-out/avmap{workload.suffix}/", "--suffix", workload.suffix, "--", *workload.options]


def peers():
    """Name and command maker of each peer that is here; a line for each that is not."""
    found = {"boto3 + ffmpeg": lambda workload, count: [
        "/usr/bin/python3", "-c", BOTO, workload.suffix, str(count), workload.prefix, *workload.options]}
    if shutil.which("s5cmd"):
        found["s5cmd + ffmpeg"] = lambda workload, count: [
            "bash", "-c", S5CMD, "s5cmd", workload.suffix, str(count), workload.prefix, *workload.options]
        return found, []
    return found, ["s5cmd + ffmpeg: s5cmd is not installed"]
