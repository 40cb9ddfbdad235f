# SPDX-License-Identifier: MIT
"""A run can be stopped at any moment: it ends soon, accounts for every object, and leaves nothing half done."""

import json
import re
import signal
import time
from pathlib import Path

import pytest

from lab import IN_REAL_TIME, TO_MONO, assert_mono_48k, held, long_tone, media_names, tiny_wav, wait_until

ITEMS = 200
PATIENCE_S = 20 # what a batch engine's 30 s between TERM and KILL leave


@pytest.fixture
def slow_run(avmap, server, fault, bucket):
    """A run that takes half a minute, has some of its results, and has many items left."""
    source, destination = bucket.at("in/"), bucket.at("out/")
    for n in range(ITEMS):
        source.put(f"{n:03}.wav", tiny_wav(4800))
    fault.set(delay_ms=150)
    process = avmap.start("run", "--jobs", 2, "--log-format", "json", source.url, destination.url, *TO_MONO,
                          env=server.env(endpoint=fault.endpoint))
    wait_until(lambda: len(media_names(destination)) >= 5 or process.poll() is not None, what="the first results")
    assert process.poll() is None, process.communicate()[1]
    yield process, destination


def end(process, seconds=PATIENCE_S):
    start = time.monotonic()
    _, errors = process.communicate(timeout=seconds)
    return process.returncode, errors, time.monotonic() - start


@pytest.mark.parametrize("number, status", [(signal.SIGTERM, 143), (signal.SIGINT, 130)], ids=["TERM", "INT"])
def test_a_signal_ends_the_run_and_accounts_for_every_item(slow_run, results, number, status):
    process, destination = slow_run

    process.send_signal(number)
    returned, errors, _ = end(process)

    assert returned == status, errors
    run = results(destination)
    assert len(run.all) == ITEMS
    assert len({record.key for record in run.all}) == ITEMS
    assert len(run.pending) > ITEMS / 2
    assert all(record.error == "Avmap.Interrupted" for record in run.failed), run.failed
    assert media_names(destination) == {record.key[len("in/"):] + ".wav" for record in run.made}
    for name in media_names(destination):
        assert_mono_48k(destination.read(name), 4800)
    assert destination.unfinished_uploads() == []
    lines = [json.loads(line) for line in errors.splitlines()]
    assert sorted((line["item"], line["status"]) for line in lines if "status" in line) == sorted(
        (record.key, record.status) for record in run.all), "one line for each item"


def test_a_second_signal_ends_the_run_at_once(slow_run, fault):
    process, _ = slow_run
    fault.set(mode="hang", hang_ms=60000)
    wait_until(lambda: fault.count >= 2, what="two hanging requests")

    process.send_signal(signal.SIGTERM)
    wait_until(lambda: f"ShdPnd:\t{0:016x}" in Path(f"/proc/{process.pid}/status").read_text(), what="the first one")
    time.sleep(0.3) # those that come at once count as one
    process.send_signal(signal.SIGTERM)
    returned, _, seconds = end(process)

    assert returned in (143, -signal.SIGTERM, -signal.SIGKILL)
    assert seconds < 10


def start_where_all_fail(avmap, server, fault, bucket, destination, *options, **faults):
    """One worker, and more items to be tried again than wait in its queue."""
    source = bucket.at("in/")
    for n in range(60):
        source.put(f"{n:02}.wav", tiny_wav(100))
    fault.set(mode="500", match="GET .*wav", **faults)
    return avmap.start("run", "--jobs", 1, "--jitter", "none", *options, source.url, destination.url, *TO_MONO,
                       env=server.env(endpoint=fault.endpoint, AWS_MAX_ATTEMPTS="1"))


def test_more_failures_than_wait_in_the_queue_are_tried_again(avmap, server, fault, bucket, folder):
    process = start_where_all_fail(avmap, server, fault, bucket, folder("out"), "--retry-interval", "2s", first=1)

    returned, errors, _ = end(process, 60)

    assert returned == 0, errors
    assert len(media_names(folder("out"))) == 60


def test_a_signal_ends_a_run_whose_items_all_wait_for_their_next_attempt(avmap, server, fault, bucket, folder, results):
    process = start_where_all_fail(avmap, server, fault, bucket, folder("out"),
                                   "--retry-interval", "1h", "--max-delay", "1h")
    wait_until(lambda: fault.count >= 34 or process.poll() is not None, what="as many failures as the queue holds")

    process.send_signal(signal.SIGTERM)
    returned, errors, _ = end(process)

    assert returned == 143, errors
    assert len(results(folder("out")).pending) == 60


@pytest.mark.parametrize("grace, hang_ms, aborted", [("1s", 60000, 2), ("1h", 2500, 0)])
def test_grace_says_how_long_items_in_flight_may_go_on(avmap, server, fault, bucket, folder, results, grace, hang_ms,
                                                       aborted):
    source, destination = bucket.at("in/"), folder("out")
    for n in range(8):
        source.put(f"{n}.wav", tiny_wav(4800))
    fault.set(mode="hang", match="GET .*wav", first=1, hang_ms=hang_ms)
    process = avmap.start("run", "--jobs", 2, "--grace", grace, source.url, destination.url, *TO_MONO,
                          env=server.env(endpoint=fault.endpoint))
    wait_until(lambda: fault.count >= 2 or process.poll() is not None, what="two hanging downloads")

    process.send_signal(signal.SIGSTOP)
    process.send_signal(signal.SIGTERM)
    process.send_signal(signal.SIGINT) # both come at once, and count as one
    process.send_signal(signal.SIGCONT)
    returned, errors, _ = end(process)

    assert returned in (130, 143), errors
    assert [record.error for record in results(destination).failed] == ["Avmap.Interrupted"] * aborted
    assert errors.count("a second signal gives it up") == 1


def in_flight(metrics):
    """How many items are, by a file of metrics."""
    found = metrics.exists() and re.search(r"^avmap_items_in_flight.* (\d+)$", metrics.read_text(), re.M)
    return int(found[1]) if found else 0


def test_a_long_transcode_is_abandoned(avmap, folder, results, tmp_path):
    source, destination, metrics = folder("in"), folder("out"), tmp_path / "metrics"
    source.put("long.flac", held())
    process = avmap.start("run", "--grace", "1s", "--metrics-file", metrics, "--metrics-interval", "50ms", source.url,
                          destination.url, *IN_REAL_TIME)
    wait_until(lambda: in_flight(metrics) == 1 or process.poll() is not None, what="the item")

    process.send_signal(signal.SIGTERM)
    returned, errors, _ = end(process)

    assert returned == 143, errors
    assert [record.error for record in results(destination).all] == ["Avmap.Interrupted"]
    assert media_names(destination) == set()


def test_a_signal_while_nothing_answers_is_still_a_signal(avmap, server, fault, bucket, folder, tmp_path):
    source, metrics = folder("in"), tmp_path / "metrics"
    source.put("long.flac", held())
    process = avmap.start("run", "--grace", "3s", "--metrics-file", metrics, "--metrics-interval", "50ms", source.url,
                          bucket.at("out/").url, *IN_REAL_TIME, env=server.env(endpoint=fault.endpoint))
    wait_until(lambda: in_flight(metrics) == 1 or process.poll() is not None, what="the item")
    fault.set(mode="hang")

    process.send_signal(signal.SIGTERM)
    returned, errors, _ = end(process)

    assert returned == 143 and "write the result file" in errors, errors


def test_an_interrupted_upload_leaves_no_parts(avmap, server, fault, bucket, folder, results):
    source, destination = folder("in"), bucket.at("out/")
    long_tone(source.path / "long.flac", 1100) # 100 MiB of wav: 13 parts
    fault.set(mode="hang", match="PUT .*partNumber", after=3)
    process = avmap.start("run", "--grace", "4s", source.url, destination.url, *TO_MONO,
                          env=server.env(endpoint=fault.endpoint))
    wait_until(lambda: fault.count >= 1 or process.poll() is not None, what="the upload")

    process.send_signal(signal.SIGTERM)
    returned, errors, _ = end(process)

    assert returned == 143, errors
    assert bucket.unfinished_uploads() == []
    assert media_names(destination) == set()
    assert [record.error for record in results(destination).all] == ["Avmap.Interrupted"]


def finished(destination):
    """The results with their final names; a killed run may leave temporary ones."""
    return {name for name in destination.names() if re.fullmatch(r"\d+\.wav\.flac", name)}


def test_a_killed_run_leaves_whole_results_and_is_picked_up(avmap, folder, results):
    source, destination = folder("in"), folder("out")
    for n in range(20):
        source.put(f"{n:03}.wav", tiny_wav(4800) if n != 7 else held())
    line = ("run", "--jobs", 3, "--cpus", 3, source.url, destination.url, "--suffix", ".flac", *IN_REAL_TIME[2:])
    process = avmap.start(*line)
    wait_until(lambda: len(finished(destination)) >= 3 or process.poll() is not None, what="the first results")
    process.kill()
    process.communicate()

    before = {name: destination.read(name) for name in finished(destination)}
    source.put("007.wav", tiny_wav(4800))
    done = avmap(*line)

    assert done.returncode == 0, done.stderr
    assert finished(destination) == {f"{n:03}.wav.flac" for n in range(20)}
    whole = destination.read("019.wav.flac")
    assert all(data == whole for data in before.values()), "a partial result had its final name"
    assert len(results(destination).succeeded) == 20


def test_more_downloads_begin_while_none_has_come(avmap, server, fault, bucket, folder):
    source = bucket.at("in/")
    for n in range(12):
        source.put(f"{n}.wav", tiny_wav(4800))
    fault.set(mode="hang", match="GET .*wav", first=1, hang_ms=60000)
    process = avmap.start("run", "--cpus", 1, "--grace", "1s", source.url, folder("out").url, *TO_MONO,
                          env=server.env(endpoint=fault.endpoint))

    wait_until(lambda: fault.count >= 8 or process.poll() is not None, what="more than the 3 that a run begins with")

    process.send_signal(signal.SIGTERM)
    returned, errors, _ = end(process)
    assert returned == 143, errors
