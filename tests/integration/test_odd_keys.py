# SPDX-License-Identifier: MIT
"""Any key that S3 accepts is an object like any other; in a folder, none can leave DESTINATION."""

import pytest

from lab import TO_MONO, media_names, tiny_wav

NAMES = [
    "with space.wav", " leading and trailing ", "plus+plus.wav", "100%.wav", "%2F.wav", "%zz", "a&b=c;d?e#f.wav",
    "<tag>.wav", "it's.wav", '"quoted".wav', "new\nline.wav", "carriage\rreturn.wav", "tab\there.wav",
    "control\x01.wav", "delete\x7f.wav", "back\\slash.wav", "tilde~()!*'.wav", "{key}{stem}.wav", "%d-%s.wav",
    "nfc-\u00e9.wav", "nfd-e\u0301.wav", "emoji-\U0001f3b5.wav", "nbsp-\u00a0.wav", "-ac", "--suffix", ".hidden",
    "/leading.wav", "double//slash.wav", "trailing./.wav", "../up.wav", "a/../../../up.wav", "./here.wav", "a/./b.wav",
    "x.wav", "x.wav/y.wav", "x.wav.wav/y.wav", "file:/etc/hosts.wav", "http://example.invalid/x.wav",
    "concat:a|b.wav", "pipe:0",
]


def put_all(place, names):
    """Every object has its own length, so that a mix-up shows."""
    for number, name in enumerate(names):
        place.put(name, tiny_wav(500 + number))


def test_every_key_arrives_in_s3_with_the_suffix(avmap, server, bucket, results):
    source, destination = bucket.at("source/"), bucket.at("o/")
    names = NAMES + ["l" * (1024 - len("source/"))]
    put_all(source, names)

    done = avmap("run", source.url, destination.url, *TO_MONO, env=server.env())

    assert done.returncode == 0, done.stderr
    assert media_names(destination) == {f"{name}.wav" for name in names}
    headers = {destination.head(f"{name}.wav")["ContentLength"] - 2 * (500 + number)
               for number, name in enumerate(names)}
    assert len(headers) == 1, "results and keys are mixed up"
    assert {record.key for record in results(destination).made} == {f"source/{name}" for name in names}


def test_a_result_key_over_1024_bytes_fails_alone(avmap, server, bucket, results):
    source, destination = bucket.at("in/"), bucket.at("a-longer-prefix/")
    long_name = "l" * (1024 - len("in/"))
    put_all(source, ["short.wav", long_name])

    done = avmap("run", source.url, destination.url, *TO_MONO, env=server.env())

    assert done.returncode == 1, done.stderr
    run = results(destination)
    assert [record.key for record in run.made] == ["in/short.wav"]
    assert [record.key for record in run.failed] == [f"in/{long_name}"]
    assert run.failed[0].cause


def test_no_key_leaves_the_destination_folder(avmap, server, bucket, folder, results, tmp_path):
    names = NAMES + ["c" * 300 + ".wav", "d" * 253, "/etc/passwd-of-nobody.wav", "a/" * 60 + "deep.wav"]
    put_all(bucket, names)
    destination = folder("nest/out")
    before = set(tmp_path.rglob("*"))

    done = avmap("run", bucket.url, destination.url, "--results", folder("nest/results").url, *TO_MONO,
                 env=server.env())

    assert done.returncode in (0, 1), done.stderr
    run = results(tmp_path / "nest" / "results")
    assert len(run.all) == len(names) and not run.pending
    assert len(media_names(destination)) == len(run.made)
    for record in run.failed:
        assert record.error and record.cause, record
    outside = {path for path in set(tmp_path.rglob("*")) - before
               if destination.path not in path.parents and tmp_path / "nest" / "results" not in [path, *path.parents]}
    assert outside == set()
    # "x.wav" becomes the file x.wav.wav, and "x.wav.wav/y.wav" needs a folder of that name: one of them fails.
    plain = {name for name in NAMES if "/" not in name} - {"x.wav"}
    missing = plain - {record.key for record in run.made}
    assert not missing, "a folder can hold these names"


@pytest.mark.parametrize("name", ["a b+c%2F&<\u00e9\n.wav", "-ac.wav"])
def test_odd_file_names_arrive_in_s3(avmap, server, bucket, folder, name):
    source = folder("in")
    source.put(f"sub folder/{name}", tiny_wav(700))

    done = avmap("run", source.url, bucket.at("out/").url, *TO_MONO, env=server.env())

    assert done.returncode == 0, done.stderr
    assert media_names(bucket.at("out/")) == {f"sub folder/{name}.wav"}


def test_an_odd_prefix_is_taken_as_it_is_typed(avmap, server, bucket):
    source, destination = bucket.at("in +%41/"), bucket.at("out &=?/")
    source.put("a.wav", tiny_wav(700))

    done = avmap("run", source.url, destination.url, *TO_MONO, env=server.env())

    assert done.returncode == 0, done.stderr
    assert media_names(destination) == {"a.wav.wav"}
