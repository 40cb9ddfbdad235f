# SPDX-License-Identifier: MIT
"""Over http, where no checksum comes, a source that was uploaded in parts is never read wrong: its ETag tells, or
another reading does."""

import hashlib
import random
import subprocess
import uuid

import pytest

from lab import Bucket, by_ffmpeg, media_names, tiny_wav

MIB = 1 << 20
GETS = "^GET /[^?]*/(noise.wav|video.mov)"
ONCE_MORE = "reading it once more"

WHOLE = 7 * MIB       # one GET
IN_RANGES = 18 * MIB  # several, ahead of its reader
ODD = 5 * MIB + MIB // 2 + 1

SOURCES = {
    "whole": (WHOLE, 5 * MIB),
    "whole-odd": (WHOLE, ODD),
    "ranges": (IN_RANGES, 8 * MIB),
    "ranges-odd": (IN_RANGES, ODD),
}


def header(size):
    return tiny_wav(size // 2)[:-size]


def put_in_parts(place, name, data, part_size):
    names = {"Bucket": place.bucket, "Key": place.prefix + name}
    upload = place.s3.create_multipart_upload(**names)["UploadId"]
    parts = [{"PartNumber": number, "ETag": place.s3.upload_part(**names, UploadId=upload, PartNumber=number,
                                                                Body=data[first:first + part_size])["ETag"]}
             for number, first in enumerate(range(0, len(data), part_size), 1)]
    place.s3.complete_multipart_upload(**names, UploadId=upload, MultipartUpload={"Parts": parts})
    assert place.head(name)["ETag"].endswith(f"-{len(parts)}\"")


@pytest.fixture(scope="module")
def seeded(s3):
    """A prefix for each source, for reading only: PCM that is nowhere the same, behind the header of a wav."""
    bucket = Bucket(s3, f"avmap-{uuid.uuid4().hex}")
    s3.create_bucket(Bucket=bucket.bucket)
    for name, (size, part_size) in SOURCES.items():
        put_in_parts(bucket.at(f"{name}/"), "noise.wav", header(size) + random.Random(size).randbytes(size), part_size)
    yield bucket
    bucket.remove()


@pytest.fixture(params=SOURCES)
def source(request, seeded):
    return seeded.at(f"{request.param}/")


def read_through(avmap, server, fault, source, destination, *options):
    """A run whose results are sums of the packets as they were read."""
    return avmap("run", "-v", *options, source.url, destination.url, "--suffix", ".md5", "--", "-c", "copy", "-f", "md5",
                 env=server.env(endpoint=fault.endpoint))


def right_sum(source):
    return f"MD5={hashlib.md5(source.read('noise.wav')[44:]).hexdigest()}\n".encode()


def test_only_parts_of_odd_size_are_read_twice(avmap, server, fault, folder, source):
    destination = folder("out")

    done = read_through(avmap, server, fault, source, destination)

    assert done.returncode == 0, done.stderr
    assert (ONCE_MORE in done.stderr) == source.prefix.endswith("-odd/")
    assert destination.read("noise.wav.md5") == right_sum(source)


def test_a_flipped_bit_changes_nothing(avmap, server, fault, folder, source):
    destination = folder("out")
    count = 3 if source.prefix.startswith("ranges") else 1
    fault.set(mode="corrupt", match=GETS, first=count, bytes=100000)

    done = read_through(avmap, server, fault, source, destination)

    assert done.returncode == 0, done.stderr
    assert fault.count == count
    assert destination.read("noise.wav.md5") == right_sum(source)


def test_bits_that_always_flip_give_no_result(avmap, server, fault, folder, source, results):
    destination = folder("out")
    fault.set(mode="corrupt", match=GETS, bytes=100000)

    done = read_through(avmap, server, fault, source, destination, "--max-attempts", 1)

    assert done.returncode == 1, done.stderr
    (record,) = results(destination).failed
    assert record.error == "S3.ChecksumMismatch"
    assert media_names(destination) == set()


def test_sound_between_small_pictures_is_checked_with_them(avmap, server, fault, bucket, folder, tmp_path):
    video = tmp_path / "video.mov"
    subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-f", "lavfi", "-i", "testsrc2=s=320x180:r=5:d=32", "-f", "lavfi",
                    "-i", "sine=d=32", "-c:v", "rawvideo", "-pix_fmt", "uyvy422", "-c:a", "pcm_s16le", video], check=True)
    assert video.stat().st_size > 16 * MIB
    source, destination = bucket.at("in/"), folder("out")
    put_in_parts(source, "video.mov", video.read_bytes(), 8 * MIB)
    fault.set(mode="corrupt", match=GETS, first=1, bytes=100000)

    done = avmap("run", source.url, destination.url, "--ext", "wav", "--", "-vn", "-c", "copy",
                 env=server.env(endpoint=fault.endpoint))

    assert done.returncode == 0, done.stderr
    assert fault.count == 1 and "do not fit their ETag" in done.stderr
    assert destination.read("video.wav") == by_ffmpeg(video, "-vn", "-c", "copy")
