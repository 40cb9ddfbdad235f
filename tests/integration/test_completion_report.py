# SPDX-License-Identifier: MIT
"""A run leaves the report and the list that S3 Batch Operations' users know, and can go on from them."""

import csv
import io
import json
import urllib.parse

from lab import IN_REAL_TIME, TO_MONO, assert_mono_48k, held, media_names, tiny_wav, wait_until

BROKEN = b"this is no media"


def rows(data):
    return sorted(csv.reader(io.StringIO(data.decode())))


def put_items(source):
    for name, data in ("a b+c.wav", tiny_wav(4800)), ("\u00e9,1.wav", tiny_wav(4800)), ("bad.wav", BROKEN):
        source.put(name, data)


def test_a_report_and_a_list_for_the_next_step(avmap, server, place):
    source, destination, lists = place("s3", "in"), place("s3", "out"), place("s3", "lists")
    put_items(source)
    options = ["--completion-report", lists.url + "report.csv", "--result-list", lists.url + "made.csv"]

    done = avmap("run", *options, source.url, destination.url, *TO_MONO, env=server.env())

    assert done.returncode == 1, done.stderr
    bad, *good = sorted(rows(lists.read("report.csv")), key=lambda row: row[3])
    assert bad[:4] == [source.bucket, "in/bad.wav", "", "failed"]
    assert bad[4].startswith("Media.") and bad[5] == "" and bad[6]
    assert sorted(good) == sorted([source.bucket, "in/" + urllib.parse.quote(name), "", "succeeded", "", "200", "Successful"]
                                  for name in ("a b+c.wav", "\u00e9,1.wav"))
    assert rows(lists.read("made.csv")) == sorted([source.bucket, "out/" + urllib.parse.quote(name)]
                                                  for name in ("a b+c.wav.wav", "\u00e9,1.wav.wav"))

    next_step = place("s3", "next")
    done = avmap("run", "--items", "csv", lists.url + "made.csv", next_step.url, "--ext", "flac", "--", "-ar", "8000",
                 env=server.env())
    assert done.returncode == 0, done.stderr
    assert media_names(next_step) == {"out/a b+c.wav.flac", "out/\u00e9,1.wav.flac"}

    source.put("bad.wav", tiny_wav(4800))
    done = avmap("run", *options, "--items", "csv", lists.url + "report.csv", place("s3", "again").url, *TO_MONO,
                 env=server.env())
    assert done.returncode == 0, done.stderr
    assert len(rows(lists.read("made.csv"))) == 3

    done = avmap("run", *options, source.url, place("s3", "out").url, *TO_MONO, env=server.env())
    assert done.returncode == 0, done.stderr
    assert {row[3] for row in rows(lists.read("report.csv"))} == {"succeeded"}
    assert rows(lists.read("made.csv")) == [[source.bucket, "out/bad.wav.wav"]], "only what is new"
    assert_mono_48k(destination.read("bad.wav.wav"), 4800)


def test_a_report_says_with_what_status_objects_were_refused(avmap, server, bucket, folder):
    bucket.put("there.wav", tiny_wav(480))
    report, names = folder("out").path / "r.csv", folder("lists")
    names.put("names.csv", f"{bucket.bucket},there.wav\n{bucket.bucket},gone.wav\n".encode())

    done = avmap("run", "--items", "csv", "--completion-report", report, names.url + "names.csv", folder("out").url,
                 *TO_MONO, env=server.env())

    assert done.returncode == 1, done.stderr
    gone, there = rows(report.read_bytes())
    assert gone[1:6] == ["gone.wav", "", "failed", "S3.NoSuchKey", "404"] and gone[6]
    assert there[1:] == ["there.wav", "", "succeeded", "", "200", "Successful"]


def test_folders_have_a_report_and_no_list(avmap, folder, tmp_path):
    put_items(folder("in"))
    report = tmp_path / "reports" / "r.csv"

    done = avmap("run", "--completion-report", report, folder("in").url, folder("out").url, *TO_MONO)
    refused = avmap("run", "--result-list", tmp_path / "made.csv", folder("in").url, folder("out").url, *TO_MONO)
    nameless = avmap("run", "--completion-report", f"{tmp_path}/", folder("in").url, folder("out").url, *TO_MONO)

    assert done.returncode == 1, done.stderr
    assert {(row[0], row[1], row[3]) for row in rows(report.read_bytes())} == {
        ("", "a%20b%2Bc.wav", "succeeded"), ("", "%C3%A9%2C1.wav", "succeeded"), ("", "bad.wav", "failed")}

    folder("in").put("again.csv", report.read_bytes())
    again = avmap("run", "--items", "csv", folder("in").url + "again.csv", folder("again").url, *TO_MONO)
    assert again.returncode == 1, again.stderr
    assert media_names(folder("again")) == media_names(folder("out"))
    assert refused.returncode == nameless.returncode == 2


def test_the_report_and_the_list_are_two_objects(avmap, server, bucket, folder):
    folder("in").put("a.wav", tiny_wav(4800))
    lists = bucket.at("lists/").url

    done = avmap("run", "--completion-report", f"{lists}x.csv", "--result-list", f"{lists}x.csv", folder("in").url,
                 bucket.at("out/").url, *TO_MONO, env=server.env())

    assert done.returncode == 2 and "each its own" in done.stderr, done.stderr
    assert not bucket.names()


def test_each_shard_has_its_own(avmap, folder, tmp_path):
    put_items(folder("in"))
    for shard in range(2):
        avmap("run", "--run-id", "0d9a7f7e-90c4-4f0c-8a51-2f6f3a1c9b10", "--shard", f"{shard}/2", "--completion-report",
              tmp_path / "r.csv", folder("in").url, folder("out").url, *TO_MONO)

    assert sum(len(rows((tmp_path / f"r-0000{n}.csv").read_bytes())) for n in range(2)) == 3


def test_a_report_that_cannot_be_written_stops_the_run_before_it_starts(avmap, folder):
    put_items(folder("in"))

    done = avmap("run", "--completion-report", "/proc/no/such/r.csv", folder("in").url, folder("out").url, *TO_MONO)

    assert done.returncode == 4, done.stderr
    assert not media_names(folder("out"))


def test_a_run_whose_report_cannot_be_stored_does_not_say_that_it_succeeded(avmap, folder, tmp_path):
    folder("in").put("a.wav", tiny_wav(4800))
    (tmp_path / "r.csv").mkdir()

    done = avmap("run", "--json", "--completion-report", tmp_path / "r.csv", folder("in").url, folder("out").url,
                 *TO_MONO)

    assert done.returncode == 4, done.stderr
    told = json.loads(done.stdout)
    assert told["status"] == "ABORTED"
    assert told["error"]["Cause"] in done.stderr


def test_a_killed_run_reports_both_attempts(avmap, folder, tmp_path):
    source, destination = folder("in"), folder("out")
    for n in range(4):
        source.put(f"{n}.wav", tiny_wav(4800))
    source.put("2.wav", held())
    words = ["run", "--jobs", 2, "--cpus", 2, "--completion-report", tmp_path / "r.csv", source.url, destination.url,
             *IN_REAL_TIME]
    process = avmap.start(*words)
    wait_until(lambda: len(media_names(destination)) >= 2 or process.poll() is not None, what="the first results")
    process.kill()
    process.communicate()
    assert not (tmp_path / "r.csv").exists()
    source.put("2.wav", tiny_wav(4800))

    assert avmap(*words).returncode == 0

    assert [row[1] for row in rows((tmp_path / "r.csv").read_bytes())] == sorted(source.names())
