# SPDX-License-Identifier: MIT
"""avmap one takes the place of the container wrapper of aws-batch-with-ffmpeg."""

import signal

import pytest

from lab import assert_mono_48k, probe, samples, tiny_wav, wait_until

# What a Batch job definition passes for parameters that are not set.
UNSET = ("--global_options", "null", "--input_file_options", "null", "--name", "null")


def test_the_wrappers_command_line_works_as_it_is(avmap, server, bucket):
    bucket.put("media/a b.wav", tiny_wav(4410, rate=44100))

    done = avmap("one", *UNSET, "--input_url", bucket.at("media/a b.wav").url, "--output_url",
                 bucket.at("out/a.wav").url, "--output_file_options", "-ac 1 -ar 48000", env=server.env())

    assert done.returncode == 0, done.stderr
    assert_mono_48k(bucket.read("out/a.wav"), 4800)
    assert bucket.names() == {"media/a b.wav", "out/a.wav"}
    assert bucket.head("out/a.wav")["ContentType"] == "audio/x-wav"


def test_inputs_may_lie_in_several_buckets_and_folders(avmap, server, s3, bucket, media, tmp_path):
    other = f"{bucket.bucket}-other"
    s3.create_bucket(Bucket=other)
    try:
        bucket.put("film.mp4", media / "film.mp4")
        s3.put_object(Bucket=other, Key="tone.wav", Body=(media / "tone-44100-stereo.wav").read_bytes())
        urls = f"{bucket.at('film.mp4').url}, s3://{other}/tone.wav,{(media / 'tone-48000-mono.wav').as_uri()}"

        done = avmap("one", "--input_url", urls, "--output_url", tmp_path / "new/result.mkv", "--output_file_options",
                     "-filter_complex '[1:a][2:a]amix' -map 0:v -c:v copy", env=server.env())

        assert done.returncode == 0, done.stderr
        streams = probe((tmp_path / "new/result.mkv").read_bytes())
        assert {stream["codec_type"] for stream in streams} == {"audio", "video"}
    finally:
        s3.delete_object(Bucket=other, Key="tone.wav")
        s3.delete_bucket(Bucket=other)


def test_the_environment_says_it_too(avmap, folder):
    place = folder("place")
    place.put("a.wav", tiny_wav(480))

    done = avmap("one", env={"AVMAP_INPUT_URL": f"{place.url}a.wav", "AVMAP_OUTPUT_URL": f"{place.url}b.flac",
                             "AVMAP_NAME": "null"})

    assert done.returncode == 0, done.stderr
    assert samples(place.read("b.flac")) == samples(place.read("a.wav"))


def test_a_name_is_put_before_messages(avmap, folder):
    place = folder("place")
    place.put("a.wav", tiny_wav(480))

    done = avmap("one", "--name", "episode 7", "--input_url", f"{place.url}a.wav", "--output_url", f"{place.url}b.wav")

    assert "[episode 7] made " in done.stderr


def test_the_same_line_again_does_nothing_until_an_input_changes(avmap, folder):
    place = folder("place")
    place.put("a.wav", tiny_wav(480))
    place.put("b.wav", tiny_wav(960))
    line = ("one", "--input_url", f"{place.url}a.wav,{place.url}b.wav", "--output_url", f"{place.url}mix.wav",
            "--output_file_options", "-filter_complex amix")

    assert "made " in avmap(*line).stderr
    assert "stays as it is" in avmap(*line).stderr
    place.put("b.wav", tiny_wav(1440))
    assert "made " in avmap(*line).stderr
    assert len(samples(place.read("mix.wav"))) // 2 == 1440
    assert avmap(*line, "--if-exists", "fail").returncode == 1


def test_every_file_of_an_output_is_uploaded(avmap, server, bucket, media):
    bucket.put("film.mp4", media / "film.mp4")

    done = avmap("one", *UNSET, "--input_url", bucket.at("film.mp4").url, "--output_url", bucket.at("out/%03d.jpg").url,
                 "--output_file_options", "-frames:v 5", env=server.env())

    assert done.returncode == 0, done.stderr
    assert bucket.at("out/").names() == {f"{n:03}.jpg" for n in range(1, 6)}
    assert bucket.head("out/001.jpg")["ContentType"] == "image/jpeg"


def test_a_playlist_comes_with_its_segments(avmap, server, bucket, media):
    bucket.put("film.mp4", media / "film.mp4")
    line = ("one", "--input_url", f"{bucket.at('film.mp4').url},{(media / 'tone-48000-mono.wav').as_uri()}",
            "--output_url", bucket.at("out/list.m3u8").url, "--output_file_options",
            "-map 0:v -map 1:a -g 10 -hls_time 0.4 -hls_list_size 0")

    done = avmap(*line, env=server.env())

    assert done.returncode == 0, done.stderr
    segments = [word for word in bucket.read("out/list.m3u8").decode().split() if word.endswith(".ts")]
    assert len(segments) == 3
    assert bucket.at("out/").names() == {"list.m3u8", *segments}
    assert "stays as it is" in avmap(*line, env=server.env()).stderr


def test_some_files_of_an_output_are_none(avmap, server, bucket, media, fault):
    bucket.put("film.mp4", media / "film.mp4")
    fault.set(mode="403", match="003.jpg")

    done = avmap("one", "--input_url", bucket.at("film.mp4").url, "--output_url", bucket.at("out/%03d.jpg").url,
                 "--output_file_options", "-r 5", env=server.env(endpoint=fault.endpoint))

    assert done.returncode == 1, done.stderr
    assert bucket.names() == {"film.mp4"}


@pytest.mark.parametrize("broken", ["missing", "no media", "in a bucket that is not there"])
def test_a_failure_is_status_1_and_names_the_input(avmap, server, bucket, broken):
    bucket.put("good.wav", tiny_wav(480))
    bucket.put("bad.wav", b"These are notes, not music.")
    bad = {"missing": bucket.at("none.wav").url, "no media": bucket.at("bad.wav").url,
           "in a bucket that is not there": f"s3://{bucket.bucket}-none/a.wav"}[broken]

    done = avmap("one", "--input_url", f"{bucket.at('good.wav').url},{bad}", "--output_url", bucket.at("x.wav").url,
                 "--max-attempts", "1", env=server.env())

    assert done.returncode == 1, done.stderr
    assert (bad if broken != "no media" else "input 1: ") in done.stderr
    assert "x.wav" not in bucket.names()


@pytest.mark.parametrize("line", [
    ["--input_url", "a.wav"],
    ["--input_url", "https://example.org/a.wav", "--output_url", "b.wav"],
    ["--input_url", "a.wav", "--output_url", "a.wav"],
    ["--input_url", "a.wav", "--output_url", "b.wav", "--output_file_options", "-nope 1"],
    ["--input_url", "a.wav", "--output_url", "b.wav", "-ac", "1"],
], ids=" ".join)
def test_a_wrong_line_is_status_2(avmap, line):
    assert avmap("one", *line).returncode == 2


def test_a_passing_failure_is_tried_again(avmap, server, bucket, fault):
    bucket.put("a.wav", tiny_wav(480))
    fault.set(mode="500", match="GET", first=1)

    done = avmap("one", "--input_url", bucket.at("a.wav").url, "--output_url", bucket.at("b.wav").url,
                 "--retry-interval", "1ms", env=server.env(endpoint=fault.endpoint, AWS_MAX_ATTEMPTS="1"))

    assert done.returncode == 0, done.stderr
    assert "attempt 1 of 3 failed" in done.stderr
    assert samples(bucket.read("b.wav")) == samples(bucket.read("a.wav"))


def test_a_signal_leaves_nothing(avmap, server, bucket, fault):
    bucket.put("a.wav", tiny_wav(480))
    fault.set(mode="hang", hang_ms=60000, match="GET")
    process = avmap.start("one", "--grace", "1s", "--input_url", bucket.at("a.wav").url, "--output_url",
                          bucket.at("b.wav").url, env=server.env(endpoint=fault.endpoint))
    wait_until(lambda: fault.count, what="a request")

    process.send_signal(signal.SIGTERM)

    _, errors = process.communicate(timeout=60)
    assert process.returncode == 143, errors
    assert bucket.names() == {"a.wav"}
