# SPDX-License-Identifier: MIT
"""What an object refers to stays closed, also when ffmpeg's options ask to follow it."""

import struct
import subprocess

import pytest

from lab import by_ffmpeg

FOLLOW = "-enable_drefs 1 -use_absolute_path 1"


def alias(path):
    """A Macintosh alias record with an absolute path, as QuickTime files have them for media that lies elsewhere."""
    name = str(path).encode()
    return (bytes(10) + b"\1x" + bytes(26) + bytes(12) + b"\1x" + bytes(62) + bytes(16) + bytes(4) + bytes(16)
            + struct.pack(">HH", 2, len(name)) + name + bytes(len(name) % 2) + struct.pack(">HH", 0xFFFF, 0))


def box(kind, body):
    return struct.pack(">I4s", len(body) + 8, kind) + body


def refer(data, path):
    """A QuickTime file whose samples are in another one of the same layout, and its own ones zeros."""
    changed, at = b"", 0
    while at < len(data):
        size, kind = struct.unpack(">I4s", data[at:at + 8])
        body = data[at + 8:at + size]
        if kind in (b"moov", b"trak", b"mdia", b"minf", b"dinf"):
            body = refer(body, path)
        elif kind == b"dref":
            body = struct.pack(">II", 0, 1) + box(b"alis", bytes(4) + alias(path))
        elif kind == b"mdat":
            body = bytes(len(body))
        changed, at = changed + box(kind, body), at + size
    return changed


@pytest.fixture
def movies(tmp_path):
    """One that refers to another, below the same folder."""
    target, movie = tmp_path / "in/target.mov", tmp_path / "in/movie.mov"
    target.parent.mkdir()
    subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-f", "lavfi", "-i", "sine=d=1", "-c:a", "pcm_s16le", target],
                   check=True)
    movie.write_bytes(refer(target.read_bytes(), target))
    return movie, target


def test_the_reference_is_one_that_ffmpeg_follows_when_told_to(movies):
    movie, target = movies
    followed = subprocess.run(["ffmpeg", "-nostdin", "-v", "error", *FOLLOW.split(), "-i", movie, "-f", "wav", "-"],
                              check=True, capture_output=True).stdout
    plain = subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-i", target, "-f", "wav", "-"], check=True,
                           capture_output=True).stdout
    assert followed == plain


@pytest.mark.parametrize("options", [(), ("--input-options", FOLLOW)], ids=["as it is", "told to follow"])
@pytest.mark.parametrize("allow", [(), ("--allow-demuxer", "hls")], ids=["nothing allowed", "hls allowed"])
def test_external_references_of_quicktime_are_not_followed(avmap, folder, results, movies, options, allow):
    _, target = movies

    done = avmap("run", folder("in").url, folder("out").url, "--suffix", ".wav", *options, *allow)

    assert done.returncode == 1
    assert (folder("out").path / "target.mov.wav").read_bytes() == by_ffmpeg(target)
    assert [record.key for record in results(folder("out").path).failed] == ["movie.mov"]


def test_attachments_and_subtitles_are_only_copied(avmap, folder, tmp_path):
    (tmp_path / "titles.ass").write_text("[Script Info]\nScriptType: v4.00+\n\n[V4+ Styles]\n\n[Events]\nFormat: Layer,"
                                         "Start,End,Style,Text\nDialogue: 0,0:00:00.00,0:00:01.00,x,{\\fnfile:///etc/"
                                         "hostname}{\\img(/etc/hostname)}text\n")
    subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-f", "lavfi", "-i", "sine=d=1", "-i", tmp_path / "titles.ass",
                    "-map", "0", "-map", "1", "-attach", tmp_path / "titles.ass", "-metadata:s:t",
                    "mimetype=application/x-truetype-font", "-metadata:s:t", "filename=/etc/hostname",
                    folder("in").path / "a.mkv"], check=True)

    done = avmap("run", folder("in").url, folder("out").url, "--ext", "mkv", "--", "-map", "0", "-c", "copy")

    assert done.returncode == 0, done.stderr
    copied = (folder("out").path / "a.mkv").read_bytes()
    assert b"/etc/hostname" in copied and (tmp_path / "titles.ass").read_bytes() in copied
