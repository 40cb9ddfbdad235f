# SPDX-License-Identifier: MIT
"""Several inputs at once, through ffmpeg's command line and through avmap one.

Each line of several.tsv is what stands between "ffmpeg" and the name of the result. Equal is what it is in
test_rows.py.
"""

import os
import shlex
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from test_rows import AVMAP, CHAPTERS, ROOT, SECONDS, SUBTITLES, absent, decoded, ffmpeg, same

ROWS = Path(__file__).with_name("several.tsv")


def rows():
    """Each line of the table once: suffix, line."""
    lines = [line for line in ROWS.read_text().splitlines() if line and not line.startswith("#")]
    assert len(set(lines)) == len(lines), "a row is there twice"
    return [tuple(line.split("\t")) for line in lines]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The inputs by the names they have in the table."""
    if not shutil.which("ffmpeg"):
        absent("ffmpeg is not installed")
    if not AVMAP.exists():
        absent(f"{AVMAP} is not built")
    media, folder = tmp_path_factory.mktemp("media"), tmp_path_factory.mktemp("several")
    subprocess.run([ROOT / "scripts/make-test-media", media, "test"], check=True)
    for name, source in (("tone.wav", "tone-44100-stereo.wav"), ("mono.wav", "tone-48000-mono.wav"),
                         ("wide.wav", "tone-48000-5.1.wav"), ("cover.mp3", "tone-with-cover.mp3"),
                         ("film.mp4", "film.mp4"), ("mute.mp4", "film-without-sound.mp4")):
        shutil.copy(media / source, folder / name)
    film, tone = folder / "film.mp4", folder / "tone.wav"
    (folder / "titles.srt").write_text(SUBTITLES)
    (folder / "chapters.txt").write_text(CHAPTERS)
    (folder / "text.mp3").write_text("These are notes, not music, whatever the name says.")
    ffmpeg("-stream_loop", "2", "-i", tone, "-t", "2.4", "-bitexact", folder / "long.flac")
    ffmpeg("-i", tone, "-t", "0.4", "-ac", "1", "-bitexact", folder / "short.wav")
    ffmpeg("-i", tone, "-metadata", "title=A title", "-metadata:s:a", "language=deu", "-bitexact", folder / "tagged.flac")
    ffmpeg("-i", tone, "-c:a", "aac", "-bitexact", folder / "aac.m4a")
    ffmpeg("-i", tone, "-c:a", "mp2", "-output_ts_offset", "10", "-bitexact", folder / "late.ts")
    ffmpeg("-i", film, "-c:v", "mpeg2video", "-c:a", "mp2", "-bitexact", folder / "film.ts")
    ffmpeg("-i", film, "-c:v", "mpeg4", "-c:a", "libmp3lame", "-bitexact", folder / "film.avi")
    # The muxer of mov refuses the sound's only packet, and ffmpeg prints that at the end.
    ffmpeg("-i", film, "-t", "0.04", "-c:v", "mpeg4", "-c:a", "adpcm_ms", "-bitexact", folder / "adpcm.avi")
    ffmpeg("-i", film, "-frames:v", "1", "-s", "32x24", "-bitexact", folder / "picture.png")
    ffmpeg("-i", tone, "-f", "s16le", "-ac", "1", "-ar", "8000", folder / "samples.pcm")
    ffmpeg("-i", film, "-i", folder / "chapters.txt", "-i", folder / "titles.srt", "-map", "0:v", "-map", "0:a", "-map",
           "0:a", "-map", "2:s", "-map_chapters", "1", "-c:v", "mpeg4", "-c:a:0", "libvorbis", "-c:a:1", "ac3", "-c:s",
           "srt", "-metadata:s:a:1", "language=eng", "-bitexact", folder / "many.mkv")
    (folder / "cut.mp4").write_bytes(film.read_bytes()[:3000])
    damaged = bytearray((folder / "long.flac").read_bytes())
    (folder / "broken.flac").write_bytes(damaged[:len(damaged) // 2])
    for at in range(9000, len(damaged), 5000):
        damaged[at:at + 40] = b"\0" * 40
    (folder / "damaged.flac").write_bytes(damaged)
    return folder


def split(line):
    """The line as avmap one takes it: options before the first input, input URLs, options of the result."""
    words = line.split()
    last = len(words) - 1 - words[::-1].index("-i")
    before, urls, after = words[:last], [words[last + 1]], words[last + 2:]
    # Inputs without options of their own go to --input_url; the others can only stand before it.
    while len(before) > 1 and before[-2] == "-i":
        urls.insert(0, before.pop())
        before.pop()
    return before, urls, after


def run(line, folder, result):
    """The file that a program makes, or None when it fails."""
    done = subprocess.run(line, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                          text=True, errors="replace", timeout=SECONDS, check=False)
    assert done.returncode >= 0, done
    return (result if done.returncode == 0 else None), done.stderr


def encodes_h264(path, line):
    """Whether libx264 made it, which does not make the same bytes twice (see UNSTABLE in test_rows.py)."""
    streams = decoded(path)[0].get("streams", []) if path else []
    return not {"-c", "-c:v"} & set(line.split()) and any(stream["codec_name"] == "h264" for stream in streams)


def compare(row, folder, work):
    """None, or a line that says what differs."""
    suffix, line = row
    work.mkdir()
    before, urls, after = split(line)
    theirs, _ = run(["ffmpeg", "-nostdin", "-v", "error", "-y", *line.split(), "-bitexact", work / f"theirs{suffix}"],
                    folder, work / f"theirs{suffix}")
    ours, said = run([AVMAP, "one", "-q", "--input_url", ",".join(urls), "--output_url", work / f"ours{suffix}",
                      "--input_file_options", shlex.join(before) or "null", "--output_file_options",
                      shlex.join([*after, "-bitexact"])], folder, work / f"ours{suffix}")
    equal = same(ours, theirs, line) or (encodes_h264(theirs, line) and same(ours, theirs, "libx264"))
    sizes = [path.stat().st_size if path else "fails" for path in (theirs, ours)]
    return None if equal else f"{suffix} {line}: ffmpeg {sizes[0]}, avmap {sizes[1]} {said.strip()[-200:]}"


def test_several_inputs_are_the_same(folder, tmp_path):
    table = rows()
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        results = list(pool.map(lambda item: compare(item[1], folder, tmp_path / str(item[0])), enumerate(table)))
    differences = [line for line in results if line]
    print(f"{len(table)} lines with several inputs, {len(table) - len(differences)} equal")
    assert not differences, "\n".join(differences)
