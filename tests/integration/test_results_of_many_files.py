# SPDX-License-Identifier: MIT
"""Muxers that write many files: all of them arrive or none, and nothing is left of an earlier result."""

import pytest

from lab import media_names, tiny_wav, wait_until

RATE = 8000
PLACES = ["folder", "s3"]
NUMBERED = ("--name", "{dir}/{stem}-%03d.wav")


def wav(seconds):
    return tiny_wav(int(seconds * RATE), rate=RATE)


def segments(seconds):
    return ("--", "-f", "segment", "-segment_time", str(seconds))


@pytest.mark.parametrize("kind", PLACES)
def test_records_list_every_file_of_a_result(avmap, server, place, results, kind):
    source, destination = place(kind, "in"), place(kind, "out")
    source.put("x/100% a.wav", wav(2.5))

    done = avmap("run", source.url, destination.url, *NUMBERED, *segments(1), env=server.env())

    assert done.returncode == 0, done.stderr
    names = [f"x/100% a-{number:03}.wav" for number in range(3)]
    assert media_names(destination) == set(names)
    (record,) = results(destination).succeeded
    files, sizes = record.output["files"], [len(destination.read(name)) for name in names]
    assert [file["url"] for file in files] == [destination.url + name for name in names]
    assert [file["bytes"] for file in files] == sizes and record.output["bytes"] == sum(sizes)
    assert record.output["output"] == files[0]["url"]
    if kind == "s3":
        assert [file["etag"] for file in files] == [destination.head(name)["ETag"] for name in names]
        assert destination.head(names[1])["ContentType"] == "audio/x-wav"


@pytest.mark.parametrize("kind", PLACES)
def test_update_judges_the_result_as_a_whole(avmap, server, place, results, kind):
    source, destination = place(kind, "in"), place(kind, "out")
    source.put("clip1.wav", wav(3))
    source.put("clip10.wav", wav(1))
    runs = (1, 2), (1, 0), (2, 2)  # seconds of a segment, results that are made

    for number, (seconds, made) in enumerate(runs):
        run_id = f"00000000-0000-4000-8000-00000000000{number}"
        done = avmap("run", "--run-id", run_id, source.url, destination.url, "--name", "{stem}-%d.wav",
                     *segments(seconds), env=server.env())
        assert done.returncode == 0, done.stderr
        assert len(results(destination, run_id).made) == made

    # The third one needs fewer files, and no one else's were taken for surplus.
    assert media_names(destination) == {"clip1-0.wav", "clip1-1.wav", "clip10-0.wav"}


@pytest.mark.parametrize("kind", PLACES)
@pytest.mark.parametrize("lost", ["deep/a1.ts", "deep/a2.ts", "deep/a.m3u8"])
def test_update_makes_a_result_again_that_has_lost_a_file(avmap, server, place, results, kind, lost):
    source, destination = place(kind, "in"), place(kind, "out")
    source.put("deep/a.wav", wav(3))
    source.put("deep/a1.wav", wav(1))
    whole = {"deep/a.m3u8", *(f"deep/a{number}.ts" for number in range(3)), "deep/a1.m3u8", "deep/a10.ts"}
    line = (source.url, destination.url, "--ext", "m3u8", "--", "-c:a", "mp2", "-hls_time", "1", "-hls_list_size", "0")

    for number, made in ((0, 2), (1, 0), (2, 1), (3, 1), (4, 0)):
        run_id = f"00000000-0000-4000-8000-00000000000{number}"
        if number == 2:
            destination.remove_one(lost)
        if number == 3:
            destination.put("deep/a0.ts", b"cut off")
        done = avmap("run", "--run-id", run_id, *line, env=server.env())
        assert done.returncode == 0, done.stderr
        assert len(results(destination, run_id).made) == made, number
        assert media_names(destination) == whole
    assert len(destination.read("deep/a0.ts")) > 1000


def test_playlists_come_last_and_partial_results_go(avmap, server, fault, bucket, results):
    source, destination = bucket.at("in/"), bucket.at("out/")
    source.put("a.wav", wav(3))
    fault.set(mode="403", match="^PUT .*/a2.ts")
    line = ("run", "--max-attempts", 1, source.url, destination.url, "--ext", "m3u8", "--", "-c:a", "mp2",
            "-hls_time", "1", "-hls_list_size", "0")

    # The first write that is refused ends a run, so one must have succeeded; the larger one goes first.
    source.put("0.wav", tiny_wav(4 * RATE, rate=4 * RATE))
    done = avmap(*line[:1], "--jobs", 1, *line[1:], env=server.env(endpoint=fault.endpoint))

    assert done.returncode == 1, done.stderr
    assert fault.count > 0, "the fault never happened"
    assert media_names(destination) == {"0.m3u8", "00.ts"}
    (record,) = results(destination).failed
    assert record.error == "S3.AccessDenied" and record.key.endswith("a.wav")


def test_a_file_that_two_items_would_have_fails_the_second(avmap, folder, results):
    for name in ("clip1.wav", "clip11.wav"):
        folder("in").put(name, wav(1.2 if name == "clip11.wav" else 11.2))

    done = avmap("run", "--jobs", 1, folder("in").url, folder("out").url, "--ext", "m3u8", "--", "-c:a", "mp2",
                 "-hls_time", "1", "-hls_list_size", "0")

    assert done.returncode == 1, done.stderr
    (record,) = results(folder("out").path).failed
    assert record.error == "Avmap.NameCollision"
    first = record.key.replace(".wav", "") == "clip11"
    assert "clip110.ts" in record.cause
    assert ("clip11.m3u8" in folder("out").names()) != first


@pytest.mark.parametrize("options", [("-f", "dash", "-c:a", "aac"), ("-c:a", "aac", "-hls_segment_type", "fmp4")],
                         ids=" ".join)
def test_names_that_all_items_share_are_refused_before_anything_starts(avmap, folder, options):
    folder("in").put("a.wav", wav(1))

    done = avmap("run", folder("in").url, folder("out").url, "--ext", "m3u8", "--", *options)

    assert done.returncode == 2
    assert "{stem}" in done.stderr and not folder("out").names()
    done = avmap("run", folder("in").url, folder("out").url, "--name", "{dir}/{stem}/index.m3u8", "--", *options)
    assert done.returncode == 0, done.stderr
    assert "a/index.m3u8" in folder("out").names()


def test_tee_is_refused_with_a_reason(avmap, folder):
    folder("in").put("a.wav", wav(1))

    done = avmap("run", folder("in").url, folder("out").url, "--suffix", ".wav", "--", "-f", "tee")

    assert done.returncode == 2
    assert "tee" in done.stderr and "several results" in done.stderr


@pytest.mark.parametrize("rule", ["skip", "fail"])
def test_what_is_there_is_seen_by_the_file_that_is_written_last(avmap, folder, results, rule):
    folder("in").put("a.wav", wav(2.5))
    folder("out").put("a-000.wav", b"mine")

    done = avmap("run", "--if-exists", rule, folder("in").url, folder("out").url, *NUMBERED, *segments(1))

    assert done.returncode == (0 if rule == "skip" else 1)
    assert media_names(folder("out")) == {"a-000.wav"} and folder("out").read("a-000.wav") == b"mine"
    run = results(folder("out").path)
    if rule == "skip":
        assert run.succeeded[0].skipped and run.succeeded[0].output["output"].endswith("/a-000.wav")
    else:
        assert run.failed[0].error == "Avmap.AlreadyExists"


def test_a_kill_leaves_nothing_that_looks_complete(avmap, server, fault, bucket):
    source, destination = bucket.at("in/"), bucket.at("out/")
    source.put("a.wav", wav(5))
    fault.set(mode="hang", match="^PUT .*/a3.ts", hang_ms=60000)
    line = ("run", source.url, destination.url, "--ext", "m3u8", "--", "-c:a", "mp2", "-hls_time", "1",
            "-hls_list_size", "0")

    running = avmap.start(*line, env=server.env(endpoint=fault.endpoint))
    wait_until(lambda: "a2.ts" in destination.names(), what="the third segment")
    running.kill()
    running.communicate()

    assert "a.m3u8" not in destination.names()
    fault.clear()
    done = avmap(*line, env=server.env(endpoint=fault.endpoint))
    assert done.returncode == 0, done.stderr
    assert media_names(destination) == {"a.m3u8", *(f"a{number}.ts" for number in range(5))}


def test_a_result_without_files_succeeds_only_where_that_is_allowed(avmap, folder, results, media):
    folder("in").put("film.mp4", media / "film.mp4")
    words = ("run", folder("in").url, folder("out").url, "--name", "{stem}-%d.jpg", "--input-options", "-ss 100")

    done = avmap(*words, "--", "-frames:v", "2")
    (record,) = results(folder("out").path).failed
    assert done.returncode == 1 and record.error == "Media.EmptyResult"

    done = avmap(*words, "--run-id", "00000000-0000-4000-8000-000000000001", "--allow-empty", "--", "-frames:v", "2")
    assert done.returncode == 0, done.stderr
    (record,) = results(folder("out").path, "00000000-0000-4000-8000-000000000001").succeeded
    assert record.output["files"] == [] and record.output["bytes"] == 0
    assert not media_names(folder("out"))
