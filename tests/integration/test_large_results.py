# SPDX-License-Identifier: MIT
"""Results larger than one part arrive whole, in parts, or leave nothing behind."""

import os
import signal
import time
from pathlib import Path

import pytest

from lab import TO_MONO, by_ffmpeg, long_tone, media_names, wait_until

SECONDS = 450 # 41 MiB of wav: six parts of 8 MiB


@pytest.fixture
def source(folder):
    long_tone(folder("in").path / "long.flac", SECONDS)
    return folder("in")


def test_a_large_result_is_uploaded_in_parts(avmap, server, bucket, source):
    destination = bucket.at("out/")

    done = avmap("run", source.url, destination.url, *TO_MONO, env=server.env())

    assert done.returncode == 0, done.stderr
    assert destination.head("long.flac.wav")["ETag"].strip('"').endswith("-6")
    expected = by_ffmpeg(source.path / "long.flac", "-ac", "1", "-ar", "48000")
    assert destination.read("long.flac.wav")[-2 * 48000 * SECONDS:] == expected[-2 * 48000 * SECONDS:]
    assert bucket.unfinished_uploads() == []


@pytest.mark.parametrize("settings", [
    {"mode": "500", "first": 1, "match": "uploadId="},
    {"mode": "reset", "first": 1, "match": "partNumber=2"},
    {"mode": "200err", "first": 1, "match": "^POST .*uploadId="},
    {"mode": "slowdown", "first": 2, "match": "^POST .*uploads"},
    {"mode": "lostresp", "first": 1, "match": "^POST .*uploads"},
    {"mode": "lostresp", "first": 1, "match": "partNumber=3"},
], ids=["internal errors", "a reset in the middle", "an error inside 200", "slow down at the start",
        "a beginning that nobody heard of", "a part whose reply was lost"])
def test_parts_are_sent_again_after(avmap, server, bucket, fault, source, settings):
    fault.set(**settings)
    destination = bucket.at("out/")

    done = avmap("run", "--retry-interval", "200ms", source.url, destination.url, *TO_MONO,
                 env=server.env(endpoint=fault.endpoint))

    assert done.returncode == 0, done.stderr
    assert fault.count > 0, "the fault never happened"
    assert destination.head("long.flac.wav")["ContentLength"] >= 2 * 48000 * SECONDS
    assert bucket.unfinished_uploads() == []


def test_a_part_that_never_arrives_aborts_the_upload(avmap, server, bucket, fault, source, results):
    fault.set(mode="500", match="partNumber=2")
    destination = bucket.at("out/")

    done = avmap("run", "--max-attempts", 2, "--retry-interval", "100ms", source.url, destination.url, *TO_MONO,
                 env=server.env(endpoint=fault.endpoint))

    assert done.returncode == 1, done.stderr
    assert media_names(destination) == set()
    assert bucket.unfinished_uploads() == []
    assert [record.error for record in results(destination).failed] == ["S3.InternalError"]


STREAMED = {
    "wav": ("-c:a", "pcm_s16le", "-ac", "2"),
    "mov": ("-c:a", "pcm_s16le", "-ac", "2"),  # its index comes last
    "aiff": ("-ac", "2"),
    "mov, in fragments": ("-c:a", "pcm_s16le", "-ac", "2", "-movflags", "+empty_moov", "-frag_duration", "500000"),
    "mov, index first": ("-c:a", "pcm_s16le", "-ac", "2", "-movflags", "+faststart"),  # moves what it wrote
}


@pytest.mark.parametrize("container", STREAMED)
def test_a_result_that_goes_up_while_it_is_made_has_the_same_bytes(avmap, server, bucket, folder, source, container):
    line = ("--suffix", "." + container[:4].rstrip(","), "--", "-bitexact", *STREAMED[container])
    destination, spooled = bucket.at("out/"), folder("out")

    done = avmap("run", source.url, destination.url, *line, env=server.env())
    assert avmap("run", source.url, spooled.url, *line).returncode == 0

    assert done.returncode == 0, done.stderr
    (name,) = media_names(destination)
    data = destination.read(name)
    assert len(data) > 10_000_000
    assert data == spooled.read(name)
    assert bucket.unfinished_uploads() == []


def peak_kib(process):
    status = Path(f"/proc/{process.pid}/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0])


def test_a_very_large_result_takes_neither_memory_nor_disk(avmap, server, bucket, folder, tmp_path, results):
    source, destination, disk = folder("in"), bucket.at("out/"), tmp_path / "disk"
    disk.mkdir()
    long_tone(source.path / "long.flac", 2400)  # 220 MiB of wav
    seen = [0, set()]
    process = avmap.start("run", source.url, destination.url, *TO_MONO, env=server.env(TMPDIR=str(disk)))
    while process.poll() is None:
        try:
            seen[0] = max(seen[0], peak_kib(process))
            seen[1] |= {os.readlink(f"/proc/{process.pid}/fd/{fd}") for fd in os.listdir(f"/proc/{process.pid}/fd")}
        except (OSError, IndexError):
            pass  # it has just ended

    assert process.returncode == 0, process.communicate()[1]
    (record,) = results(destination).made
    assert record.output["bytes"] > 230_000_000
    assert seen[0] < 160 * 1024, "KiB, of which the program and its libraries are about 45"
    assert not [name for name in seen[1] if str(disk) in name], "a temporary file"


def test_a_signal_in_the_middle_leaves_no_parts(avmap, server, fault, bucket, folder):
    source, destination = folder("in"), bucket.at("out/")
    long_tone(source.path / "long.flac", 2400)
    fault.set(mode="hang", match="PUT .*partNumber", after=3)
    process = avmap.start("run", source.url, destination.url, *TO_MONO, env=server.env(endpoint=fault.endpoint))
    wait_until(lambda: fault.count >= 1 or process.poll() is not None, what="the upload")

    process.send_signal(signal.SIGTERM)
    time.sleep(0.5)  # sooner they would count as one
    process.send_signal(signal.SIGINT)  # the second one, so at once
    process.communicate(timeout=20)

    assert bucket.unfinished_uploads() == []
    assert media_names(destination) == set()


def test_an_object_that_is_there_already_stays(avmap, server, bucket, source, results):
    destination = bucket.at("out/")
    destination.put("long.flac.wav", b"old")

    done = avmap("run", "--if-exists", "fail", source.url, destination.url, *TO_MONO, env=server.env())

    assert done.returncode == 1, done.stderr
    assert destination.read("long.flac.wav") == b"old"
    assert [record.error for record in results(destination).failed] == ["Avmap.AlreadyExists"]
    assert bucket.unfinished_uploads() == []
