# SPDX-License-Identifier: MIT
"""What the bench transcodes: each workload is a prefix in the bucket bench-in and a line of ffmpeg's options."""

import os
import subprocess
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
SHARED = Path(os.environ.get("AVMAP_SHARED", ROOT.parent / "shared"))
BUCKET = "bench-in"


@dataclass
class Workload:
    name: str
    prefix: str
    suffix: str
    count: int
    files: list = field(default_factory=list)  # local copies, one per object; the floor reads them
    options: tuple = ("-ac", "1", "-ar", "48000")
    peer_objects: int = 40  # as many show what a process per file costs


def ffmpeg(*words):
    subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-y", *map(str, words)], check=True)


def make_clip(path, seconds):
    source = f"anoisesrc=seed=3:duration={seconds}:sample_rate=44100:amplitude=0.3,pan=stereo|c0=c0|c1=0.5*c0"
    ffmpeg("-f", "lavfi", "-i", source, "-b:a", "128k", path)
    return path


def make_video(path, megabytes):
    """A few seconds of Motion JPEG with sound, repeated until the file is that large; its index is at the end."""
    part = path.with_name("part.mp4")
    ffmpeg("-f", "lavfi", "-i", "testsrc2=duration=5:size=1280x720:rate=25", "-f", "lavfi", "-i",
           "sine=frequency=440:duration=5:sample_rate=44100", "-c:v", "mjpeg", "-q:v", "2", "-pix_fmt", "yuvj420p",
           "-c:a", "aac", part)
    repeats = max(0, megabytes * 1000000 // part.stat().st_size - 1)
    ffmpeg("-stream_loop", repeats, "-i", part, "-c", "copy", path)
    part.unlink()
    return path


def decodable(floor, suffix):
    """Those of the shared media that the floor's simple loop can do."""
    def works(path):
        return subprocess.run([floor, suffix[1:], "1", "48000", path], stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL, check=False, timeout=60).returncode == 0

    paths = [path for path in sorted((SHARED / "media").rglob("*"))
             if path.is_file() and 0 < path.stat().st_size < 4000000 and not path.name.startswith("_SOURCE")
             and "open-other-files" not in path.parts]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return [path for path, good in zip(paths, pool.map(works, paths)) if good]


def upload(s3, workload):
    def put(item):
        number, path = item
        s3.upload_file(str(path), BUCKET, f"{workload.prefix}{number:05}{path.suffix}")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(put, enumerate(workload.files)))


def podcasts(options):
    return max(1, options.objects // 33)


def megabytes(options):
    """Room for all on the server, where the results of one run replace those of another."""
    return 4000 + options.video_megabytes + 60 * podcasts(options) * 3


def describe(options):
    """The workloads, without their files yet; with so many objects that a run of each takes as long as the others,
    which is ten seconds or more: what a run waits for once counts as little as in one of hours."""
    few = podcasts(options)
    return [
        Workload("11 s MP3 to WAV", "clips/", ".wav", options.objects),
        Workload("11 s MP3 to FLAC", "clips/", ".flac", options.objects),
        Workload("3 s MP3 to WAV", "short/", ".wav", 3 * options.objects),
        Workload("10 min MP3 to WAV", "podcasts/", ".wav", few, peer_objects=1),
        Workload(f"{options.video_megabytes} MB video to WAV", "video/", ".wav", 1,
                 options=("-vn", "-ac", "1", "-ar", "48000"), peer_objects=1),
        Workload("mixed media to WAV", "mixed/", ".wav", 3 * options.objects),
    ]


def make_files(options, folder, workload):
    """The files of a workload's prefix, one per object; none when they cannot be had."""
    kinds = {
        "clips/": lambda: [make_clip(folder / "clip-11.mp3", 11)],
        "short/": lambda: [make_clip(folder / "clip-3.mp3", 3)],
        "podcasts/": lambda: [make_clip(folder / "podcast.mp3", 600)],
        "video/": lambda: [make_video(folder / "video.mp4", options.video_megabytes)],
        "mixed/": lambda: decodable(options.floor, workload.suffix),
    }
    different = kinds[workload.prefix]()
    return (different * (workload.count // len(different) + 1))[:workload.count] if different else []


def make(options, folder, s3):
    """Makes and uploads the workloads that were asked for; gives them, and a line for each that is left out."""
    made, left_out, files = [], [], {}
    for workload in describe(options):
        if options.only not in workload.name:
            continue
        if workload.prefix not in files:
            files[workload.prefix] = workload.files = make_files(options, folder, workload)
            upload(s3, workload)
        workload.files = files[workload.prefix]
        if workload.files:
            made.append(workload)
        else:
            left_out.append(f"{workload.name}: {SHARED}/media is not here")
    return made, left_out
