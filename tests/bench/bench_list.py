#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Measures listing: keys that a run looks at and leaves out, from a scripted server.

usage: bench_list.py AVMAP [--keys N]

"fetch" only reads the pages, so its wall time is that of the server. avmap runs over a hundredth of the keys too:
the memory of both should be the same.
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

import tools

SERVER = Path(__file__).resolve().with_name("listing_server.py")
FETCH = """
import http.client, re, sys
server, token, path = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1])), b"", "/in?list-type=2"
while True:
    server.request("GET", path + ("&continuation-token=" + token.decode() if token else ""))
    found = re.search(rb"<NextContinuationToken>(.*?)<", server.getresponse().read()[:1000])
    if not found:
        break
    token = found[1]
"""


def serve(keys):
    server = subprocess.Popen([sys.executable, SERVER, str(keys)], stdout=subprocess.PIPE, text=True)
    return server, int(server.stdout.readline())


def bench(avmap, keys, folder):
    server, port = serve(keys)
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(folder), "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
                   "AWS_SECRET_ACCESS_KEY": "none", "AWS_REGION": "us-east-1", "AVMAP_PROGRESS": "never"}
    lines = {"fetch": [sys.executable, "-c", FETCH, str(port)],
             "avmap": [avmap, "run", "-q", "--endpoint-url", f"http://127.0.0.1:{port}", "--exclude", "*",
                       "s3://in/media/", f"{folder}/out/", "--suffix", ".wav"]}
    try:
        for name, line in lines.items():
            taken = tools.measure(line, environment, folder / "tmp")
            print(f"{name:8} {keys:10} {keys / taken.wall_s:12.0f} {taken.cpu_s / keys * 1e6:12.2f} "
                  f"{taken.rss_mib:8.1f}", flush=True)
    finally:
        server.kill()
        server.wait()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("avmap")
    parser.add_argument("--keys", type=int, default=1000000)
    options = parser.parse_args()
    print(f"{'tool':8} {'keys':>10} {'keys/s':>12} {'CPU us/key':>12} {'RSS MiB':>8}")
    with tempfile.TemporaryDirectory() as scratch:
        for keys in (max(1, options.keys // 100), options.keys):
            bench(options.avmap, keys, Path(scratch))


if __name__ == "__main__":
    main()
