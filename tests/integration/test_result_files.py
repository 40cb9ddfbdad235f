# SPDX-License-Identifier: MIT
"""The result files are those of Step Functions' ResultWriter, to the byte where that is known."""

import json
import re

import pytest

from lab import TO_MONO, tiny_wav

RUN_ID = "0d9a7f7e-90c4-4f0c-8a51-2f6f3a1c9b10"
COMMON = {"ExecutionArn", "Input", "InputDetails", "Name", "OutputDetails", "RedriveCount", "RedriveStatus",
          "StartDate", "StateMachineArn", "Status", "StopDate"}
FIELDS = {
    "SUCCEEDED": COMMON | {"Output", "RedriveStatusReason"},
    "FAILED": COMMON | {"Cause", "Error"},
    "PENDING": {"Input", "InputDetails", "Status"},
}
DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


def as_written(value):
    return json.dumps(value, separators=(",", ":"), sort_keys=True).encode()


@pytest.fixture(params=["folder", "s3"])
def run(request, avmap, server, place, media, results):
    """One object that works and two that do not."""
    source, destination = place(request.param, "in"), place(request.param, "out")
    source.put("a b.wav", tiny_wav(4800))
    source.put("text.mp3", media / "broken" / "text.mp3")
    source.put("noise.mp3", media / "broken" / "noise.mp3")
    done = avmap("run", "--run-id", RUN_ID, source.url, destination.url, *TO_MONO, env=server.env())
    assert done.returncode == 1, done.stderr
    run = results(destination)
    run.source, run.destination = source, destination
    return run


def test_the_files_are_where_they_belong(run):
    assert run.folder == f"_avmap/{RUN_ID}/"
    assert set(run.files) == {"SUCCEEDED_0.json", "FAILED_0.json", "manifest.json", "run.json"}


def test_the_manifest_names_files_with_their_exact_sizes(run):
    assert set(run.manifest) == {"DestinationBucket", "MapRunArn", "ResultFiles"}
    assert set(run.manifest["ResultFiles"]) == {"FAILED", "PENDING", "SUCCEEDED"}
    assert run.manifest["ResultFiles"]["PENDING"] == []
    assert RUN_ID in run.manifest["MapRunArn"]
    for status in ("SUCCEEDED", "FAILED"):
        (entry,) = run.manifest["ResultFiles"][status]
        assert set(entry) == {"Key", "Size"}
        assert entry["Key"].endswith(f"{RUN_ID}/{status}_0.json")
        assert entry["Size"] == len(run.files[f"{status}_0.json"])
    if hasattr(run.destination, "bucket"):
        assert run.manifest["DestinationBucket"] == run.destination.bucket
        assert run.manifest["ResultFiles"]["FAILED"][0]["Key"] == f"out/_avmap/{RUN_ID}/FAILED_0.json"


def test_json_is_compact_and_sorted_without_a_newline_at_the_end(run):
    for name in ("SUCCEEDED_0.json", "FAILED_0.json", "manifest.json"):
        assert run.files[name] == as_written(json.loads(run.files[name])), name


def test_records_have_exactly_the_fields_of_their_status(run):
    for record in run.all:
        assert set(record.raw) == FIELDS[record.status], record
        assert record.raw["InputDetails"] == {"Included": True}
        assert record.raw["RedriveCount"] == 0
        assert DATE.fullmatch(record.raw["StartDate"]) and DATE.fullmatch(record.raw["StopDate"])
        assert record.raw["StartDate"] <= record.raw["StopDate"]
        assert record.raw["ExecutionArn"].endswith(record.raw["Name"])
    (made,) = run.succeeded
    assert made.raw["RedriveStatus"] == "NOT_REDRIVABLE"
    assert made.raw["RedriveStatusReason"] == "Execution is SUCCEEDED and cannot be redriven"
    for record in run.failed:
        assert record.raw["RedriveStatus"] == "REDRIVABLE_BY_MAP_RUN"
        assert len(record.error) <= 256 and len(record.cause) <= 32768
    assert len({record.raw["Name"] for record in run.all}) == 3


def test_an_input_is_the_item_as_it_was_listed(run):
    for record in run.all:
        assert isinstance(record.raw["Input"], str)
        assert isinstance(record.input["LastModified"], int)
        assert record.input["Size"] == len(run.source.read(record.key.split("/")[-1]))
    if hasattr(run.source, "bucket"):
        (made,) = run.succeeded
        head = run.source.head("a b.wav")
        assert made.input == {"Bucket": run.source.bucket, "Etag": head["ETag"], "Key": "in/a b.wav",
                              "LastModified": int(head["LastModified"].timestamp()),
                              "Size": head["ContentLength"], "StorageClass": "STANDARD"}


def test_an_output_is_a_json_string_that_names_the_result(run):
    (made,) = run.succeeded
    assert isinstance(made.raw["Output"], str)
    assert isinstance(made.output, dict)
    assert "a b.wav.wav" in made.raw["Output"] or "a%20b.wav.wav" in made.raw["Output"]
    assert "48000" in made.raw["Output"]


def test_the_run_is_described(run):
    assert isinstance(run.run, dict)
    text = json.dumps(run.run)
    for count in ("succeeded", "failed", "pending", "total"):
        assert f'"{count}"' in text


def test_a_status_without_records_has_no_file(avmap, folder, results):
    folder("in").put("a.wav", tiny_wav(100))

    assert avmap("run", folder("in").url, folder("out").url, *TO_MONO).returncode == 0

    run = results(folder("out"))
    assert set(run.files) == {"SUCCEEDED_0.json", "manifest.json", "run.json"}
    assert run.manifest["ResultFiles"]["FAILED"] == run.manifest["ResultFiles"]["PENDING"] == []


def test_results_go_where_they_are_asked_for(avmap, server, bucket, folder, results):
    folder("in").put("a.wav", tiny_wav(100))

    done = avmap("run", "--results", bucket.at("elsewhere/").url, folder("in").url, folder("out").url, *TO_MONO,
                 env=server.env())

    assert done.returncode == 0, done.stderr
    assert folder("out").names() == {"a.wav.wav"}
    assert results(bucket.at("elsewhere/")).manifest["DestinationBucket"] == bucket.bucket


def test_json_lines_end_every_line(avmap, folder):
    for name in ("a.wav", "b.wav"):
        folder("in").put(name, tiny_wav(100))

    done = avmap("run", "--run-id", RUN_ID, "--results-format", "jsonl", folder("in").url, folder("out").url, *TO_MONO)

    assert done.returncode == 0, done.stderr
    data = folder("out").read(f"_avmap/{RUN_ID}/SUCCEEDED_0.jsonl")
    lines = data.split(b"\n")
    assert len(lines) == 3 and lines[2] == b""
    assert all(line == as_written(json.loads(line)) for line in lines[:2])
    manifest = json.loads(folder("out").read(f"_avmap/{RUN_ID}/manifest.json"))
    assert manifest["ResultFiles"]["SUCCEEDED"][0]["Size"] == len(data)


def test_every_run_has_an_id_of_its_own(avmap, folder):
    folder("in").put("a.wav", tiny_wav(100))
    for _ in range(2):
        avmap("run", "--if-exists", "overwrite", folder("in").url, folder("out").url, *TO_MONO)
    assert len({name.split("/")[1] for name in folder("out").names() if name.startswith("_avmap/")}) == 2
