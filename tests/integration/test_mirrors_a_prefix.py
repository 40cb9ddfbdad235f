# SPDX-License-Identifier: MIT
"""Every object below SOURCE becomes one result below DESTINATION, with ffmpeg's samples."""

import json

import pytest

from lab import TO_MONO, assert_mono_48k, by_ffmpeg, media_names, samples, tiny_wav

PLACES = [("folder", "folder"), ("folder", "s3"), ("s3", "folder"), ("s3", "s3")]
BROKEN = ["truncated.mp4", "noise.mp3", "text.mp3"]
LOSSLESS = {".wav", ".flac", ".aiff", ".mka"}


def tones(media):
    return {path.name: path for path in sorted(media.glob("tone-*"))}


@pytest.fixture(scope="module")
def judged():
    """Results that were held against ffmpeg's, by name: the same bytes need not be decoded again."""
    return {}


@pytest.mark.parametrize("kinds", PLACES, ids="-to-".join)
def test_every_result_holds_the_samples_that_ffmpeg_makes(avmap, server, place, results, media, judged, kinds):
    source, destination = place(kinds[0], "in"), place(kinds[1], "out")
    inputs = {f"deep/er/{name}" if "stereo" in name else name: path for name, path in tones(media).items()}
    for name, path in inputs.items():
        source.put(name, path)

    done = avmap("run", source.url, destination.url, *TO_MONO, env=server.env())

    assert done.returncode == 0, done.stderr
    assert media_names(destination) == {f"{name}.wav" for name in inputs}
    for name, path in inputs.items():
        result = destination.read(f"{name}.wav")
        if result == judged.get(name):
            continue
        expected = by_ffmpeg(path, "-ac", "1", "-ar", "48000")
        assert_mono_48k(result, 48000 if path.suffix in LOSSLESS else None)
        assert samples(result) == samples(expected), f"{name}: other samples than ffmpeg's"
        judged[name] = result
    assert len(results(destination).made) == len(inputs)


@pytest.mark.parametrize("kinds", PLACES, ids="-to-".join)
def test_broken_objects_fail_and_the_others_arrive(avmap, server, place, results, media, kinds):
    source, destination = place(kinds[0], "in"), place(kinds[1], "out")
    for name in BROKEN:
        source.put(f"broken/{name}", media / "broken" / name)
    for name in ("tone-8000-mono.wav", "tone-with-cover.mp3", "film.mp4"):
        source.put(name, media / name)

    done = avmap("run", source.url, destination.url, *TO_MONO, env=server.env())

    assert done.returncode == 1, done.stderr
    assert media_names(destination) == {"tone-8000-mono.wav.wav", "tone-with-cover.mp3.wav", "film.mp4.wav"}
    run = results(destination)
    assert sorted(record.key.split("/")[-1] for record in run.failed) == sorted(BROKEN)
    assert len(run.made) == 3 and not run.pending
    for record in run.failed:
        assert record.error.startswith("Media."), record
        assert record.cause


def admits_a_defect(output):
    """Whether anything in a record's output counts an error or calls the input short."""
    if isinstance(output, list):
        return any(map(admits_a_defect, output))
    if not isinstance(output, dict):
        return False
    return any(bool(value) and any(word in name.lower() for word in ("error", "warning", "truncated", "short"))
               or admits_a_defect(value) for name, value in output.items())


@pytest.mark.parametrize("name", ["truncated.wav", "truncated.flac"])
def test_a_short_input_is_never_an_unmarked_success(avmap, folder, results, media, name):
    source, destination = folder("in"), folder("out")
    source.put(name, media / "broken" / name)

    done = avmap("run", source.url, destination.url, *TO_MONO)

    run = results(destination)
    if done.returncode == 1:
        assert run.failed[0].error.startswith("Media.")
        assert media_names(destination) == set()
    else:
        assert admits_a_defect(run.made[0].output), run.made[0].output


def test_a_video_without_sound_fails_as_having_no_stream(avmap, folder, results, media):
    source, destination = folder("in"), folder("out")
    source.put("film.mp4", media / "film-without-sound.mp4")

    done = avmap("run", source.url, destination.url, *TO_MONO)

    assert done.returncode == 1, done.stderr
    assert [record.error for record in results(destination).failed] == ["Media.NoStream"]
    assert media_names(destination) == set()


def test_folder_markers_and_empty_objects_are_skipped(avmap, server, bucket, results, media):
    source, destination = bucket.at("in/"), bucket.at("out/")
    source.put("", b"")
    source.put("folder/", b"")
    source.put("folder/empty.wav", b"")
    source.put("folder/tone.wav", media / "tone-48000-mono.wav")

    done = avmap("run", source.url, destination.url, *TO_MONO, env=server.env())

    assert done.returncode == 0, done.stderr
    assert media_names(destination) == {"folder/tone.wav.wav"}
    run = results(destination)
    assert [record.key for record in run.made] == ["in/folder/tone.wav"]
    assert not run.failed and not run.pending
    assert "skip" in done.stdout + done.stderr + json.dumps(run.run)


def test_a_prefix_matches_as_s3_matches_it(avmap, server, bucket):
    for name in ("folder1/a.wav", "folder10/b.wav", "folder2/c.wav"):
        bucket.put(f"in/{name}", tiny_wav(100))

    done = avmap("run", bucket.at("in/folder1").url, bucket.at("out/").url, *TO_MONO, env=server.env())

    assert done.returncode == 0, done.stderr
    assert media_names(bucket.at("out/")) == {"folder1/a.wav.wav", "folder10/b.wav.wav"}


@pytest.mark.parametrize("rule, expected", [
    (["--suffix", ".flac"], {"a/one.wav.flac", "two.wav.flac"}),
    (["--ext", "flac"], {"a/one.flac", "two.flac"}),
    (["--ext", ".flac"], {"a/one.flac", "two.flac"}),
    (["--name", "new/{stem}.flac"], {"new/one.flac", "new/two.flac"}),
], ids=["suffix", "ext", "ext with a dot", "name"])
def test_results_are_named_by_the_rule(avmap, folder, rule, expected):
    source, destination = folder("in"), folder("out")
    source.put("a/one.wav", tiny_wav(1000))
    source.put("two.wav", tiny_wav(1000))

    done = avmap("run", source.url, destination.url, *rule)

    assert done.returncode == 0, done.stderr
    assert media_names(destination) == expected
    assert all(len(samples(destination.read(name))) == 2000 for name in media_names(destination))


def test_the_second_item_of_one_name_fails(avmap, folder, results):
    source, destination = folder("in"), folder("out")
    source.put("one.mp3.wav", tiny_wav(1000))
    source.put("one.mp3.flac", tiny_wav(1000))
    source.put("one.mp3.aiff", tiny_wav(1000))

    done = avmap("run", source.url, destination.url, "--ext", "wav")

    assert done.returncode == 1, done.stderr
    run = results(destination)
    assert len(run.made) == 1
    assert [record.error for record in run.failed] == ["Avmap.NameCollision"] * 2
    assert media_names(destination) == {"one.mp3.wav"}


@pytest.mark.parametrize("kinds", PLACES, ids="-to-".join)
def test_a_second_run_makes_only_what_is_new(avmap, server, place, results, kinds):
    source, destination = place(kinds[0], "in"), place(kinds[1], "out")
    source.put("old.wav", tiny_wav(1000))
    first, second = "11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"

    assert avmap("run", source.url, destination.url, "--run-id", first, *TO_MONO, env=server.env()).returncode == 0
    source.put("new.wav", tiny_wav(2000))
    done = avmap("run", source.url, destination.url, "--run-id", second, *TO_MONO, env=server.env())

    assert done.returncode == 0, done.stderr
    assert [record.key.split("/")[-1] for record in results(destination, first).made] == ["old.wav"]
    assert [record.key.split("/")[-1] for record in results(destination, second).made] == ["new.wav"]
    assert media_names(destination) == {"old.wav.wav", "new.wav.wav"}


def test_another_recipe_makes_everything_again(avmap, folder, results):
    source, destination = folder("in"), folder("out")
    source.put("a.wav", tiny_wav(1000))
    first, second = "11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"

    avmap("run", source.url, destination.url, "--run-id", first, *TO_MONO)
    done = avmap("run", source.url, destination.url, "--run-id", second, "--suffix", ".wav", "--", "-ar", "24000")

    assert done.returncode == 0, done.stderr
    assert len(results(destination, second).made) == 1
    assert len(samples(destination.read("a.wav.wav"))) == 1000


@pytest.mark.parametrize("kind", ["folder", "s3"])
def test_a_dry_run_writes_nothing(avmap, server, place, kind):
    source, destination = place(kind, "in"), place(kind, "out")
    source.put("a.wav", tiny_wav(1000))

    done = avmap("run", source.url, destination.url, "--dry-run", *TO_MONO, env=server.env())

    assert done.returncode == 0, done.stderr
    assert destination.names() == set()
    assert "would transcode 1 objects" in done.stdout and "not looked for" in done.stdout


def test_a_dry_run_of_a_local_list_counts_what_is_asked_of_s3(avmap, server, bucket, folder):
    folder("lists").put("list.csv", f"{bucket.bucket},a.wav\n".encode())

    done = avmap("run", "--items", "csv", folder("lists").path / "list.csv", folder("out").url, "--dry-run", *TO_MONO,
                 env=server.env())

    assert "would transcode 1 objects, of unknown size" in done.stdout, done.stderr
    assert "0 LIST, 1 GET, 1 HEAD, 0 PUT" in done.stdout
