# SPDX-License-Identifier: MIT
"""Results of several files: the names and bytes of all of them, through ffmpeg's command line and through avmap.

Each line of sets.tsv names a set of inputs (those of test_rows.py), a result's name, and options. ffmpeg works in a
folder of each item's own, which is where avmap puts its files.
"""

import os
import re
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from test_rows import AVMAP, SECONDS, inputs  # noqa: F401

ROWS = Path(__file__).with_name("sets.tsv")

# Each row takes a few of its set's inputs, the next row the next ones.
ITEMS = 2

# Rows that differ, and why: (name, options, the input's name or * for all, the reason).
REASONS = ()


def rows():
    found = [tuple(line.split("\t")) for line in ROWS.read_text().splitlines() if line and not line.startswith("#")]
    assert len(set(found)) == len(found), "a row is there twice"
    return found


def files(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def run_ffmpeg(path, folder, name, options):
    """All that ffmpeg makes, or None when it fails."""
    (folder / "lists").mkdir(parents=True)  # ffmpeg makes no folders
    done = subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-y", "-i", path, *options.split(), "-bitexact", name],
                          cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=SECONDS,
                          check=False)
    return files(folder) if done.returncode == 0 else None


def run_avmap(source, items, results, name, options):
    """What avmap makes of some items: the files of each, or None when there are none."""
    picked = [word for item in items for word in ("--include", item)]
    done = subprocess.run([AVMAP, "run", f"{source}/", f"{results}/", "--exclude", "*", *picked, "--name",
                           "{path}/" + name, "-q", "--", *options.split(), "-bitexact"], stdin=subprocess.DEVNULL,
                          stderr=subprocess.PIPE, text=True, check=False, timeout=SECONDS)
    assert done.returncode in (0, 1), done.stderr
    return {item: files(results / item) or None for item in items}, done.stderr


def without_clock(name, data):
    """Playlists of dash say when they were made."""
    if name.endswith((".mpd", ".m3u8")):
        data = re.sub(rb'(availabilityStartTime=|publishTime=|PROGRAM-DATE-TIME:)\S+', b"", data)
    return data


def brief(made):
    return "fails" if made is None else " ".join(f"{name}:{len(data)}" for name, data in sorted(made.items()))


def compare(number, row, folder, work):
    kind, name, options = row
    names = sorted(path.name for path in folder.iterdir())
    items = [names[(number + each) % len(names)] for each in range(min(ITEMS, len(names)))]
    ours, said = run_avmap(folder, items, work / f"ours-{number}", name, options)
    differences = []
    for item, made in ours.items():
        theirs = run_ffmpeg(folder / item, work / f"ffmpeg-{number}" / item, name, options)
        for each in (made, theirs):
            for file in each or {}:
                each[file] = without_clock(file, each[file])
        known = any((name, options) == reason[:2] and reason[2] in ("*", item) for reason in REASONS)
        if made != theirs and not known:
            differences.append(f"{kind} {name} {options}: {item}: ffmpeg {brief(theirs)}, avmap {brief(made)} "
                               f"{said.strip()[-300:]}")
    shutil.rmtree(work / f"ours-{number}")
    return len(ours), differences


def test_sets_are_the_same(inputs, tmp_path):  # noqa: F811
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        table = list(enumerate(rows()))
        results = list(pool.map(lambda item: compare(*item, inputs[item[1][0]], tmp_path), table))
    differences = [line for _, lines in results for line in lines]
    compared = sum(count for count, _ in results)
    print(f"{len(table)} option lines, {sum(not lines for _, lines in results)} equal; {compared} results, "
          f"{compared - len(differences)} equal")
    assert not differences, "\n".join(differences)
