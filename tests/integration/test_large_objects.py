# SPDX-License-Identifier: MIT
"""Large objects are transcoded while they are read, from where the recipe needs them."""

import re
import subprocess
import uuid

import pytest

from lab import Bucket, by_ffmpeg, media_names, wait_until

SMALL_DISK = {"TMPDIR": "/nowhere"}  # a temporary file fails
TO_MONO_16K = ["--", "-ac", "1", "-ar", "16000"]


@pytest.fixture(scope="module")
def wav(tmp_path_factory):
    """40 MB of sound that is nowhere the same."""
    path = tmp_path_factory.mktemp("large") / "long.wav"
    subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-f", "lavfi",
                    "-i", "aevalsrc=0.3*sin(t*(200+t))+0.1*random(0):s=96000:d=52", "-ac", "4", "-c:a", "pcm_s16le",
                    path], check=True)
    assert path.stat().st_size > 35e6
    return path


@pytest.fixture(scope="module")
def video(tmp_path_factory):
    """A video of 44 MB with sound between its large pictures, and its index at the end."""
    path = tmp_path_factory.mktemp("large") / "video.mov"
    subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-f", "lavfi", "-i", "testsrc2=s=1280x720:r=2:d=12", "-f",
                    "lavfi", "-i", "sine=d=12", "-c:v", "rawvideo", "-pix_fmt", "uyvy422", "-c:a", "aac", "-b:a", "64k", path],
                   check=True)
    assert path.stat().st_size > 30e6
    return path


@pytest.fixture(scope="module")
def seeded(s3, wav, video):
    """in/ with the sound and video/ with the video, for reading only: to put them takes time and memory."""
    bucket = Bucket(s3, f"avmap-{uuid.uuid4().hex}")
    s3.create_bucket(Bucket=bucket.bucket)
    bucket.put("in/long.wav", wav)
    bucket.put("video/video.mov", video)
    yield bucket
    bucket.remove()


def bytes_read(done):
    """What the log says was fetched of objects."""
    return [int(count) for count in re.findall(r"GET GetObject .*: 206, 0 bytes up, (\d+) down", done.stderr)]


def transcode(avmap, environment, source, destination, *options):
    return avmap("run", "-v", source.url, destination.url, *options, env={**environment, **SMALL_DISK})


def test_the_result_is_that_of_the_whole_file(avmap, server, bucket, seeded, wav, results):
    source, destination = seeded.at("in/"), bucket.at("out/")

    done = transcode(avmap, server.env(), source, destination, *TO_MONO_16K)

    assert done.returncode == 0, done.stderr
    assert destination.read("long.wav") == by_ffmpeg(wav, *TO_MONO_16K[1:])
    assert sum(bytes_read(done)) == wav.stat().st_size
    assert len(bytes_read(done)) < 25
    (record,) = results(destination).made
    assert record.output["input"]["bytes"] == wav.stat().st_size


def test_it_needs_no_room_for_the_object(avmap, server, bucket, seeded, wav):
    source, destination = seeded.at("in/"), bucket.at("out/")

    done = transcode(avmap, server.env(), source, destination, "--memory", "4M", "--", "-t", "1")

    assert done.returncode == 0, done.stderr
    assert destination.read("long.wav") == by_ffmpeg(wav, "-t", "1")


def test_a_large_file_is_read_where_it_is(avmap, folder, wav):
    source, destination = folder("in"), folder("out")
    source.put("long.wav", wav)

    done = transcode(avmap, {}, source, destination, "--memory", "4M", *TO_MONO_16K)

    assert done.returncode == 0, done.stderr
    assert destination.read("long.wav") == by_ffmpeg(wav, *TO_MONO_16K[1:])


@pytest.mark.parametrize("inputs, outputs", [
    ([], ["-vn"]),
    ([], ["-vn", "-t", "1"]),
    (["-ss", "8"], ["-vn", "-t", "1"]),
    (["-sseof", "-1"], ["-vn"]),
    (["-ss", "5"], ["-an", "-frames:v", "2", "-c:v", "mpeg4"]),
], ids=["sound", "beginning", "middle", "end", "pictures"])
def test_what_the_recipe_needs_not_is_not_fetched(avmap, server, bucket, seeded, video, tmp_path, inputs, outputs):
    source, destination = seeded.at("video/"), bucket.at("out/")
    options = [f"--input-options={' '.join(inputs)}"] if inputs else []

    done = transcode(avmap, server.env(), source, destination, *options, "--", *outputs)

    assert done.returncode == 0, done.stderr
    assert 0 < sum(bytes_read(done)) < video.stat().st_size * 2 / 3
    expected = tmp_path / "video.mov"
    subprocess.run(["ffmpeg", "-nostdin", "-v", "error", *inputs, "-i", video, *outputs, expected], check=True)
    assert destination.read("video.mov") == expected.read_bytes()


FAULTS = {
    "cut": {"mode": "cut", "pct": 40, "seed": 2, "bytes": 200000},
    "reset": {"mode": "reset", "pct": 40, "seed": 3},
    "internal errors": {"mode": "500", "pct": 40, "seed": 4},
    "a first reply that never comes": {"mode": "hang", "first": 1, "hang_ms": 1000},
    "a flipped bit": {"mode": "corrupt", "first": 1, "bytes": 100000},
    "slow": {"mode": "slowbody", "first": 1, "slow_rate": 200000},
}


@pytest.mark.parametrize("settings", FAULTS.values(), ids=FAULTS)
def test_faults_change_nothing(avmap, server, fault, bucket, seeded, wav, settings):
    source, destination = seeded.at("in/"), bucket.at("out/")
    fault.set(match="^GET /[^?]*/in/", **settings)

    done = transcode(avmap, server.env(endpoint=fault.endpoint), source, destination, *TO_MONO_16K)

    assert done.returncode == 0, done.stderr
    assert fault.count > 0, "the fault never happened"
    assert destination.read("long.wav") == by_ffmpeg(wav, *TO_MONO_16K[1:])


def test_an_object_that_changes_midway_fails(avmap, server, fault, bucket, wav, results):
    source, destination = bucket.at("in/"), bucket.at("out/")
    source.put("long.wav", wav)
    fault.set(delay_ms=500)
    process = avmap.start("run", "-v", source.url, destination.url, *TO_MONO_16K,
                          env=server.env(endpoint=fault.endpoint, **SMALL_DISK))
    for line in process.stderr:
        if "GetObject" in line:
            break
    source.put("long.wav", b"another")
    fault.clear()
    _, errors = process.communicate(timeout=120)

    assert process.returncode == 1, errors
    (record,) = results(destination).failed
    assert record.error == "S3.PreconditionFailed" and "changed" in record.cause, record
    assert not media_names(destination)


def test_an_interrupt_ends_the_reading(avmap, server, fault, bucket, seeded, results):
    source, destination = seeded.at("in/"), bucket.at("out/")
    fault.set(rate=100000)
    process = avmap.start("run", "-v", "--grace", "1s", source.url, destination.url, *TO_MONO_16K,
                          env=server.env(endpoint=fault.endpoint))
    for line in process.stderr:
        if "ListObjectsV2" in line:
            break
    process.terminate()
    _, errors = process.communicate(timeout=30)

    assert process.returncode == 143, errors
    assert not media_names(destination)
    assert len(results(destination).pending) <= 1


def test_one_transcode_reads_its_large_inputs_so_too(avmap, server, seeded, wav, tmp_path):
    source = seeded.at("in/")

    done = avmap("one", "--input_url", f"{source.url}long.wav,{wav.as_uri()}", "--output_url", tmp_path / "two.wav",
                 "--output_file_options", "-filter_complex amix -t 1",
                 env=server.env(AVMAP_MEMORY="8M", AVMAP_VERBOSE="1", **SMALL_DISK))

    assert done.returncode == 0, done.stderr
    expected = tmp_path / "expected.wav"
    subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-i", wav, "-i", wav, "-filter_complex", "amix", "-t", "1",
                    expected], check=True)
    assert (tmp_path / "two.wav").read_bytes() == expected.read_bytes()
