# SPDX-License-Identifier: MIT
"""A server that fails now and then costs time, not results."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from lab import TO_MONO, assert_mono_48k, media_names, tiny_wav, wait_until

ITEMS = 12
LENGTH = 24000

PASSING = {
    "slow down for 30 of 100 requests": {"mode": "slowdown", "pct": 30, "seed": 1},
    "slow down with a wish to wait": {"mode": "slowdown", "first": 1, "match": "^GET", "retry_after": 1},
    "internal errors": {"mode": "500", "first": 1},
    "resets": {"mode": "reset", "first": 1},
}


@pytest.fixture
def source(bucket):
    for n in range(ITEMS):
        bucket.put(f"in/{n}.wav", tiny_wav(LENGTH))
    return bucket.at("in/")


def run_through(avmap, server, fault, source, destination, *options):
    return avmap("run", "--max-attempts", 6, "--retry-interval", "200ms", "--max-delay", "1s", *options,
                 source.url, destination.url, *TO_MONO, env=server.env(endpoint=fault.endpoint))


@pytest.mark.parametrize("fault_settings", PASSING.values(), ids=PASSING)
def test_every_result_is_right_in_spite_of(avmap, server, fault, bucket, source, results, fault_settings):
    destination = bucket.at("out/")
    fault.set(**fault_settings)

    done = run_through(avmap, server, fault, source, destination)

    assert done.returncode == 0, done.stderr
    assert fault.count > 0, "the fault never happened"
    assert media_names(destination) == {f"{n}.wav.wav" for n in range(ITEMS)}
    for name in media_names(destination):
        assert_mono_48k(destination.read(name), LENGTH)
    assert len(results(destination).made) == ITEMS
    assert bucket.unfinished_uploads() == []


REPETITIONS = 100 # that AWS's clients send all together while nothing works


def outage(bucket, fault):
    """More objects than there are repetitions for, none of which can be read; the items, and what the run is told."""
    source = bucket.at("many/")
    for n in range(60):
        source.put(f"{n}.wav", tiny_wav(480))
    fault.set(mode="reset", match="^GET /[^?]*/many/")
    return 60, ("--jobs", 40, "--max-attempts", 1, source.url, bucket.at("out/").url, *TO_MONO)


def test_requests_are_repeated_no_more_than_by_aws(avmap, server, fault, bucket):
    items, line = outage(bucket, fault)

    done = avmap("run", *line, env=server.env(endpoint=fault.endpoint, AWS_RETRY_MODE="standard", AWS_MAX_ATTEMPTS="10"))

    assert done.returncode == 1, done.stderr
    assert fault.count == items + REPETITIONS


def test_an_outage_that_passes_costs_no_item_and_few_requests(avmap, server, fault, bucket):
    items, line = outage(bucket, fault)
    began = time.monotonic()
    process = avmap.start("run", *line, env=server.env(endpoint=fault.endpoint))
    wait_until(lambda: fault.count > 40 + REPETITIONS or process.poll() is not None, what="an end of what is free")
    faults, seconds = fault.count, time.monotonic() - began
    fault.clear()
    _, errors = process.communicate(timeout=120)

    assert process.returncode == 0, errors
    assert len(media_names(bucket.at("out/"))) == items
    assert faults <= 40 + REPETITIONS + seconds


def test_an_object_that_is_denied_fails_alone(avmap, server, fault, bucket, source, results):
    destination = bucket.at("out/")
    fault.set(mode="403", match="^GET /[^?]*/in/3[.]wav")

    done = run_through(avmap, server, fault, source, destination)

    assert done.returncode == 1, done.stderr
    run = results(destination)
    assert [(record.key, record.error) for record in run.failed] == [("in/3.wav", "S3.AccessDenied")]
    assert len(run.made) == ITEMS - 1 and not run.pending


def test_an_object_that_vanished_fails_alone(avmap, server, fault, bucket, results):
    source, destination = bucket.at("in/"), bucket.at("out/")
    for n in range(40):
        source.put(f"{n:02}.wav", tiny_wav(100))
    fault.set(delay_ms=200)
    process = avmap.start("run", "--jobs", 1, source.url, destination.url, *TO_MONO,
                          env=server.env(endpoint=fault.endpoint))
    wait_until(lambda: media_names(destination) or process.poll() is not None, what="the first result")
    bucket.s3.delete_object(Bucket=bucket.bucket, Key="in/39.wav")
    fault.clear()
    _, errors = process.communicate(timeout=120)

    assert process.returncode == 1, errors
    assert [(record.key, record.error) for record in results(destination).failed] == [("in/39.wav", "S3.NoSuchKey")]


@pytest.mark.parametrize("option", ["--tolerated-failure-count=0", "--tolerated-failure-percentage=0"])
def test_an_exceeded_tolerance_leaves_the_rest_pending(avmap, server, fault, bucket, source, results, option):
    destination = bucket.at("out/")
    fault.set(mode="403", match="^GET /[^?]*/in/")

    done = run_through(avmap, server, fault, source, destination, "--jobs", 1, *option.split("="))

    assert done.returncode == 3, done.stderr
    run = results(destination)
    assert len(run.all) == ITEMS and run.failed and run.pending and not run.made


def test_a_percentage_is_judged_before_all_items_are_taken(avmap, server, fault, bucket, folder, results):
    """The listing is one request, and each item is another that takes a while."""
    source = bucket.at("in/")
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: source.put(f"{n:03}.wav", b"no media"), range(200)))
    fault.set(delay_ms=20)

    done = run_through(avmap, server, fault, source, folder("out"), "--jobs", 1, "--tolerated-failure-percentage", 5)

    assert done.returncode == 3 and "of 200 items failed" in done.stderr, done.stderr
    run = results(folder("out"))
    assert len(run.all) == 200 and 11 <= len(run.failed) < 100


@pytest.mark.parametrize("option", ["--tolerated-failure-count=1", "--tolerated-failure-percentage=50"])
def test_a_failure_within_the_tolerance_is_no_failure(avmap, server, fault, bucket, source, results, option):
    destination = bucket.at("out/")
    fault.set(mode="403", match="^GET /[^?]*/in/3[.]wav")

    done = run_through(avmap, server, fault, source, destination, *option.split("="))

    assert done.returncode == 0, done.stderr
    run = results(destination)
    assert len(run.made) == ITEMS - 1 and len(run.failed) == 1


def test_an_item_that_takes_too_long_times_out(avmap, server, fault, bucket, source, results):
    destination = bucket.at("out/")
    fault.set(mode="hang", hang_ms=60000, match="^GET /[^?]*/in/3[.]wav")

    done = avmap("run", "--item-timeout", "3s", "--max-attempts", 1, source.url, destination.url, *TO_MONO,
                 env=server.env(endpoint=fault.endpoint), timeout=50)

    assert done.returncode == 1, done.stderr
    run = results(destination)
    assert [(record.key, record.error) for record in run.failed] == [("in/3.wav", "Avmap.Timeout")]
    assert len(run.made) == ITEMS - 1
