# SPDX-License-Identifier: MIT
"""Buckets with versions, with policies, and in another region than the one we think."""

import json

import pytest

from lab import HELD_OUT, TO_MONO, assert_mono_48k, media_names, tiny_wav, wait_until

ITEMS = 6
LENGTH = 4800


@pytest.fixture
def source(bucket):
    for n in range(ITEMS):
        bucket.put(f"in/{n}.wav", tiny_wav(LENGTH))
    return bucket.at("in/")


@pytest.fixture
def versioned(bucket):
    def set_to(status):
        bucket.s3.put_bucket_versioning(Bucket=bucket.bucket, VersioningConfiguration={"Status": status})
    set_to("Enabled")
    yield bucket
    set_to("Suspended")
    found = bucket.s3.list_object_versions(Bucket=bucket.bucket)
    for version in found.get("Versions", []) + found.get("DeleteMarkers", []):
        bucket.s3.delete_object(Bucket=bucket.bucket, Key=version["Key"], VersionId=version["VersionId"])


def test_only_the_present_versions_are_read(avmap, server, versioned, folder, results):
    source = versioned.at("in/")
    for name in ("a.wav", "b.wav", "gone.wav"):
        source.put(name, tiny_wav(100))
    source.put("a.wav", tiny_wav(LENGTH))
    versioned.s3.delete_object(Bucket=versioned.bucket, Key="in/gone.wav")

    done = avmap("run", source.url, folder("out").url, *TO_MONO, env=server.env())

    assert done.returncode == 0, done.stderr
    assert media_names(folder("out")) == {"a.wav.wav", "b.wav.wav"}
    assert_mono_48k(folder("out").read("a.wav.wav"), LENGTH)
    assert len(results(folder("out")).made) == 2


@pytest.mark.parametrize("kind", ["versioned", "bucket"])
def test_an_object_that_is_replaced_after_it_was_listed_fails_alone(request, avmap, server, fault, folder, results,
                                                                    kind):
    bucket = request.getfixturevalue(kind)
    source = bucket.at("in/")
    for n in range(ITEMS):
        source.put(f"{n}.wav", tiny_wav(LENGTH))
    fault.hold("GET .*/in/.*wav", after=1)
    process = avmap.start("run", "--jobs", 1, source.url, folder("out").url, *TO_MONO,
                          env=server.env(endpoint=fault.endpoint, **HELD_OUT))
    wait_until(lambda: media_names(folder("out")) or process.poll() is not None, what="the first result")
    last = f"{ITEMS - 1}.wav"
    source.put(last, tiny_wav(LENGTH // 2))
    fault.clear()
    _, errors = process.communicate(timeout=60)

    assert process.returncode == 1, errors
    run = results(folder("out"))
    (failed,) = run.failed
    assert (failed.key, failed.error) == (f"in/{last}", "S3.PreconditionFailed")
    assert "changed since it was listed" in failed.cause
    assert len(run.made) == ITEMS - 1

    again = avmap("run", source.url, folder("out").url, *TO_MONO, env=server.env())

    assert again.returncode == 0, again.stderr
    assert_mono_48k(folder("out").read(f"{last}.wav"), LENGTH // 2)


def test_a_policy_that_denies_a_prefix_costs_what_is_there(avmap, server, bucket, source, folder, results):
    source.put("secret/a.wav", tiny_wav(LENGTH))
    source.put("secret/b.wav", tiny_wav(LENGTH))
    everything = [f"arn:aws:s3:::{bucket.bucket}", f"arn:aws:s3:::{bucket.bucket}/*"]
    policy = {"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": ["arn:aws:iam:::user/bob"]}, "Action": ["s3:*"],
         "Resource": everything},
        {"Effect": "Deny", "Principal": {"AWS": ["arn:aws:iam:::user/bob"]}, "Action": ["s3:GetObject"],
         "Resource": [f"arn:aws:s3:::{bucket.bucket}/in/secret/*"]}]}
    bucket.s3.put_bucket_policy(Bucket=bucket.bucket, Policy=json.dumps(policy))

    done = avmap("run", source.url, folder("out").url, *TO_MONO, env=server.env("bob"))

    assert done.returncode == 1, done.stderr
    run = results(folder("out"))
    assert {(record.key, record.error) for record in run.failed} == {
        ("in/secret/a.wav", "S3.AccessDenied"), ("in/secret/b.wav", "S3.AccessDenied")}
    assert len(run.made) == ITEMS and not run.pending


def test_a_policy_that_denies_some_results_costs_those(avmap, server, bucket, source, results):
    policy = {"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": ["arn:aws:iam:::user/bob"]}, "Action": ["s3:*"],
         "Resource": [f"arn:aws:s3:::{bucket.bucket}", f"arn:aws:s3:::{bucket.bucket}/*"]},
        {"Effect": "Deny", "Principal": {"AWS": ["arn:aws:iam:::user/bob"]}, "Action": ["s3:PutObject"],
         "Resource": [f"arn:aws:s3:::{bucket.bucket}/out/5.wav.wav"]}]}
    bucket.s3.put_bucket_policy(Bucket=bucket.bucket, Policy=json.dumps(policy))
    destination = bucket.at("out/")

    done = avmap("run", "--jobs", 1, "--acl", "bucket-owner-full-control", source.url, destination.url, *TO_MONO, env=server.env("bob"))

    assert done.returncode == 1, done.stderr
    run = results(destination)
    assert [(record.key, record.error) for record in run.failed] == [("in/5.wav", "S3.AccessDenied")]
    assert len(run.made) == ITEMS - 1


def test_a_bucket_in_another_region_is_found_there_once_played_by_the_proxy(avmap, server, fault, bucket, source,
                                                                            results):
    destination = bucket.at("out/")
    fault.set(mode="region", region="eu-central-9")

    done = avmap("run", "--jobs", 1, source.url, destination.url, *TO_MONO, env=server.env(endpoint=fault.endpoint))

    assert done.returncode == 0, done.stderr
    assert len(results(destination).made) == ITEMS
    assert fault.count <= 2 # the listing and the worker may meet it at the same time
