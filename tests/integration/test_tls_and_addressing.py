# SPDX-License-Identifier: MIT
"""TLS is verified, and buckets are found by path and by host name."""

import re

import pytest

from lab import TO_MONO, absent, media_names, tiny_wav


@pytest.fixture
def source(bucket):
    bucket.put("in/a b.wav", tiny_wav(1000))
    return bucket.at("in/")


def test_https_works_with_the_ca_bundle(avmap, server, bucket, source):
    if not server.tls_endpoint:
        absent("the server has no TLS port")

    by_option = avmap("run", "--endpoint-url", server.tls_endpoint, "--ca-bundle", server.ca, source.url,
                      bucket.at("option/").url, *TO_MONO, env=server.env())
    by_environment = avmap("run", source.url, bucket.at("environment/").url, *TO_MONO,
                           env=server.env(endpoint=server.tls_endpoint, AWS_CA_BUNDLE=server.ca))

    assert by_option.returncode == 0, by_option.stderr
    assert by_environment.returncode == 0, by_environment.stderr
    assert media_names(bucket.at("option/")) == media_names(bucket.at("environment/")) == {"a b.wav.wav"}


def test_https_without_the_ca_bundle_is_refused(avmap, server, bucket, source):
    if not server.tls_endpoint:
        absent("the server has no TLS port")

    done = avmap("run", source.url, bucket.at("out/").url, *TO_MONO, env=server.env(endpoint=server.tls_endpoint))

    assert done.returncode == 4, done.stderr
    assert "certificate" in done.stderr.lower()
    assert bucket.at("out/").names() == set()


def test_a_missing_ca_bundle_is_named(avmap, server, bucket, source, tmp_path):
    done = avmap("run", "--ca-bundle", tmp_path / "missing.pem", source.url, bucket.at("out/").url, *TO_MONO,
                 env=server.env(endpoint=server.tls_endpoint or server.endpoint))

    assert done.returncode in (2, 4), done.stderr
    assert "missing.pem" in done.stderr


@pytest.mark.parametrize("style", ["virtual", "path"])
def test_addressing_styles_reach_the_same_bucket(avmap, server, bucket, source, style):
    done = avmap("run", "--endpoint-url", f"http://{server.virtual_host}", "--addressing-style", style,
                 source.url, bucket.at("out/").url, *TO_MONO, env=server.env())

    assert done.returncode == 0, done.stderr
    assert media_names(bucket.at("out/")) == {"a b.wav.wav"}


def test_an_endpoint_where_nobody_listens_ends_the_run(avmap, server, bucket, source):
    done = avmap("run", "-v", "--endpoint-url", "http://127.0.0.1:9", source.url, bucket.at("out/").url, *TO_MONO,
                 env=server.env(AWS_MAX_ATTEMPTS="3"))

    assert done.returncode == 4, done.stderr
    assert "127.0.0.1" in done.stderr
    asked = re.findall(r"debug: (\w+ \w+) s3://.* request id", done.stderr)
    assert set(asked) == {"GET ListObjectsV2"}, "other questions are no use"
    assert 3 <= len(asked) <= 6, "source and destination are asked at once, until the destination has failed"
