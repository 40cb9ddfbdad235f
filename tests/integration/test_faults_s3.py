# SPDX-License-Identifier: MIT
"""Every fault on every kind of request: each object is right or listed as failed, and the retries stay few.

What Ceph RGW does not do by itself (errors after a 200, ended tokens, bytes that change) the proxy plays.
"""

import re
from collections import Counter

import pytest

from lab import TO_MONO, long_tone, media_names, probe, tiny_wav

ITEMS = 3
LENGTH = 24000
SECONDS = 180 # 17 MiB of wav: two parts
ATTEMPTS = 3 # of a request

REQUESTS = {
    "GET": "^GET /[^?]*/in/",
    "PUT": "^PUT /[^?]*/out/[^?]*wav($|[?]x-id)",
    "part": "^PUT .*partNumber=",
    "complete": "^POST .*uploadId=",
    "list": "^GET .*list-type",
}

ON_ALL = {
    "slowdown": {"first": 2},
    "500": {"first": 2},
    "400timeout": {"first": 2},
    "502html": {"first": 2},
    "reset": {"first": 2},
    "expired": {"first": 1},
    "lostresp": {"first": 1},
    "hang": {"first": 1, "hang_ms": 500},
    "delay": {"delay_ms": 20},
    "rate": {"rate": 1000000},
}

# Those that change a reply, or need one that could be meant.
ON_SOME = {
    ("GET", "cut"): {"first": 2, "bytes": 5000},
    ("GET", "corrupt"): {"first": 2, "bytes": 5000},
    ("GET", "slowbody"): {"first": 1, "slow_rate": 50000},
    ("GET", "noetag"): {},
    ("PUT", "200err"): {"first": 2},
    ("PUT", "noetag"): {},
    ("part", "200err"): {"first": 2},
    ("complete", "200err"): {"first": 2},
    ("complete", "cut"): {"first": 1, "bytes": 50},
    ("complete", "corrupt"): {"first": 1, "bytes": 0},
    ("complete", "slowbody"): {"first": 1, "slow_rate": 500},
    ("list", "200err"): {"first": 2},
    ("list", "cut"): {"first": 2, "bytes": 300},
    ("list", "corrupt"): {"first": 2, "bytes": 0},
    ("list", "slowbody"): {"first": 1, "slow_rate": 5000},
}

PASSING = {(where, mode): settings for where in REQUESTS for mode, settings in ON_ALL.items()} | ON_SOME

# Faults of one request that do not end: what becomes of its item, and the run's exit status. A denied upload fails
# its item when others have arrived. Without the listing there is nothing to do.
LASTING = {
    ("GET", "403"): ("S3.AccessDenied", 1),
    ("GET", "500"): ("S3.InternalError", 1),
    ("GET", "502html"): ("S3.Http502", 1),
    ("GET", "400timeout"): ("S3.RequestTimeout", 1),
    ("GET", "slowdown"): ("S3.SlowDown", 1),
    ("GET", "reset"): ("S3.ConnectionFailed", 1),
    ("GET", "cut"): ("S3.ConnectionFailed", 1),
    ("GET", "corrupt"): ("S3.ChecksumMismatch", 1),
    ("GET", "200err"): ("S3.SizeMismatch", 1),
    ("PUT", "500"): ("S3.InternalError", 1),
    ("PUT", "reset"): ("S3.ConnectionFailed", 1),
    ("PUT", "200err"): ("S3.InternalError", 1),
    ("part", "500"): ("S3.InternalError", 1),
    ("part", "reset"): ("S3.ConnectionFailed", 1),
    ("part", "noetag"): ("S3.InvalidResponse", 1),
    ("complete", "500"): ("S3.InternalError", 1),
    ("complete", "200err"): ("S3.InternalError", 1),
    ("complete", "reset"): ("S3.ConnectionFailed", 1),
    ("PUT", "403"): (None, 4),
    ("part", "403"): (None, 4),
    ("complete", "403"): (None, 4),
    ("list", "403"): (None, 4),
    ("list", "500"): (None, 4),
    ("list", "reset"): (None, 4),
    ("GET", "expired"): (None, 4),
    ("PUT", "expired"): (None, 4),
    ("part", "expired"): (None, 4),
    ("complete", "expired"): (None, 4),
    ("list", "expired"): (None, 4),
}

# These again as most runs are, in the adaptive mode.
ADAPTIVE = [("GET", "500"), ("GET", "reset"), ("PUT", "slowdown"), ("part", "lostresp"), ("complete", "200err"), ("list", "slowdown")]

# A connection that was kept open and turns out to be closed is replaced within the attempt. Bytes that fit no checksum
# are fetched four times.
MOST = {"reset": ATTEMPTS + 1, "corrupt": 4}


def names(cells):
    return [" on ".join(reversed(cell)) for cell in cells]


@pytest.fixture(scope="module")
def tone(tmp_path_factory):
    return long_tone(tmp_path_factory.mktemp("tone") / "long.flac", SECONDS).read_bytes()


@pytest.fixture
def source(request, bucket, cell):
    """Small objects, or one whose result has two parts."""
    place = bucket.at("in/")
    if cell[0] in ("part", "complete"):
        place.put("0.flac", request.getfixturevalue("tone"))
    else:
        for n in range(ITEMS):
            place.put(f"{n}.wav", tiny_wav(LENGTH))
    return place


def run_through(avmap, server, fault, source, destination, *options, mode={"AWS_RETRY_MODE": "standard"}):
    """The run, and how often it has sent each request."""
    began = len(fault.log())
    done = avmap("run", "--max-attempts", 1, *options, source.url, destination.url, *TO_MONO,
                 env=server.env(endpoint=fault.endpoint, AWS_MAX_ATTEMPTS=str(ATTEMPTS), **mode))
    requests = (" ".join(line.split()[:2]) for line in fault.log()[began:])
    return done, Counter(re.sub("uploadId=[^&]*", "uploadId=", request) for request in requests)


def assert_whole(place, name):
    (stream,) = probe(place.read(name))
    expected = 48000 * SECONDS if ".flac" in name else LENGTH
    assert (stream["channels"], stream["sample_rate"], stream["duration_ts"]) == (1, "48000", expected)


def assert_nothing_is_wrong(bucket, source, destination, run):
    """Every object has one record, every result is whole and recorded, and no part stays behind."""
    assert sorted(record.key for record in run.all) == sorted(source.prefix + name for name in source.names())
    assert media_names(destination) == {record.key.split("/")[-1] + ".wav" for record in run.made}
    for name in media_names(destination):
        assert_whole(destination, name)
    assert bucket.unfinished_uploads() == []


@pytest.mark.parametrize("cell", PASSING, ids=names(PASSING))
def test_a_fault_that_passes_changes_nothing(avmap, server, fault, bucket, source, results, cell):
    where, mode = cell
    destination = bucket.at("out/")
    is_for_all = mode in ("delay", "rate")
    fault.set(match=REQUESTS[where], **({} if is_for_all else {"mode": mode}), **PASSING[cell])

    done, requests = run_through(avmap, server, fault, source, destination)

    assert done.returncode == 0, done.stderr
    assert is_for_all or fault.count > 0, "the fault never happened"
    assert_nothing_is_wrong(bucket, source, destination, results(destination))
    assert max(requests.values()) <= MOST.get(mode, ATTEMPTS), requests


@pytest.mark.parametrize("cell", LASTING, ids=names(LASTING))
def test_a_fault_that_lasts_costs_its_object_only(avmap, server, fault, bucket, source, results, cell):
    where, mode = cell
    word, status = LASTING[cell]
    destination = bucket.at("out/")
    one = {"GET": "^GET /[^?]*/in/1[.]wav", "PUT": "^PUT /[^?]*/out/1[.]wav"}.get(where) if status == 1 else None
    fault.set(mode=mode, match=one or REQUESTS[where], bytes=5000)

    done, requests = run_through(avmap, server, fault, source, destination)

    assert done.returncode == status, done.stderr
    if where != "list":
        run = results(destination)
        assert_nothing_is_wrong(bucket, source, destination, run)
        assert {record.error for record in run.failed} <= {word}
        assert len(run.made) == (ITEMS - 1 if one else 0)
        assert bool(run.failed) == (status == 1) and bool(run.pending) == (status == 4)
    assert media_names(destination) == set() or one
    assert max(requests.values()) <= MOST.get(mode, ATTEMPTS), requests


@pytest.mark.parametrize("cell", ADAPTIVE, ids=names(ADAPTIVE))
def test_without_a_retry_mode_retries_are_as_few(avmap, server, fault, bucket, source, results, cell):
    where, mode = cell
    destination = bucket.at("out/")
    fault.set(match=REQUESTS[where], mode=mode, **PASSING[cell])

    done, requests = run_through(avmap, server, fault, source, destination, mode={})

    assert done.returncode == 0, done.stderr
    assert fault.count > 0, "the fault never happened"
    assert_nothing_is_wrong(bucket, source, destination, results(destination))
    assert max(requests.values()) <= MOST.get(mode, ATTEMPTS), requests


@pytest.mark.parametrize("cell", [(where, "hang") for where in REQUESTS], ids=REQUESTS)
def test_silence_is_not_waited_for(avmap, server, fault, bucket, source, results, cell):
    destination = bucket.at("out/")
    fault.set(mode="hang", match=REQUESTS[cell[0]], first=1, hang_ms=60000)

    done, _ = run_through(avmap, server, fault, source, destination, "--read-timeout", "1s")

    assert done.returncode == 0, done.stderr
    assert_nothing_is_wrong(bucket, source, destination, results(destination))


@pytest.mark.parametrize("cell", [("GET", "slowbody")], ids=["GET"])
def test_a_trickle_is_not_waited_for(avmap, server, fault, bucket, source, results, cell):
    destination = bucket.at("out/")
    fault.set(mode="slowbody", match=REQUESTS["GET"], first=1, slow_rate=400)

    done, _ = run_through(avmap, server, fault, source, destination, "--read-timeout", "2s")

    assert done.returncode == 0, done.stderr
    assert_nothing_is_wrong(bucket, source, destination, results(destination))


@pytest.mark.parametrize("cell", [("PUT", "lostresp"), ("complete", "lostresp")], ids=["PUT", "complete"])
def test_a_result_whose_reply_was_lost_is_not_taken_for_anothers(avmap, server, fault, bucket, source, results, cell):
    destination = bucket.at("out/")
    fault.set(mode="lostresp", match=REQUESTS[cell[0]], first=1)

    done, _ = run_through(avmap, server, fault, source, destination, "--if-exists", "fail")

    assert done.returncode == 0, done.stderr
    assert fault.count > 0, "the fault never happened"
    assert_nothing_is_wrong(bucket, source, destination, results(destination))
