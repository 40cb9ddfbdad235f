# SPDX-License-Identifier: MIT
"""run --job takes the input of the aws-batch-with-ffmpeg state machine as it is."""

import json

import pytest

from lab import assert_mono_48k, samples, tiny_wav

RESULTS = "batch-ffmpeg-state-machine/results-output/"


def job(bucket, **output):
    return {"name": "pytest-sdk-audio", "compute": "intel",
            "input": {"s3_bucket": bucket.bucket, "s3_prefix": "media-assets/", "file_options": "null"},
            "output": {"s3_bucket": bucket.bucket, "s3_prefix": "output/", "s3_suffix": "",
                       "file_options": "-ac 1 -ar 48000", **output},
            "global": {"options": "null"}}


@pytest.fixture
def source(bucket):
    bucket.put("media-assets/deep/a b.wav", tiny_wav(4410, rate=44100))
    return bucket.at("media-assets/")


@pytest.mark.parametrize("given", ["as a path", "on standard input", "in S3"])
def test_a_job_runs(avmap, server, bucket, source, results, tmp_path, given):
    text = json.dumps(job(bucket))
    where = {"as a path": tmp_path / "job.json", "on standard input": "-", "in S3": bucket.at("job.json").url}[given]
    (tmp_path / "job.json").write_text(text)
    bucket.put("job.json", text.encode())

    done = avmap("run", "--job", where, env=server.env(), stdin=text)

    assert done.returncode == 0, done.stderr
    assert bucket.at("output/").names() == {"media-assets/deep/a b.wav"}
    assert_mono_48k(bucket.read("output/media-assets/deep/a b.wav"), 4800)
    run = results(bucket.at(RESULTS))
    assert [record.key for record in run.made] == ["media-assets/deep/a b.wav"]
    assert "pytest-sdk-audio" in json.dumps(run.run) and "intel" in json.dumps(run.run)


def test_a_suffix_is_appended_to_the_whole_key(avmap, server, bucket, source, tmp_path):
    (tmp_path / "job.json").write_text(json.dumps(job(bucket, s3_suffix=".flac")))

    done = avmap("run", "--job", tmp_path / "job.json", env=server.env())

    assert done.returncode == 0, done.stderr
    assert bucket.at("output/").names() == {"media-assets/deep/a b.wav.flac"}


@pytest.mark.parametrize("unset", ["null", None, "missing"], ids=str)
def test_unset_options_have_no_effect(avmap, server, bucket, source, tmp_path, unset):
    description = job(bucket, file_options=unset, s3_suffix=".wav")
    description["input"]["file_options"] = description["global"]["options"] = unset
    if unset == "missing":
        del description["global"], description["input"]["file_options"], description["output"]["file_options"]
    (tmp_path / "job.json").write_text(json.dumps(description))

    done = avmap("run", "--job", tmp_path / "job.json", env=server.env())

    assert done.returncode == 0, done.stderr
    assert len(samples(bucket.read("output/media-assets/deep/a b.wav.wav"))) == 2 * 4410


def test_options_are_split_as_a_shell_splits_them(avmap, server, bucket, source, tmp_path):
    options = """-ac 1 -af 'volume=0.5, aresample=24000' -metadata title="two words" """
    (tmp_path / "job.json").write_text(json.dumps(job(bucket, file_options=options, s3_suffix=".wav")))

    done = avmap("run", "--job", tmp_path / "job.json", env=server.env())

    assert done.returncode == 0, done.stderr
    assert len(samples(bucket.read("output/media-assets/deep/a b.wav.wav"))) == 2 * 2400


def test_results_can_go_elsewhere(avmap, server, bucket, source, folder, results, tmp_path):
    (tmp_path / "job.json").write_text(json.dumps(job(bucket)))

    done = avmap("run", "--job", tmp_path / "job.json", "--results", folder("results").url, env=server.env())

    assert done.returncode == 0, done.stderr
    assert len(results(folder("results")).made) == 1
    assert bucket.at(RESULTS).names() == set()


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"input": {"s3_prefix": "x/"}}', '{"input": "x", "output": 3}',
                                  '{"input": {"s3_bucket": 7}, "output": {}}'])
def test_a_wrong_job_is_a_usage_error(avmap, server, tmp_path, text):
    (tmp_path / "job.json").write_text(text)

    done = avmap("run", "--job", tmp_path / "job.json", env=server.env())

    assert done.returncode == 2, done.stderr
    assert "job" in done.stderr


def test_bad_ffmpeg_options_in_a_job_are_a_usage_error(avmap, server, bucket, source, tmp_path):
    (tmp_path / "job.json").write_text(json.dumps(job(bucket, file_options="-nosuchoption 1")))

    done = avmap("run", "--job", tmp_path / "job.json", env=server.env())

    assert done.returncode == 2, done.stderr
    assert "nosuchoption" in done.stderr
    assert bucket.names() == {"media-assets/deep/a b.wav"}
