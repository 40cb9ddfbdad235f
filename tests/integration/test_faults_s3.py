# SPDX-License-Identifier: MIT
"""Each fault on each kind of request: every object is right or listed as failed, and the retries stay few."""

import pytest

from lab import TO_MONO, assert_mono_48k, media_names, tiny_wav

ITEMS = 4
LENGTH = 24000

GET, PUT, LIST = "^GET /[^?]*/in/", "^PUT /[^?]*/out/[0-9]", "^GET .*list-type"

FAULTS = {
    "slow down": {"mode": "slowdown", "first": 2},
    "internal error": {"mode": "500", "first": 2},
    "bad gateway": {"mode": "502html", "first": 2},
    "request time-out": {"mode": "400timeout", "first": 2},
    "expired token": {"mode": "expired", "first": 1},
    "reset": {"mode": "reset", "first": 2},
    "hang": {"mode": "hang", "first": 1, "hang_ms": 1000},
}

ON_BODIES = {
    "cut": {"mode": "cut", "first": 2, "bytes": 5000},
    "corrupt": {"mode": "corrupt", "first": 2, "bytes": 5000},
    "slow body": {"mode": "slowbody", "first": 1, "slow_rate": 30000},
}


@pytest.fixture
def source(bucket):
    for n in range(ITEMS):
        bucket.put(f"in/{n}.wav", tiny_wav(LENGTH))
    return bucket.at("in/")


def assert_all_is_right(avmap, server, fault, bucket, source, results):
    destination = bucket.at("out/")

    done = avmap("run", source.url, destination.url, *TO_MONO, env=server.env(endpoint=fault.endpoint))

    assert done.returncode == 0, done.stderr
    assert fault.count > 0, "the fault never happened"
    assert media_names(destination) == {f"{n}.wav.wav" for n in range(ITEMS)}
    for name in media_names(destination):
        assert_mono_48k(destination.read(name), LENGTH)
    assert len(results(destination).made) == ITEMS
    assert bucket.unfinished_uploads() == []


@pytest.mark.parametrize("match", [GET, PUT, LIST], ids=["on a download", "on an upload", "on the listing"])
@pytest.mark.parametrize("fault_settings", FAULTS.values(), ids=FAULTS)
def test_a_fault_that_passes_changes_nothing(avmap, server, fault, bucket, source, results, fault_settings, match):
    fault.set(match=match, **fault_settings)
    assert_all_is_right(avmap, server, fault, bucket, source, results)


def test_a_reply_that_is_lost_after_the_upload_changes_nothing(avmap, server, fault, bucket, source, results):
    fault.set(mode="lostresp", first=2, match=PUT)
    assert_all_is_right(avmap, server, fault, bucket, source, results)


@pytest.mark.parametrize("fault_settings", ON_BODIES.values(), ids=ON_BODIES)
def test_a_body_that_arrives_wrong_is_fetched_again(avmap, server, fault, bucket, source, results, fault_settings):
    fault.set(match=GET, **fault_settings)
    assert_all_is_right(avmap, server, fault, bucket, source, results)


def test_bytes_that_are_always_changed_are_never_a_result(avmap, server, fault, bucket, source, results):
    destination = bucket.at("out/")
    fault.set(mode="corrupt", match="^GET /[^?]*/in/2[.]wav", bytes=5000)

    done = avmap("run", "--max-attempts", 1, source.url, destination.url, *TO_MONO,
                 env=server.env(endpoint=fault.endpoint))

    assert done.returncode == 1, done.stderr
    run = results(destination)
    assert [(record.key, record.error) for record in run.failed] == [("in/2.wav", "S3.ChecksumMismatch")]
    assert media_names(destination) == {f"{n}.wav.wav" for n in range(ITEMS) if n != 2}


def test_a_server_in_trouble_is_not_asked_without_end(avmap, server, fault, bucket, source, results):
    fault.set(mode="500", match=GET)

    done = avmap("run", "--max-attempts", 1, source.url, bucket.at("out/").url, *TO_MONO,
                 env=server.env(endpoint=fault.endpoint, AWS_RETRY_MODE="standard"))

    assert done.returncode == 1, done.stderr
    assert len(results(bucket.at("out/")).failed) == ITEMS
    assert fault.count == 3 * ITEMS
