# SPDX-License-Identifier: MIT
"""Killed at any moment, the same command goes on: same results, same bytes, one complete manifest."""

import hashlib
import json
import os
import random
import subprocess

import pytest

from lab import IN_REAL_TIME, TO_MONO, Results, held, media_names, samples, tiny_wav, wait_until

ITEMS = 60
KILLS = int(os.environ.get("AVMAP_TEST_KILLS", "50"))  # moments in all; a longer campaign sets more
MOST_KILLS_OF_A_RUN = 5


def digests(place):
    """A kill may leave a complete file that was about to be renamed; the next attempt takes it away."""
    return {name: hashlib.md5(place.read(name)).hexdigest() for name in media_names(place)}


def put_items(source):
    for n in range(ITEMS):
        source.put(f"{n % 7}/{n:02}.wav", tiny_wav(40000 + n))


def is_complete(destination):
    return any(name.endswith("/manifest.json") for name in destination.names())


def kill_until_done(avmap, arguments, env, destination, moments):
    """Starts the command again and again; kills it at the given moments; returns how often, and the last status."""
    kills = 0
    while not is_complete(destination):  # a kill may come between the manifest and the end of the process
        process = avmap.start(*arguments, env=env)
        try:
            process.communicate(timeout=next(moments) if kills < MOST_KILLS_OF_A_RUN else 120)
            return kills, process.returncode
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            kills += 1
    return kills, 0


@pytest.mark.parametrize("kind", ["folder", "s3"])
def test_a_killed_run_is_gone_on_with(avmap, server, place, kind, tmp_path):
    source = place(kind, "in")
    put_items(source)
    arguments = ["run", "--jobs", 4, source.url]
    undisturbed = place(kind, "undisturbed")
    assert avmap(*arguments, undisturbed.url, *TO_MONO, env=server.env()).returncode == 0
    expected = digests(undisturbed)
    assert len(expected) == ITEMS

    random.seed(7)
    moments = iter(lambda: random.uniform(0.03, 0.5), None)
    killed = attempt = 0
    while killed < KILLS // 2:
        attempt += 1
        destination = place(kind, f"out{attempt}")
        kills, status = kill_until_done(avmap, [*arguments, destination.url, *TO_MONO], server.env(), destination, moments)
        killed += kills

        assert status == 0
        assert digests(destination) == expected
        run = Results(destination)  # one manifest, not one per attempt
        assert sorted(record.key for record in run.succeeded) == sorted(
            getattr(source, "prefix", "") + name for name in media_names(source))
        assert not run.failed and not run.pending
        assert run.run["itemCounts"]["succeeded"] == ITEMS


@pytest.mark.parametrize("rule", ["update", "overwrite"])
@pytest.mark.parametrize("kind", ["folder", "s3"])
def test_what_changed_since_the_kill_is_made_again(avmap, server, place, kind, rule):
    """Also what a power cut took from the destination, but not from the journal."""
    source, destination = place(kind, "in"), place(kind, "out")
    for n in range(5): # those that come first are the largest too
        source.put(f"{n:02}.wav", tiny_wav(48000) if n < 3 else held())
    line = ("run", "--jobs", 1, "--if-exists", rule, source.url, destination.url, *IN_REAL_TIME)
    process = avmap.start(*line, env=server.env())
    wait_until(lambda: "02.wav.wav" in media_names(destination) or process.poll() is not None, what="three results")
    process.kill()
    process.communicate()
    for n in 3, 4:
        source.put(f"{n:02}.wav", tiny_wav(100))
    source.put("01.wav", tiny_wav(100))
    destination.remove_one("02.wav.wav")

    done = avmap(*line, env=server.env())

    assert done.returncode == 0 and "going on with the run" in done.stderr, done.stderr
    run = Results(destination)
    assert sorted(record.key.split("/")[-1] for record in run.all) == sorted(source.names())
    outputs = {record.key.split("/")[-1]: record for record in run.made}
    for name in ["01.wav", "02.wav"]:
        assert len(samples(destination.read(f"{name}.wav"))) == outputs[name].output["bytes"] - 78
    assert run.run["itemCounts"]["succeeded"] == 5
    assert run.run["skipped"]["unchanged"] >= 1, "00.wav stays as it is"


def kill_at(avmap, moments, *arguments):
    for moment in moments:
        process = avmap.start(*arguments)
        try:
            process.communicate(timeout=moment)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()


def test_killed_plans_and_merges_are_made_again_whole(avmap, folder):
    source, plan, calm = folder("in"), folder("plan"), folder("calm")
    for n in range(100):
        source.put(f"{n:02}.wav", tiny_wav(n + 1))
    assert avmap("plan", source.url, calm.url, "--shards", 20).returncode == 0
    kill_at(avmap, (0.02, 0.03, 0.04, 0.05, 0.06, 0.08, 0.1), "plan", source.url, plan.url, "--shards", 40)

    assert avmap("plan", source.url, plan.url, "--shards", 20).returncode == 0

    assert {name: plan.read(name) for name in plan.names()} == {name: calm.read(name) for name in calm.names()}
    run_id = "11111111-1111-4111-8111-111111111111"
    place = folder("out").path / "_avmap" / run_id
    for shard in range(20):
        assert avmap("run", "--items", "plan", plan.url, folder("out").url, "--run-id", run_id, "--shard", f"{shard}/20",
                     *TO_MONO).returncode == 0
    kill_at(avmap, (0.02, 0.03, 0.04, 0.05, 0.06), "merge", place)
    assert avmap("merge", place).returncode == 0
    assert json.loads((place / "run.json").read_bytes())["itemCounts"]["succeeded"] == 100
    assert not [path for path in place.rglob("*.tmp")]


def test_a_run_that_is_at_work_is_not_joined(avmap, folder):
    source, destination = folder("in"), folder("out")
    source.put("a.wav", held())
    run_id = "11111111-1111-4111-8111-111111111111"
    line = ("run", "--grace", "1s", "--run-id", run_id, source.url, destination.url, *IN_REAL_TIME)
    first = avmap.start(*line)
    journal = destination.path / "_avmap"
    wait_until(lambda: any(journal.glob(".avmap-journal-*")) or first.poll() is not None, what="the journal")

    second = avmap(*line)
    undisturbed = first.poll() is None
    first.terminate()
    first.communicate()

    assert second.returncode == 4, second.stderr
    assert run_id in second.stderr
    assert undisturbed and first.returncode == 143
    assert [record.error for record in Results(destination).all] == ["Avmap.Interrupted"]


def test_no_journal_stays_behind(avmap, server, bucket, folder, tmp_path):
    folder("in").put("a.wav", tiny_wav(100))
    env = {**server.env(), "XDG_STATE_HOME": str(tmp_path / "state")}

    for destination in (folder("out").url, bucket.at("out/").url):
        assert avmap("run", folder("in").url, destination, *TO_MONO, env=env).returncode == 0

    assert [path for path in tmp_path.rglob("*journal*")] == []
    assert folder("out").names() == {"a.wav.wav"} | {name for name in folder("out").names() if name.startswith("_avmap/")}
