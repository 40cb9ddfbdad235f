# SPDX-License-Identifier: MIT
"""Many option lines, each over a folder of inputs, through ffmpeg's command line and through avmap.

Each line of rows.tsv names a set of inputs, the results' suffix, and ffmpeg's options before and after the input.
Equal means the same verdict and the same bytes (with -bitexact), or, where the encoder does not give the same
bytes twice, the same decoded frames, stream layout and tags. Environment as in test_same_as_ffmpeg.py.
"""

import json
import os
import shlex
import shutil
import struct
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
AVMAP = Path(os.environ.get("AVMAP", ROOT / "build/avmap"))
ROWS = Path(__file__).with_name("rows.tsv")
SECONDS = 60

# Rows that differ, and why: (suffix, options before, options after, the input's name or * for all, the reason).
REASONS = ()

# libx264 of this Debian reads memory that it never set, so its bytes differ from run to run.
UNSTABLE = ("libx264",)


# Files that options name, in the folder where the programs run.
BESIDE = {
    "turn.txt": "hflip,\n  scale=32:24\n",
    "both.txt": "[0:v]hflip[a];\n[0:v]vflip[b];[a][b]hstack\n",
    "quiet.txt": "volume=0.5\n",
    "font.ttf": "no font\n",
}


def absent(reason):
    """Skips, or fails where everything must be there."""
    if os.environ.get("AVMAP_REQUIRE_ALL") == "1":
        pytest.fail(reason)
    pytest.skip(reason)


def rows():
    """Each line of the table once: set, suffix, options before, options after."""
    found = []
    for line in ROWS.read_text().splitlines():
        if line and not line.startswith("#"):
            fields = line.split("\t")
            assert len(fields) == 4, line
            found.append(tuple("" if field == "-" else field for field in fields))
    assert len(set(found)) == len(found), "a row is there twice"
    return found


def ffmpeg(*words):
    subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-y", *map(str, words)], check=True)


SUBTITLES = "1\n00:00:00,200 --> 00:00:01,000\nFirst <i>line</i>\n\n2\n00:00:01,200 --> 00:00:01,900\nSecond\n"
CHAPTERS = (";FFMETADATA1\ntitle=Two chapters\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=500\ntitle=a\n"
            "[CHAPTER]\nTIMEBASE=1/1000\nSTART=500\nEND=1000\ntitle=b\n")


def make_audio(folder, media):
    for name in ("tone-44100-stereo.wav", "tone-44100-stereo.flac", "tone-44100-stereo.mp3", "tone-44100-stereo.ogg",
                 "tone-48000-stereo.opus", "tone-44100-stereo.m4a", "tone-48000-5.1.ac3", "tone-44100-stereo.wma",
                 "tone-48000-mono.mka", "tone-22050-stereo.aiff", "tone-with-cover.mp3"):
        shutil.copy(media / name, folder)
    ffmpeg("-i", media / "tone-44100-stereo.wav", "-c:a", "mp2", "-output_ts_offset", "10", "-bitexact",
           folder / "late.ts")


def make_few(folder, media):
    """For rows that depend on what is made more than on what is read."""
    for name in ("tone-44100-stereo.wav", "tone-with-cover.mp3", "tone-48000-mono.mka"):
        shutil.copy(media / name, folder)


def make_film(folder, media):
    shutil.copy(media / "film.mp4", folder)
    shutil.copy(media / "film-without-sound.mp4", folder)
    (media / "titles.srt").write_text(SUBTITLES)
    (media / "chapters.txt").write_text(CHAPTERS)
    ffmpeg("-i", media / "film.mp4", "-i", media / "chapters.txt", "-i", media / "titles.srt", "-map", "0:v", "-map",
           "0:a", "-map", "0:a", "-map", "2:s", "-map_chapters", "1", "-map_metadata", "1", "-c:v", "mpeg4", "-c:a:0",
           "libvorbis", "-c:a:1", "ac3", "-c:s", "srt", "-metadata:s:a:1", "language=eng", "-bitexact",
           folder / "many.mkv")
    ffmpeg("-i", media / "film.mp4", "-c:v", "mpeg2video", "-c:a", "mp2", "-bitexact", folder / "film.ts")
    ffmpeg("-i", media / "film.mp4", "-c:v", "mpeg4", "-c:a", "libmp3lame", "-bitexact", folder / "film.avi")
    ffmpeg("-i", media / "film.mp4", "-c", "copy", "-metadata:s:v", "rotate=90", "-bitexact", folder / "turned.mov")


def make_text(folder, media):
    (folder / "titles.srt").write_text(SUBTITLES)
    for name in ("titles.vtt", "titles.ass", "titles.mkv"):
        ffmpeg("-i", folder / "titles.srt", "-bitexact", folder / name)
    ffmpeg("-i", folder / "titles.srt", "-c:s", "mov_text", "-bitexact", folder / "titles.mp4")


def make_raw(folder, media):
    ffmpeg("-i", media / "tone-8000-mono.wav", "-f", "s16le", folder / "samples.pcm")


def pictures_as_subtitles():
    """A bar that is shown from 0.2 to 0.6 s and, in another colour, from 0.9 to 1.4 s, in the format of Blu-ray."""
    width, height = 30, 12

    def segment(kind, pts, content=b""):
        return b"PG" + struct.pack(">IIBH", pts, 0, kind, len(content)) + content

    def screen(pts, number, objects=b""):
        head = struct.pack(">HHBHBBBB", 96, 64, 0x10, number, 0x80 if objects else 0, 0, 0, 1 if objects else 0)
        return (segment(0x16, pts, head + objects)
                + segment(0x17, pts, struct.pack(">BBHHHH", 1, 0, 10 + number, 40, width, height)))

    line = bytes([0, 0x8a, 1, 0, 0x94, 2, 0, 0]) # 10 pixels of the first colour, 20 of the second
    data = b""
    for begin, end, number, colour in ((18000, 54000, 0, 235), (81000, 126000, 2, 100)):
        data += screen(begin, number, struct.pack(">HBBHH", 0, 0, 0, 10 + number, 40))
        data += segment(0x14, begin, bytes([0, 0, 1, colour, 128, 128, 255, 2, 100, 200, 50, 200]))
        data += segment(0x15, begin, struct.pack(">HBIHH", 0, 0, 0xC0 << 24 | len(line) * height + 4, width, height)
                        + line * height)
        data += segment(0x80, begin) + screen(end, number + 1) + segment(0x80, end)
    return data


def make_drawn(folder, media):
    (media / "bars.sup").write_bytes(pictures_as_subtitles())
    for name, codec in (("bars.mkv", "copy"), ("dvd.mkv", "dvdsub"), ("dvb.ts", "dvbsub")):
        ffmpeg("-i", media / "film.mp4", "-i", media / "bars.sup", "-map", "0", "-map", "1", "-c", "copy", "-c:s", codec,
               "-bitexact", folder / name)


def make_delayed(folder, media):
    """Decoded by ffmpeg in threads, and timed in milliseconds, so that times of packets show in those of samples."""
    for name, codec in (("flac.mkv", "flac"), ("wavpack.mka", "wavpack")):
        ffmpeg("-i", media / "film.mp4", "-c:v", "copy", "-c:a", codec, "-ar", "44100", "-bitexact", folder / name)


def make_pictures(folder, media):
    for name in ("one.png", "one.jpg", "one.tga"):
        ffmpeg("-i", media / "film.mp4", "-frames:v", "1", folder / name)


def make_midway(folder, media):
    """Files whose sound changes, as when two are put one behind the other."""
    for suffix, first, second in ((".mp3", ("-ac", "2"), ("-ac", "1", "-ar", "32000")),
                                  (".ac3", ("-ac", "6"), ("-ac", "2"))):
        for name, options in (("a", first), ("b", second)):
            ffmpeg("-i", media / "tone-44100-stereo.wav", "-t", "0.5", *options, "-bitexact", media / (name + suffix))
        parts = [(media / (name + suffix)).read_bytes() for name in "aba"]
        (folder / ("midway" + suffix)).write_bytes(b"".join(parts))


def make_broken(folder, media):
    for path in (media / "broken").iterdir():
        if path.stat().st_size:
            shutil.copy(path, folder)
    damaged = bytearray((media / "tone-44100-stereo.flac").read_bytes())
    for at in range(9000, len(damaged), 5000):
        damaged[at:at + 40] = b"\0" * 40
    (folder / "damaged.flac").write_bytes(damaged)


@pytest.fixture(scope="session")
def inputs(tmp_path_factory):
    """A folder of inputs for each set."""
    if not shutil.which("ffmpeg"):
        absent("ffmpeg is not installed")
    if not AVMAP.exists():
        absent(f"{AVMAP} is not built")
    media = tmp_path_factory.mktemp("media")
    subprocess.run([ROOT / "scripts/make-test-media", media, "test"], check=True)
    folders = {}
    for name, make in (("audio", make_audio), ("few", make_few), ("film", make_film), ("text", make_text),
                        ("raw", make_raw), ("drawn", make_drawn), ("delayed", make_delayed),
                       ("midway", make_midway), ("pictures", make_pictures), ("broken", make_broken)):
        folders[name] = tmp_path_factory.mktemp(name)
        make(folders[name], media)
    folders["clip"] = tmp_path_factory.mktemp("clip") # the most and the least of the films
    for name in ("many.mkv", "film-without-sound.mp4"):
        shutil.copy(folders["film"] / name, folders["clip"])
    return folders


def run_ffmpeg(path, result, before, after):
    """The file that ffmpeg makes, or None when it fails; where it makes none, an empty one."""
    line = ["ffmpeg", "-nostdin", "-v", "error", "-y", *before.split(), "-i", path, *after.split(), "-bitexact", result]
    done = subprocess.run(line, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=SECONDS, check=False,
                          cwd=result.parent)
    if done.returncode != 0:
        return None
    result.touch()
    return result


def run_avmap(folder, results, row):
    """What avmap makes of a folder: from name to file, None where it fails."""
    _, suffix, before, after = row
    line = [AVMAP, "run", f"{folder}/", f"{results}/", "--suffix", suffix, "-q", "--allow-empty", *(["--input-options", before] if before else []),
            "--", *after.split(), "-bitexact"]
    done = subprocess.run(line, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False,
                          timeout=SECONDS, cwd=results.parent)
    names = sorted(path.name for path in folder.iterdir())
    if done.returncode == 2:
        return {name: None for name in names}, done.stderr
    assert done.returncode in (0, 1), done.stderr
    made = {name: results / f"{name}{suffix}" for name in names}
    return {name: path if path.exists() else None for name, path in made.items()}, done.stderr


def decoded(path):
    """Layout, tags and frames of a file."""
    shown = subprocess.run(["ffprobe", "-v", "quiet", "-of", "json", "-show_entries", "format=format_name:format_tags:"
                            "stream=index,codec_name,codec_type,width,height,pix_fmt,sample_rate,channels:stream_tags:"
                            "stream_disposition:chapter", path], capture_output=True, check=False)
    frames = subprocess.run(["ffprobe", "-v", "quiet", "-of", "csv", "-show_entries",
                             "frame=media_type,pts,width,height,nb_samples", path], capture_output=True, check=False)
    return json.loads(shown.stdout or b"{}"), frames.stdout


def same(ours, theirs, after):
    if ours is None or theirs is None:
        return ours is theirs
    if any(word in after for word in UNSTABLE):
        return decoded(ours) == decoded(theirs)
    return ours.read_bytes() == theirs.read_bytes()


def reason(row, name):
    for suffix, before, after, which, why in REASONS:
        if row[1:] == (suffix, before, after) and which in ("*", name):
            return why
    return None


def compare(row, folder, work):
    """The inputs of a row, and a line for each that differs."""
    for name, text in BESIDE.items():
        (work / name).write_text(text)
    ours, said = run_avmap(folder, work / "ours", row)
    differences = []
    for name, result in ours.items():
        theirs = run_ffmpeg(folder / name, work / f"{name}{row[1]}", row[2], row[3])
        if not same(result, theirs, row[3]) and not reason(row, name):
            sizes = [path.stat().st_size if path else "fails" for path in (theirs, result)]
            differences.append(f"{' | '.join(row)}: {name}: ffmpeg {sizes[0]}, avmap {sizes[1]} {said.strip()[-200:]}")
    shutil.rmtree(work)
    return len(ours), differences


def test_rows_are_the_same(inputs, tmp_path):
    table = rows()
    assert len({row[1:] for row in table}) >= 150

    def one(item):
        number, row = item
        work = tmp_path / str(number)
        work.mkdir()
        return compare(row, inputs[row[0]], work)

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        results = list(pool.map(one, enumerate(table)))
    differences = [line for _, lines in results for line in lines]
    compared = sum(count for count, _ in results)
    equal_rows = sum(not lines for _, lines in results)
    print(f"{len(table)} option lines, {equal_rows} equal; {compared} results, {compared - len(differences)} equal")
    assert not differences, "\n".join(differences)
