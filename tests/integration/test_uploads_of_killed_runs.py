# SPDX-License-Identifier: MIT
"""The part uploads that a killed run left are ended by the next one; nobody else's are."""

import json
import os
import time
from pathlib import Path

import pytest

from lab import HELD_OUT, TO_MONO, long_tone, media_names, tiny_wav, wait_until

SECONDS = 450  # 41 MiB of wav: six parts
KEY = "out/long.flac.wav"
ELSEWHERE = "00000000-0000-4000-8000-000000000000 pid:[1] 1 1"


def mark(pid, more=""):
    """What tells a process apart, as a note has it."""
    boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    start = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[19]
    return f"{boot} {os.readlink('/proc/self/ns/pid')} {pid} {start}{more} 0"


def gone():
    """The same of a process that has ended."""
    return mark(os.getpid(), "0")


def begin_upload(bucket, key=KEY):
    return bucket.s3.create_multipart_upload(Bucket=bucket.bucket, Key=key)["UploadId"]


def put_note(bucket, process, upload_id=None, key=KEY, name="n.json", **more):
    upload = {"bucket": bucket.bucket, "key": key, "since": int(time.time() * 1000)}
    bucket.put(f"out/_avmap/uploads/{name}",
               json.dumps({"process": process, "uploads": [upload | ({"id": upload_id} if upload_id else {})],
                           **more}).encode())


def notes(bucket):
    return {name for name in bucket.names() if "/uploads/" in name}


def left(bucket):
    return {upload["UploadId"] for upload in bucket.unfinished_uploads()}


@pytest.fixture
def small(folder):
    folder("small").put("a.wav", tiny_wav(100))
    return folder("small")


@pytest.fixture
def large(folder):
    long_tone(folder("in").path / "long.flac", SECONDS)
    return folder("in")


def begin_run(avmap, server, fault, bucket, source):
    """A run in the midst of a part upload."""
    fault.hold("PUT .*partNumber", after=2)
    process = avmap.start("run", source.url, bucket.at("out/").url, *TO_MONO,
                          env=server.env(endpoint=fault.endpoint, **HELD_OUT))
    wait_until(lambda: any(b'"id"' in bucket.read(name) for name in notes(bucket)) or process.poll() is not None,
               what="the upload")
    assert process.poll() is None, process.communicate()[1]
    return process


def run_again(avmap, server, bucket, source, **env):
    done = avmap("run", source.url, bucket.at("out/").url, *TO_MONO, env=server.env(**env))
    assert done.returncode == 0, done.stderr
    return done


def test_the_next_run_ends_them_also_where_the_disk_is_lost(avmap, server, fault, bucket, large, small, tmp_path):
    process = begin_run(avmap, server, fault, bucket, large)
    process.kill()
    process.communicate()
    foreign = {begin_upload(bucket), begin_upload(bucket, "out/other")}
    assert len(left(bucket)) == 3

    run_again(avmap, server, bucket, small, HOME=str(tmp_path / "another"))

    assert left(bucket) == foreign
    assert notes(bucket) == set()


def test_those_of_a_live_run_stay(avmap, server, fault, bucket, large, small):
    process = begin_run(avmap, server, fault, bucket, large)
    before = left(bucket)

    run_again(avmap, server, bucket, small)

    assert before <= left(bucket)
    fault.clear()
    _, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors
    assert media_names(bucket.at("out/")) == {"long.flac.wav", "a.wav.wav"}
    assert left(bucket) == set()
    assert notes(bucket) == set()


def test_one_whose_id_was_not_noted_yet_is_found_by_its_key(avmap, server, bucket, small):
    begin_upload(bucket)
    longer = begin_upload(bucket, KEY + "x")
    put_note(bucket, gone())

    run_again(avmap, server, bucket, small)

    assert left(bucket) == {longer}
    assert notes(bucket) == set()


def test_one_whose_id_was_not_noted_stays_when_it_may_be_anothers(avmap, server, bucket, small):
    uploads = {begin_upload(bucket), begin_upload(bucket)}
    put_note(bucket, gone())

    done = run_again(avmap, server, bucket, small)

    assert left(bucket) == uploads
    assert KEY in done.stderr
    assert notes(bucket) == set()


def test_one_whose_id_was_not_noted_stays_when_a_live_run_has_the_key(avmap, server, bucket, small):
    upload = begin_upload(bucket)
    put_note(bucket, gone(), name="dead.json")
    put_note(bucket, mark(os.getpid()), name="alive.json")

    run_again(avmap, server, bucket, small)

    assert left(bucket) == {upload}
    assert {name.split("/")[-1] for name in notes(bucket)} == {"alive.json"}


def test_of_another_machine_nothing_is_known_so_soon(avmap, server, bucket, small):
    upload = begin_upload(bucket)
    put_note(bucket, ELSEWHERE, upload, job="j:1", attempt="1")

    run_again(avmap, server, bucket, small)
    assert left(bucket) == {upload}

    run_again(avmap, server, bucket, small, AWS_BATCH_JOB_ID="j:1", AWS_BATCH_JOB_ATTEMPT="2")
    assert left(bucket) == set()


@pytest.mark.parametrize("text", [b"", b"[]", b"{", b'{"uploads":[1,{"key":2}]}', b'{"process":7,"uploads":{}}'])
def test_a_note_that_is_none_disturbs_nothing(avmap, server, bucket, small, text):
    bucket.put("out/_avmap/uploads/n.json", text)

    run_again(avmap, server, bucket, small)

    assert media_names(bucket.at("out/")) == {"a.wav.wav"}


def test_a_note_cannot_name_what_is_not_ours(avmap, server, bucket, small):
    upload = begin_upload(bucket, "elsewhere/x")
    put_note(bucket, gone(), upload, key="elsewhere/x")

    run_again(avmap, server, bucket, small)

    assert left(bucket) == {upload}


def test_without_large_results_it_costs_nothing(avmap, server, bucket, small):
    done = avmap("run", "-v", small.url, bucket.at("out/").url, *TO_MONO, env=server.env())

    assert done.returncode == 0, done.stderr
    assert done.stderr.count("ListObjectsV2") == 1, "whether the destination is empty"
    assert "uploads/" not in done.stderr


def test_results_in_a_folder_keep_the_notes_there(avmap, server, fault, bucket, large, small, folder):
    results = ("--results", folder("results").url)
    fault.hold("PUT .*partNumber", after=2)
    process = avmap.start("run", *results, large.url, bucket.at("out/").url, *TO_MONO,
                          env=server.env(endpoint=fault.endpoint, **HELD_OUT))
    wait_until(lambda: left(bucket) or process.poll() is not None, what="the upload")
    process.kill()
    process.communicate()
    assert len(left(bucket)) == 1
    fault.clear()

    done = avmap("run", *results, small.url, bucket.at("out/").url, *TO_MONO, env=server.env())

    assert done.returncode == 0, done.stderr
    assert left(bucket) == set()
    assert not [name for name in folder("results").names() if name.startswith("uploads/")]


def one_line(source, bucket, output="out/long.wav"):
    return ("one", "--input_url", f"{source.url}long.flac", "--output_url", bucket.at(output).url,
            "--output_file_options", "-ac 1 -ar 48000")


def kill_one(avmap, server, fault, bucket, source):
    """The kill of a transcode without a run in the midst of its part upload."""
    fault.hold("PUT .*partNumber", after=2)
    process = avmap.start(*one_line(source, bucket), env=server.env(endpoint=fault.endpoint, **HELD_OUT))
    wait_until(lambda: any(b'"id"' in bucket.read(name) for name in notes(bucket)) or process.poll() is not None,
               what="the upload")
    assert process.poll() is None, process.communicate()[1]
    process.kill()
    process.communicate()
    fault.clear()
    assert len(left(bucket)) == 1


def test_one_ends_them_before_an_upload_of_its_own(avmap, server, fault, bucket, large):
    kill_one(avmap, server, fault, bucket, large)

    done = avmap(*one_line(large, bucket), env=server.env())

    assert done.returncode == 0, done.stderr
    assert left(bucket) == set()
    assert bucket.names() == {"out/long.wav"}


def test_a_run_into_its_folder_ends_those_of_one(avmap, server, fault, bucket, large, small):
    kill_one(avmap, server, fault, bucket, large)

    run_again(avmap, server, bucket, small)

    assert left(bucket) == set()
    assert notes(bucket) == set()


def test_one_asks_for_nothing_more_when_its_result_is_small(avmap, server, bucket, small):
    done = avmap("one", "-v", "--input_url", f"{small.url}a.wav", "--output_url", bucket.at("out/a.wav").url,
                 env=server.env())

    assert done.returncode == 0, done.stderr
    assert "ListObjectsV2" not in done.stderr
    assert bucket.names() == {"out/a.wav"}
