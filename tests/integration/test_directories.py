# SPDX-License-Identifier: MIT
"""A directory is as good a place as a bucket, and as safe."""

import os

from lab import TO_MONO, media_names, tiny_wav

ITEMS = 30
LENGTH = 48000 # a result of 94 KiB: a disk of 1 MiB takes ten


def test_symbolic_links_out_of_the_tree_are_not_followed(avmap, folder, results):
    source, outside = folder("in"), folder("outside")
    source.put("a.wav", tiny_wav(100))
    outside.put("secret.wav", tiny_wav(100))
    (source.path / "link.wav").symlink_to(outside.path / "secret.wav")
    (source.path / "link").symlink_to(outside.path)
    (source.path / "dangling.wav").symlink_to(outside.path / "missing.wav")
    (source.path / "loop").symlink_to(source.path)

    done = avmap("run", source.url, folder("out").url, *TO_MONO)

    assert done.returncode in (0, 1), done.stderr
    assert media_names(folder("out")) == {"a.wav.wav"}


def test_a_link_in_the_destination_does_not_lead_out_of_it(avmap, folder):
    source, outside = folder("in"), folder("outside")
    source.put("sub/a.wav", tiny_wav(100))
    (folder("out").path / "sub").symlink_to(outside.path)

    done = avmap("run", source.url, folder("out").url, *TO_MONO)

    assert done.returncode in (0, 1), done.stderr
    assert outside.names() == set()


def test_pipes_and_devices_are_no_items(avmap, folder):
    source = folder("in")
    source.put("a.wav", tiny_wav(100))
    os.mkfifo(source.path / "pipe.wav")

    done = avmap("run", source.url, folder("out").url, *TO_MONO, timeout=30)

    assert done.returncode in (0, 1), done.stderr
    assert media_names(folder("out")) == {"a.wav.wav"}


def test_no_temporary_name_remains(avmap, folder, media):
    source = folder("in")
    for n in range(5):
        source.put(f"sub/{n}.wav", tiny_wav(1000))
    source.put("text.mp3", media / "broken" / "text.mp3")

    done = avmap("run", source.url, folder("out").url, *TO_MONO)

    assert done.returncode == 1, done.stderr
    assert media_names(folder("out")) == {f"sub/{n}.wav.wav" for n in range(5)}
    assert len(source.names()) == 6


def test_places_may_be_file_urls_and_relative_paths(avmap, folder, tmp_path):
    folder("in").put("a b.wav", tiny_wav(100))

    by_url = avmap("run", f"file://{folder('in').url}", f"file://{folder('url').url}", *TO_MONO)
    relative = avmap("run", os.path.relpath(folder("in").url), os.path.relpath(folder("relative").url), *TO_MONO)

    assert by_url.returncode == 0, by_url.stderr
    assert relative.returncode == 0, relative.stderr
    assert media_names(folder("url")) == media_names(folder("relative")) == {"a b.wav.wav"}


def test_a_destination_that_cannot_be_written_ends_the_run(avmap, folder, tmp_path):
    folder("in").put("a.wav", tiny_wav(100))
    (tmp_path / "file").write_text("not a folder")

    done = avmap("run", folder("in").url, f"{tmp_path}/file/out/", *TO_MONO)

    assert done.returncode == 4, done.stderr
    assert f"{tmp_path}/file" in done.stderr
    assert (tmp_path / "file").read_text() == "not a folder"


def test_a_full_disk_for_result_files_loses_no_record(avmap, folder, results, small_disk):
    for n in range(100):
        folder("in").put(f"{n:02}.wav", tiny_wav(10))
    ballast = small_disk / "ballast"
    ballast.write_bytes(bytes(930 * 1024))
    line = ("run", "--results", f"{small_disk}/", folder("in").url, folder("out").url, *TO_MONO)

    full = avmap(*line)

    assert full.returncode == 4 and "No space left" in full.stderr, full.stderr
    assert not list(small_disk.rglob("manifest.json"))
    ballast.unlink()
    done = avmap(*line)
    assert done.returncode == 0 and "going on with the run" in done.stderr, done.stderr
    assert sorted(record.key for record in results(small_disk).succeeded) == sorted(folder("in").names())
    assert not [path for path in small_disk.rglob("*") if ".avmap-" in path.name]


def test_a_full_disk_ends_the_run_without_partial_results(avmap, folder, results, small_disk):
    for n in range(ITEMS):
        folder("in").put(f"{n:02}.wav", tiny_wav(LENGTH))

    done = avmap("run", "--jobs", 2, "--results", folder("results").url, folder("in").url, f"{small_disk}/", *TO_MONO)

    assert done.returncode == 4, done.stderr
    assert "space" in done.stderr.lower()
    run = results(folder("results"))
    assert len(run.all) == ITEMS and run.pending
    made = {path.name: path.stat().st_size for path in small_disk.rglob("*.wav")}
    assert set(made) == {record.key.split("/")[-1] + ".wav" for record in run.made}
    assert 0 < len(made) < ITEMS
    assert len(set(made.values())) == 1, "a partial result has its final name"
