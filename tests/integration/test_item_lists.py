# SPDX-License-Identifier: MIT
"""SOURCE may be a list of objects; what is wrong in it costs its own line."""

import gzip
import hashlib
import json
import subprocess

import pytest

from lab import TO_MONO, media_names, tiny_wav


def lines(*entries):
    return "".join(json.dumps(entry) + "\n" for entry in entries).encode()


def test_a_batch_operations_manifest_names_objects_of_several_buckets(avmap, server, bucket, results, s3):
    one, other = bucket.at("one/"), bucket.at("other/")
    one.put("a b+c.wav", tiny_wav(500))
    other.put("d.wav", tiny_wav(600))
    bucket.put("list.csv", f"{bucket.bucket},one/a%20b%2Bc.wav\n{bucket.bucket},other/d.wav\n".encode())

    done = avmap("run", "--items", "csv", bucket.at("list.csv").url, bucket.at("out/").url, *TO_MONO, env=server.env())

    assert done.returncode == 0, done.stderr
    assert media_names(bucket.at("out/")) == {"one/a b+c.wav.wav", "other/d.wav.wav"}
    records = {record.key: record.input for record in results(bucket.at("out/")).made}
    assert set(records) == {"one/a b+c.wav", "other/d.wav"}
    assert records["other/d.wav"]["Bucket"] == bucket.bucket
    assert records["other/d.wav"]["Etag"] == bucket.head("other/d.wav")["ETag"]

    again = avmap("run", "--items", "csv", bucket.at("list.csv").url, bucket.at("out/").url, *TO_MONO, env=server.env())
    assert again.returncode == 0, again.stderr
    assert "0 succeeded" in again.stderr and "2 skipped" in again.stderr


def test_a_list_names_the_version_that_is_fetched(avmap, server, bucket, folder, s3):
    s3.put_bucket_versioning(Bucket=bucket.bucket, VersioningConfiguration={"Status": "Enabled"})
    first = s3.put_object(Bucket=bucket.bucket, Key="a.wav", Body=tiny_wav(4800))["VersionId"]
    second = s3.put_object(Bucket=bucket.bucket, Key="a.wav", Body=tiny_wav(9600))["VersionId"]
    try:
        source, out = folder("lists"), folder("out")
        source.put("list.csv", f"{bucket.bucket},a.wav,{first}\n".encode())

        done = avmap("run", "--items", "csv", source.path / "list.csv", out.url, *TO_MONO, env=server.env())

        assert done.returncode == 0, done.stderr
        assert len(out.read("a.wav.wav")) < 2 * 9600, "the newest version was fetched"
    finally:
        s3.put_bucket_versioning(Bucket=bucket.bucket, VersioningConfiguration={"Status": "Suspended"})
        for version in (first, second):
            s3.delete_object(Bucket=bucket.bucket, Key="a.wav", VersionId=version)


def test_a_bad_line_fails_alone(avmap, folder, results):
    source, out = folder("in"), folder("out")
    source.put("a.wav", tiny_wav(500))
    source.put("b/c.wav", tiny_wav(500))
    source.put("list.jsonl", b'"a.wav"\n{"Key":\n"../out.wav"\n"missing.wav"\n{"Key":"b/c.wav","Size":1}\n')

    done = avmap("run", "--items", "jsonl", source.path / "list.jsonl", out.url, *TO_MONO)

    assert done.returncode == 1, done.stderr
    assert media_names(out) == {"a.wav.wav", "b/c.wav.wav"}
    failed = {record.error: record for record in results(out).failed}
    assert set(failed) == {"Avmap.BadItem", "Avmap.BadFileName", "File.NotFound"}
    assert failed["Avmap.BadItem"].cause.startswith(f"{source.path}/list.jsonl:2: ")


@pytest.mark.parametrize("packer", [None, "gzip", "zstd"])
def test_lists_are_unpacked(avmap, folder, packer):
    source, out = folder("in"), folder("out")
    source.put("a.wav", tiny_wav(500))
    text = json.dumps({"items": {"list": ["a.wav"]}}).encode()
    packed = subprocess.run([packer, "-c"], input=text, check=True, capture_output=True).stdout if packer else text
    source.put("list", packed)

    done = avmap("run", "--items", "json", "--items-pointer", "/items/list", source.path / "list", out.url, *TO_MONO)

    assert done.returncode == 0, done.stderr
    assert media_names(out) == {"a.wav.wav"}


def test_an_array_that_is_cut_off_ends_the_run_with_what_came_before(avmap, folder, results):
    source, out = folder("in"), folder("out")
    source.put("a.wav", tiny_wav(500))
    source.put("list.json", b'["a.wav", "b')

    done = avmap("run", "--items", "json", source.path / "list.json", out.url, *TO_MONO)

    assert done.returncode == 4, done.stderr
    assert "the list ends inside of its array" in done.stderr
    assert [record.key for record in results(out).all] == ["a.wav"]


@pytest.mark.parametrize("where", ["s3", "folder"])
def test_an_inventory_is_a_list(avmap, server, bucket, folder, where):
    bucket.put("in/a b.wav", tiny_wav(500))
    etag = bucket.head("in/a b.wav")["ETag"].strip('"')
    size = bucket.head("in/a b.wav")["ContentLength"]
    rows = gzip.compress("".join(",".join(f'"{field}"' for field in row) + "\n" for row in [
        [bucket.bucket, "in/a%20b.wav", size, etag, "true", "false"],
        [bucket.bucket, "in/old.wav", 9, "0", "false", "false"],
        [bucket.bucket, "in/deleted.wav", "", "", "true", "true"],
        [bucket.bucket, "in/", 0, etag, "true", "false"],
    ]).encode())
    manifest = json.dumps({
        "sourceBucket": bucket.bucket, "destinationBucket": f"arn:aws:s3:::{bucket.bucket}", "version": "2016-11-30",
        "fileFormat": "CSV", "fileSchema": "Bucket, Key, Size, ETag, IsLatest, IsDeleteMarker",
        "files": [{"key": "inv/data/x.csv.gz", "size": len(rows), "MD5checksum": hashlib.md5(rows).hexdigest()}],
    }).encode()
    place = bucket if where == "s3" else folder("copy")
    place.put("inv/data/x.csv.gz", rows)
    place.put("inv/2026/manifest.json", manifest)
    place.put("inv/2026/manifest.checksum", hashlib.md5(manifest).hexdigest().encode() + b"\n")
    out = folder("out")

    done = avmap("run", "--items", "inventory", f"{place.url}inv/2026/manifest.json", out.url, *TO_MONO,
                 env=server.env())

    assert done.returncode == 0, done.stderr
    assert media_names(out) == {"in/a b.wav.wav"}


def test_a_list_of_many_rows_takes_no_memory(avmap, folder):
    source = folder("in")
    with open(source.path / "list.jsonl", "wb") as file:
        for block in range(300):
            file.write(lines(*({"Key": f"some/longer/folder/name/{block}/{row}.wav", "Size": 1000}
                               for row in range(1000))))

    done = avmap("run", "--dry-run", "--items", "jsonl", source.path / "list.jsonl", folder("out").url, *TO_MONO)

    assert done.returncode == 0, done.stderr
    assert "would transcode 300000 objects" in done.stdout


def test_a_list_that_is_not_there_starts_nothing(avmap, folder):
    out = folder("out")
    done = avmap("run", "--items", "csv", folder("in").path / "list.csv", out.url, *TO_MONO)
    assert done.returncode == 4 and "list.csv" in done.stderr
    assert not out.names()


def test_the_shards_of_a_plan_make_what_its_source_would(avmap, folder):
    source, plan, out = folder("in"), folder("plan"), folder("out")
    for number in range(5):
        source.put(f"sub/{number}.wav", tiny_wav(500 + number))
    assert avmap("plan", source.url, plan.url, "--shards", "2").returncode == 0

    for shard in ("0/2", "1/2"):
        done = avmap("run", "--items", "plan", plan.url, out.url, "--shard", shard, *TO_MONO)
        assert done.returncode == 0, done.stderr
        assert "0 failed" in done.stderr

    assert media_names(out) == {f"sub/{number}.wav.wav" for number in range(5)}
    assert avmap("run", "--items", "plan", plan.url, out.url, *TO_MONO).returncode == 2


def test_an_object_that_turns_out_to_be_empty_is_skipped(avmap, folder, results):
    source, out = folder("in"), folder("out")
    source.put("a.wav", tiny_wav(500))
    source.put("empty.wav", b"")
    source.put("list.jsonl", lines("a.wav", "empty.wav"))

    done = avmap("run", "--items", "jsonl", source.path / "list.jsonl", out.url, *TO_MONO)

    assert done.returncode == 0, done.stderr
    assert media_names(out) == {"a.wav.wav"}
    run = results(out)
    (empty,) = [record for record in run.succeeded if record.skipped]
    assert empty.key == "empty.wav" and "output" not in empty.output
    assert run.run["skipped"] == {"emptyObjects": 1, "folderMarkers": 0, "notSelected": 0, "unchanged": 0, "total": 1}
    assert "2 succeeded" not in done.stderr and "1 succeeded" in done.stderr
