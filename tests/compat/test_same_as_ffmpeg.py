# SPDX-License-Identifier: MIT
"""The promise, checked over real files: avmap's result and verdict are those of the ffmpeg command line.

AVMAP names the program (build/avmap), AVMAP_SHARED the folder with media/ and malformed/ (../shared),
AVMAP_REQUIRE_ALL=1 turns a skip into a failure. ffmpeg and avmap run on the same machine with the same
libav, because samples depend on both.
"""

import hashlib
import json
import os
import re
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
AVMAP = Path(os.environ.get("AVMAP", ROOT / "build/avmap"))
SHARED = Path(os.environ.get("AVMAP_SHARED", ROOT.parent / "shared"))
FOLDERS = ("media", "malformed")
FFMPEG_SECONDS = 20

# Results that differ on purpose: (how the path begins, the reason). ffmpeg follows what these files name, or
# tries to until its time is up; avmap refuses them, so the verdict must be a failure whatever ffmpeg's is.
ON_PURPOSE = (("media/open-other-files/", "names other files to open, which avmap never does"),)

# Suffix and options of each comparison; bytes are compared where the muxer writes nothing random.
CASES = (
    (".wav", "-ac 1 -ar 48000"),
    (".wav", "-bitexact -c:a pcm_s24le -ac 2"),
    (".wav", "-bitexact -ss 0.3 -t 1.2"),
    (".flac", "-bitexact -vn"),
    (".mp3", "-bitexact"),
    (".m4a", "-bitexact -vn"),
    (".opus", "-bitexact -vn"),
    (".ogg", "-bitexact -vn -sn"),
    (".mka", "-bitexact"),
    (".mp4", "-bitexact -sn -c:v mpeg4"),
)


def absent(reason):
    """Skips, or fails where everything must be there."""
    if os.environ.get("AVMAP_REQUIRE_ALL") == "1":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session", autouse=True)
def tools():
    for tool in ("ffmpeg",):
        if not shutil.which(tool):
            absent(f"{tool} is not installed")
    if not AVMAP.exists():
        absent(f"{AVMAP} is not built")
    if not all((SHARED / folder).is_dir() for folder in FOLDERS):
        absent(f"{SHARED} has no media/ and malformed/")


def corpus():
    """Every file under the corpus's folders, except empty ones, which avmap skips by contract."""
    for folder in FOLDERS:
        for path in sorted((SHARED / folder).rglob("*")):
            if path.is_file() and path.stat().st_size > 0 and not path.name.startswith("_SOURCE"):
                yield path.relative_to(SHARED).as_posix()


def run_ffmpeg(name, result, options):
    """The file that ffmpeg makes, or None when it fails or takes too long."""
    line = ["ffmpeg", "-nostdin", "-v", "error", "-y", "-i", SHARED / name, *options.split(), result]
    try:
        done = subprocess.run(line, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                              timeout=FFMPEG_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return None
    return result.read_bytes() if done.returncode == 0 else None


def run_avmap(folder, results, suffix, options):
    """What avmap made of one folder: a dictionary from name to file, with None for failures."""
    line = [AVMAP, "run", f"{SHARED / folder}/", f"{results}/", "--suffix", suffix, "--exclude", "_SOURCE*",
            "--exclude", "*/_SOURCE*", "-q", "--allow-empty", "--", *options.split()]
    done = subprocess.run(line, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode in (0, 1), done.stderr
    manifest = next(results.glob("_avmap/*/manifest.json"))
    files = json.loads(manifest.read_text())["ResultFiles"]
    assert not files["PENDING"]
    made = {}
    for status in ("SUCCEEDED", "FAILED"):
        for file in files[status]:
            for record in json.loads((manifest.parent / Path(file["Key"]).name).read_text()):
                key = json.loads(record["Input"])["Key"]
                result = results / f"{key}{suffix}"
                made[f"{folder}/{key}"] = result.read_bytes() if status == "SUCCEEDED" else None
                assert result.exists() == (status == "SUCCEEDED"), f"{result}: {status}"
    return made


def purpose(name):
    return next((reason for start, reason in ON_PURPOSE if name.startswith(start)), None)


def brief(result):
    return "fails" if result is None else f"{len(result)} bytes, md5 {hashlib.md5(result).hexdigest()}"


@pytest.mark.parametrize(("suffix", "options"), CASES, ids=lambda value: value)
def test_same_as_ffmpeg(suffix, options, tmp_path):
    ours = {}
    for folder in FOLDERS:
        (tmp_path / folder).mkdir()
        ours.update(run_avmap(folder, tmp_path / folder, suffix, options))
    names = list(corpus())
    # What avmap refuses on purpose need not be waited for: some of it ffmpeg tries to reach for very long.
    compared = [name for name in names if not (purpose(name) and ours.get(name) is None)]
    with ThreadPoolExecutor(2) as pool:
        results = pool.map(lambda item: run_ffmpeg(item[1], tmp_path / f"ffmpeg-{item[0]}{suffix}", options),
                           enumerate(compared))
        theirs = dict(zip(compared, results))
    differences = [f"{name}: ffmpeg {brief(theirs[name])}, avmap {brief(ours.get(name))}"
                   for name in compared if theirs[name] != ours.get(name)]
    print(f"{len(names)} files: {len(compared) - len(differences)} the same, {len(differences)} different, "
          f"{len(names) - len(compared)} refused on purpose")
    assert not differences, "\n".join(differences)
    assert set(names) <= set(ours), "avmap has no record of some files"


def opened(source, work, options):
    """Every path that avmap opens by name, and every connection, while it works on a folder."""
    trace = work / "trace"
    subprocess.run(["strace", "-f", "-qq", "-e", "trace=open,openat,connect,execve", "-o", trace, AVMAP, "run",
                    f"{source}/", f"{work}/out/", "--suffix", ".wav", "-q", *options],
                   stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    # avmap itself opens items and results below a folder's descriptor; libav would open by whole path.
    calls = re.findall(r'(connect\(.*|(?:open|execve)\("[^"]*"|openat\(AT_FDCWD, "[^"]*")',
                       trace.read_text(errors="replace"))
    # Its own journal beside the results is opened by name, too.
    return {call for call in calls if not re.search(rf'"(/proc/|/sys/|{re.escape(str(work))}/out/)', call)}


@pytest.mark.parametrize("options", [(), ("--allow-demuxer", "hls")], ids=" ".join)
def test_opens_no_other_file(tmp_path, options):
    """Files that name others make avmap open just what a harmless file does."""
    if not shutil.which("strace"):
        absent("strace is not installed")
    harmless, naming = tmp_path / "harmless", tmp_path / "naming"
    (harmless / "in").mkdir(parents=True)
    (harmless / "in/a.txt").write_text("no media\n")
    shutil.copytree(SHARED / "media/open-other-files", naming / "in")
    usual = opened(harmless / "in", harmless, options)
    unusual = {call.replace(str(naming), str(harmless)) for call in opened(naming / "in", naming, options)} - usual
    assert len(usual) > 10
    assert not unusual, "\n".join(sorted(unusual))
