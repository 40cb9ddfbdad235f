# SPDX-License-Identifier: MIT
"""Playlists open other objects only when the operator allows it, and then only below SOURCE."""

import json
import subprocess

import pytest

from lab import by_ffmpeg, media_names

HLS = ("-c:a", "aac", "-hls_time", "1", "-hls_list_size", "0")


@pytest.fixture
def film(tmp_path):
    """A playlist with its segments, plain and encrypted, and one that names the plain one."""
    folder = tmp_path / "film"
    (folder / "parts").mkdir(parents=True)
    (folder / "key.ts").write_bytes(bytes(range(16)))
    (tmp_path / "key-info").write_text(f"key.ts\n{folder}/key.ts\n")
    line = ["ffmpeg", "-nostdin", "-v", "error", "-f", "lavfi", "-i", "sine=d=3", *HLS]
    subprocess.run([*line, "-hls_segment_filename", folder / "parts/%d.ts", "-hls_base_url", "parts/",
                    folder / "plain.m3u8"], check=True)
    subprocess.run([*line, "-hls_key_info_file", tmp_path / "key-info", folder / "secret.m3u8"], check=True)
    (folder / "unfinished.m3u8").write_text((folder / "plain.m3u8").read_text().replace("#EXT-X-ENDLIST\n", ""))
    (folder / "parts/all.m3u8").write_text("#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=9\n../plain.m3u8\n")
    return folder


def fill(place, folder):
    for path in folder.rglob("*"):
        if path.is_file():
            place.put(path.relative_to(folder).as_posix(), path)


def run(avmap, server, source, destination, *options):
    return avmap("run", *options, source.url, destination.url, "--suffix", ".wav", "--exclude", "*", "--include",
                 "*.m3u8", env=server.env())


@pytest.mark.parametrize("kind", ["folder", "s3"])
def test_allowed_playlists_read_their_segments(avmap, server, place, film, kind):
    source, destination = place(kind, "in/deep"), place(kind, "out")
    fill(source, film)

    done = run(avmap, server, source, destination, "--allow-demuxer", "hls")

    assert done.returncode == 0, done.stderr
    names = ["plain.m3u8", "secret.m3u8", "unfinished.m3u8", "parts/all.m3u8"]
    assert media_names(destination) == {f"{name}.wav" for name in names}
    expected = by_ffmpeg(film / "plain.m3u8")
    for name in names:
        assert destination.read(f"{name}.wav") == expected, name


def test_playlists_are_refused_unless_allowed(avmap, server, folder, results, film):
    fill(folder("in"), film)

    done = run(avmap, server, folder("in"), folder("out"))

    assert done.returncode == 1
    failed = results(folder("out").path).failed
    assert {record.error for record in failed} == {"Media.OpensOtherFiles"} and len(failed) == 4


@pytest.mark.parametrize("named", ["/etc/hostname.ts", "file:///etc/hostname.ts", "http://127.0.0.1:9/a.ts", "../a.ts",
                                   "../../a.ts", "a/../../a.ts", "s3://bucket/a.ts", "crypto:../a.ts",
                                   "concat:a.ts|../a.ts", "data:video/mp2t;base64,AAAA", "subfile,,:/etc/hostname.ts"])
@pytest.mark.parametrize("kind", ["folder", "s3"])
def test_allowed_playlists_reach_nothing_outside_of_the_source(avmap, server, place, results, film, kind, named):
    source, destination = place(kind, "top/in"), place(kind, "out")
    place(kind, "top").put("a.ts", film / "parts/0.ts")
    source.put("list.m3u8", f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{named}\n".encode())

    done = run(avmap, server, source, destination, "--allow-demuxer", "hls", "--max-attempts", "1")

    assert done.returncode == 1, done.stderr
    assert not media_names(destination)
    (record,) = results(destination).failed
    assert record.error in ("Media.OpensOtherFiles", "Media.InvalidData"), record
    if named.startswith((".", "/", "file", "http")):
        assert record.error == "Media.OpensOtherFiles"


def test_a_playlist_that_names_itself_comes_to_an_end(avmap, server, folder, results):
    folder("in").put("a.m3u8", b"#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\na.m3u8\n")

    done = run(avmap, server, folder("in"), folder("out"), "--allow-demuxer", "hls")

    assert done.returncode == 1, done.stderr
    assert "too many files" in results(folder("out")).failed[0].cause


def test_a_segment_that_is_missing_fails_the_item(avmap, server, folder, results, film):
    fill(folder("in"), film)
    (folder("in").path / "parts/1.ts").unlink()

    done = avmap("run", folder("in").url, folder("out").url, "--suffix", ".wav", "--exclude", "*", "--include",
                 "plain.m3u8", "--allow-demuxer", "hls")

    assert done.returncode == 1
    (record,) = results(folder("out").path).failed
    assert record.error == "File.NotFound" and "parts/1.ts" in record.cause


def test_what_was_allowed_and_the_limits_hold_in_a_redrive(avmap, folder, film):
    fill(folder("in"), film)
    (folder("in").path / "parts/1.ts").unlink()
    line = (folder("in").url, folder("out").url, "--suffix", ".wav", "--exclude", "*", "--include", "plain.m3u8",
            "--allow-demuxer", "hls", "--max-streams", "50")
    assert avmap("run", *line).returncode == 1
    (manifest,) = folder("out").path.glob("_avmap/*/manifest.json")
    folder("in").put("parts/1.ts", film / "parts/1.ts")

    done = avmap("redrive", manifest)

    assert done.returncode == 0, done.stderr
    assert media_names(folder("out")) == {"plain.m3u8.wav"}
    options = json.loads((manifest.parent / "Redrive-1/run.json").read_text())["options"]
    assert options["allow-demuxer"] == "hls" and options["max-streams"] == "50"


@pytest.mark.parametrize("name", ["concat", "dash", "image2", "rtsp", "lavfi", "wav", "nonsense", "hls,sdp"])
def test_demuxers_that_open_files_by_themselves_cannot_be_allowed(avmap, folder, name):
    folder("in").put("a.wav", b"x")

    done = avmap("run", folder("in").url, folder("out").url, "--suffix", ".wav", "--allow-demuxer", name)

    assert done.returncode == 2
    assert "--allow-demuxer" in done.stderr
