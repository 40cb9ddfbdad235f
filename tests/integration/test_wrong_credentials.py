# SPDX-License-Identifier: MIT
"""Without the right to work, a run ends at once with status 4, says why, and gives no secret away."""

import pytest

from lab import TO_MONO, media_names, tiny_wav

ITEMS = 5
SECRET = "not/the+right+secret0123456789abcdefABCD"


@pytest.fixture
def source(bucket):
    for n in range(ITEMS):
        bucket.put(f"in/{n}.wav", tiny_wav(1000))
    return bucket.at("in/")


def assert_nothing_was_made(destination, run):
    assert media_names(destination) == set()
    if any(name.endswith("manifest.json") for name in destination.names()):
        assert not run(destination).made


def test_a_wrong_secret_ends_the_run(avmap, server, source, folder, results):
    avmap.secrets.append(SECRET)

    done = avmap("run", "-v", source.url, folder("out").url, *TO_MONO, env=server.env(AWS_SECRET_ACCESS_KEY=SECRET))

    assert done.returncode == 4, done.stderr
    assert "SignatureDoesNotMatch" in done.stderr
    assert_nothing_was_made(folder("out"), results)


def test_an_unknown_access_key_ends_the_run(avmap, server, source, folder, results):
    done = avmap("run", source.url, folder("out").url, *TO_MONO,
                 env=server.env(AWS_ACCESS_KEY_ID="AKIANOBODY0000000000"))

    assert done.returncode == 4, done.stderr
    assert "InvalidAccessKeyId" in done.stderr
    assert_nothing_was_made(folder("out"), results)


def test_a_stranger_is_denied(avmap, server, source, folder, results):
    done = avmap("run", source.url, folder("out").url, *TO_MONO, env=server.env("bob"))

    assert done.returncode == 4, done.stderr
    assert "AccessDenied" in done.stderr
    assert_nothing_was_made(folder("out"), results)


def test_a_destination_that_denies_ends_the_run(avmap, server, bucket, folder):
    source = folder("in")
    source.put("a.wav", tiny_wav(1000))

    done = avmap("run", source.url, bucket.at("out/").url, *TO_MONO, env=server.env("bob"))

    assert done.returncode == 4, done.stderr
    assert "AccessDenied" in done.stderr
    assert bucket.names() == set()


@pytest.mark.parametrize("keys, word", [
    ({"AWS_SECRET_ACCESS_KEY": SECRET}, "SignatureDoesNotMatch"),
    ({"AWS_ACCESS_KEY_ID": "AKIANOBODY0000000000"}, "InvalidAccessKeyId"),
], ids=["secret", "key"])
@pytest.mark.parametrize("records", ["in S3", "local"])
def test_keys_that_are_not_known_where_results_go_end_the_run(avmap, server, bucket, folder, keys, word, records):
    source = folder("in")
    for n in range(ITEMS):
        source.put(f"{n}.wav", tiny_wav(1000))
    avmap.secrets.append(SECRET)
    place = () if records == "in S3" else ("--results", folder("records").url)

    done = avmap("run", source.url, bucket.at("out/").url, *place, *TO_MONO, env=server.env(**keys))

    assert done.returncode == 4, done.stderr
    assert word in done.stderr
    assert folder("records").names() == set()


def test_a_destination_that_may_not_be_asked_leaves_all_pending(avmap, server, fault, bucket, folder, results):
    source = folder("in")
    for n in range(ITEMS):
        source.put(f"{n}.wav", tiny_wav(1000))
    bucket.put("out/something")
    fault.set(mode="403", match="^HEAD .*wav")

    done = avmap("run", "--results", folder("records").url, source.url, bucket.at("out/").url, *TO_MONO,
                 env=server.env(endpoint=fault.endpoint))

    assert done.returncode == 4, done.stderr
    assert len(results(folder("records")).pending) == ITEMS


def test_missing_credentials_are_explained(avmap, server, source, folder):
    done = avmap("run", source.url, folder("out").url, *TO_MONO, env={"AWS_ENDPOINT_URL_S3": server.endpoint})

    assert done.returncode == 4, done.stderr
    assert "AWS_ACCESS_KEY_ID" in done.stderr
    assert media_names(folder("out")) == set()


def test_credentials_are_read_from_a_profile(avmap, server, source, folder):
    key, secret = server.keys["alice"]
    (avmap.home / ".aws").mkdir()
    (avmap.home / ".aws" / "credentials").write_text(
        f"[lab]\naws_access_key_id = {key}\naws_secret_access_key = {secret}\n")

    done = avmap("run", "--profile", "lab", "--region", server.region, "--endpoint-url", server.endpoint,
                 source.url, folder("out").url, *TO_MONO)

    assert done.returncode == 0, done.stderr
    assert len(media_names(folder("out"))) == ITEMS


def test_a_missing_bucket_is_named(avmap, server, folder):
    done = avmap("run", "s3://avmap-no-such-bucket/in/", folder("out").url, *TO_MONO, env=server.env())

    assert done.returncode == 4, done.stderr
    assert "avmap-no-such-bucket" in done.stderr


def test_a_missing_destination_bucket_is_named(avmap, server, folder):
    source = folder("in")
    source.put("a.wav", tiny_wav(1000))

    done = avmap("run", source.url, "s3://avmap-no-such-bucket/out/", *TO_MONO, env=server.env())

    assert done.returncode == 4, done.stderr
    assert "avmap-no-such-bucket" in done.stderr


def test_credentials_that_expire_leave_the_rest_pending(avmap, server, fault, source, folder, results):
    fault.set(mode="expired", match="^GET /[^?]*/in/")

    done = avmap("run", source.url, folder("out").url, *TO_MONO, env=server.env(endpoint=fault.endpoint))

    assert done.returncode == 4, done.stderr
    assert "ExpiredToken" in done.stderr
    run = results(folder("out"))
    assert not run.made and len(run.all) == ITEMS


def test_no_secret_is_in_any_file_of_a_run(avmap, server, bucket, source):
    destination = bucket.at("out/")

    done = avmap("run", "-v", "-v", "--log-format", "json", source.url, destination.url, *TO_MONO, env=server.env())

    assert done.returncode == 0, done.stderr
    for name in destination.names():
        if name.startswith("_avmap/"):
            avmap.check_secrets(destination.read(name).decode())
