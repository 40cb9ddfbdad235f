# SPDX-License-Identifier: MIT
"""Results larger than one part arrive whole, in parts, or leave nothing behind."""

import pytest

from lab import TO_MONO, by_ffmpeg, long_tone, media_names

SECONDS = 450 # 41 MiB of wav: three parts of 16 MiB


@pytest.fixture
def source(folder):
    long_tone(folder("in").path / "long.flac", SECONDS)
    return folder("in")


def test_a_large_result_is_uploaded_in_parts(avmap, server, bucket, source):
    destination = bucket.at("out/")

    done = avmap("run", source.url, destination.url, *TO_MONO, env=server.env())

    assert done.returncode == 0, done.stderr
    assert destination.head("long.flac.wav")["ETag"].strip('"').endswith("-3")
    expected = by_ffmpeg(source.path / "long.flac", "-ac", "1", "-ar", "48000")
    assert destination.read("long.flac.wav")[-2 * 48000 * SECONDS:] == expected[-2 * 48000 * SECONDS:]
    assert bucket.unfinished_uploads() == []


@pytest.mark.parametrize("settings", [
    {"mode": "500", "first": 1, "match": "uploadId="},
    {"mode": "reset", "first": 1, "match": "partNumber=2"},
    {"mode": "200err", "first": 1, "match": "^POST .*uploadId="},
    {"mode": "slowdown", "first": 2, "match": "^POST .*uploads"},
], ids=["internal errors", "a reset in the middle", "an error inside 200", "slow down at the start"])
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
