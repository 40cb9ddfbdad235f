# SPDX-License-Identifier: MIT
"""A run shared out over many processes: shares are disjoint, and merge writes the one manifest of all."""

import json

import pytest

from lab import TO_MONO, Results, media_names, samples, tiny_wav

RUN_ID = "11111111-1111-4111-8111-111111111111"
ENGINES = {
    "AWS Batch": lambda i, n: {"AWS_BATCH_JOB_ARRAY_INDEX": str(i), "AWS_BATCH_JOB_ARRAY_SIZE": str(n)},
    "Slurm": lambda i, n: {"SLURM_ARRAY_TASK_ID": str(1 + 2 * i), "SLURM_ARRAY_TASK_MIN": "1",
                           "SLURM_ARRAY_TASK_MAX": str(1 + 2 * (n - 1)), "SLURM_ARRAY_TASK_STEP": "2",
                           "SLURM_ARRAY_TASK_COUNT": str(n)},
}


@pytest.fixture
def source(folder):
    for n in range(24):
        folder("in").put(f"{n:02}.wav", tiny_wav(100 * (n + 1)))
    return folder("in")


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("kind", ["folder", "s3"])
def test_an_array_of_jobs_does_everything_once(avmap, server, place, source, kind, engine):
    destination = place(kind, "out")
    for shard in range(3):
        env = {**server.env(), **ENGINES[engine](shard, 3)}
        done = avmap("run", "--run-id", RUN_ID, source.url, destination.url, *TO_MONO, env=env)
        assert done.returncode == 0, done.stderr
    results_url = f"{destination.url}_avmap/{RUN_ID}/"

    merged = avmap("merge", results_url, env=server.env())

    assert merged.returncode == 0, merged.stderr
    manifest = json.loads(destination.read(f"_avmap/{RUN_ID}/manifest.json"))
    keys = []
    for entry in manifest["ResultFiles"]["SUCCEEDED"]:
        data = destination.read("_avmap/" + entry["Key"][entry["Key"].index(RUN_ID):])
        assert len(data) == entry["Size"]
        keys += [json.loads(record["Input"])["Key"] for record in json.loads(data)]
    assert sorted(keys) == sorted(source.names()), "every item once"
    assert media_names(destination) == {name + ".wav" for name in source.names()}
    counts = json.loads(destination.read(f"_avmap/{RUN_ID}/run.json"))["itemCounts"]
    assert counts["total"] == counts["succeeded"] == 24


ARRAY_IDS = {
    "AWS Batch": lambda i: {"AWS_BATCH_JOB_ID": f"0d9a7f7e-90c4-4f0c-8a51-2f6f3a1c9b10:{i}"},
    "Slurm": lambda i: {"SLURM_ARRAY_JOB_ID": "4711", "SLURM_JOB_ID": f"{4712 + i}"},
}


@pytest.mark.parametrize("engine", ENGINES)
def test_an_array_job_makes_one_id_for_each_line(avmap, folder, source, engine):
    for words in (TO_MONO, ("--suffix", ".flac"), ("--include", "*0*", *TO_MONO), ("--exclude", "*0*", *TO_MONO)):
        for shard in 0, 1, 1:  # the last is tried again
            env = {**ENGINES[engine](shard, 2), **ARRAY_IDS[engine](shard)}
            done = avmap("run", source.url, folder("out").url, *words, env=env)
            assert done.returncode == 0 and "the id" in done.stderr, done.stderr
    run_ids = {name.split("/")[1] for name in folder("out").names() if name.startswith("_avmap/")}

    assert len(run_ids) == 4
    for run_id in run_ids:
        assert avmap("merge", folder("out").path / "_avmap" / run_id).returncode == 0


def test_shards_without_an_id_are_warned_of(avmap, folder, source):
    done = avmap("run", "--shard", "0/2", source.url, folder("out").url, *TO_MONO)

    assert done.returncode == 0 and "--run-id" in done.stderr


def test_merge_names_the_missing_shards(avmap, folder, source):
    for shard in (0, 2):
        assert avmap("run", "--run-id", RUN_ID, "--shard", f"{shard}/4", source.url, folder("out").url,
                     *TO_MONO).returncode == 0

    merged = avmap("merge", folder("out").path / "_avmap" / RUN_ID)

    assert merged.returncode == 1
    assert "missing: 1, 3" in merged.stderr
    assert not (folder("out").path / "_avmap" / RUN_ID / "manifest.json").exists()


def test_a_shard_that_is_done_twice_is_there_once(avmap, folder, source):
    for shard in (0, 1, 1):
        assert avmap("run", "--run-id", RUN_ID, "--shard", f"{shard}/2", source.url, folder("out").url,
                     *TO_MONO).returncode == 0

    assert avmap("merge", folder("out").path / "_avmap" / RUN_ID).returncode == 0

    manifest = json.loads(folder("out").read(f"_avmap/{RUN_ID}/manifest.json"))
    records = [record for entry in manifest["ResultFiles"]["SUCCEEDED"]
               for record in json.loads(folder("out").read("_avmap/" + entry["Key"]))]
    assert len(records) == 24


def test_a_shard_that_runs_twice_at_once_leaves_what_one_leaves(avmap, server, fault, bucket, source, tmp_path):
    """As when a job is started again on another machine while its first attempt still lives."""
    destination = bucket.at("out/")
    fault.set(delay_ms=50)
    lines = [("run", "--jobs", 3, "--run-id", RUN_ID, "--shard", f"{shard}/2", source.url, destination.url, *TO_MONO)
             for shard in (0, 1, 0, 1)]
    attempts = [avmap.start(*line, env=server.env(endpoint=fault.endpoint, HOME=str(tmp_path / f"machine-{n}")))
                for n, line in enumerate(lines)]

    for attempt in attempts:
        _, errors = attempt.communicate(timeout=60)
        assert attempt.returncode == 0, errors

    merged = avmap("merge", f"{destination.url}_avmap/{RUN_ID}/", env=server.env())
    assert merged.returncode == 0, merged.stderr
    manifest = json.loads(destination.read(f"_avmap/{RUN_ID}/manifest.json"))
    keys = []
    for entry in manifest["ResultFiles"]["SUCCEEDED"]:
        data = destination.read("_avmap/" + entry["Key"][entry["Key"].index(RUN_ID):])
        assert len(data) == entry["Size"]
        keys += [json.loads(record["Input"])["Key"] for record in json.loads(data)]
    assert sorted(keys) == sorted(source.names())
    assert destination.unfinished_uploads() == []
    calm = avmap("run", source.url, str(tmp_path / "calm"), *TO_MONO)
    assert calm.returncode == 0, calm.stderr
    for name in source.names():
        assert destination.read(f"{name}.wav") == (tmp_path / "calm" / f"{name}.wav").read_bytes()


def test_a_merge_says_when_all_shards_are_missing(avmap, server, bucket):
    none = avmap("merge", bucket.at(f"out/_avmap/{RUN_ID}/").url, env=server.env())
    elsewhere = avmap("merge", bucket.at("out/_avmap/").url, env=server.env())

    assert none.returncode == 1 and "missing: all" in none.stderr, none.stderr
    assert elsewhere.returncode == 2, elsewhere.stderr


@pytest.mark.parametrize("value, hint", [("3/3", "0 to N-1"), ("x", "I/N"), ("1/0", "I/N"), ("-1/3", "I/N")])
def test_a_shard_that_cannot_be_is_refused(avmap, folder, source, value, hint):
    done = avmap("run", f"--shard={value}", source.url, folder("out").url, *TO_MONO)

    assert done.returncode == 2, done.stderr
    assert "--shard" in done.stderr and "I/N" in done.stderr


def test_an_index_without_a_count_is_refused(avmap, folder, source):
    done = avmap("run", source.url, folder("out").url, *TO_MONO, env={"JOB_COMPLETION_INDEX": "1"})

    assert done.returncode == 2, done.stderr
    assert "JOB_COMPLETION_INDEX" in done.stderr and "--shard" in done.stderr


@pytest.mark.parametrize("kind", ["folder", "s3"])
def test_a_plan_replaces_an_earlier_one(avmap, server, place, source, kind):
    plan = place(kind, "plan")
    for shards in 5, 2:
        assert avmap("plan", source.url, plan.url, "--shards", shards, env=server.env()).returncode == 0

    assert json.loads(plan.read("plan.json"))["shards"] == 2
    assert plan.names() == {"plan.json", "shard-00000.jsonl", "shard-00001.jsonl"}
    lines = [plan.read(f"shard-{n:05}.jsonl").splitlines() for n in range(2)]
    assert sorted(json.loads(line)["Key"].split("/")[-1] for shard in lines for line in shard) == sorted(source.names())


@pytest.mark.parametrize("text, hint", [
    (None, "plan.json is not there"),
    ("{", "plan.json, line 1"),
    ('{"shards":2}', "no source"),
    ('{"version":"0.1.0","status":"RUNNING"}', "run it again"),
], ids=["missing", "cut off", "another's", "unfinished"])
def test_what_is_no_plan_is_refused(avmap, folder, text, hint):
    if text:
        folder("plan").put("plan.json", text.encode())

    done = avmap("run", "--items", "plan", folder("plan").url, folder("out").url, "--shard", "0/2", *TO_MONO)

    assert done.returncode == 4
    assert folder("plan").url in done.stderr and hint in done.stderr, done.stderr
    assert not folder("out").names()


def test_shards_agree_on_whose_a_name_is(avmap, folder):
    for n in range(12):
        folder("in").put(f"{n:02}/same.wav", tiny_wav(100 * (n + 1)))
    failures = []
    for shard in range(3):
        done = avmap("run", "--run-id", RUN_ID, "--shard", f"{shard}/3", "--name", "{stem}.flac", folder("in").url,
                     folder("out").url, "--log-format", "json")
        failures += [line for line in done.stderr.splitlines() if "Avmap.NameCollision" in line]

    assert len(failures) == 11
    assert media_names(folder("out")) == {"same.flac"}


@pytest.mark.parametrize("kind", ["folder", "s3"])
def test_the_shards_of_a_plan_agree_on_whose_a_name_is(avmap, server, place, kind):
    source, plan, destination = place(kind, "in"), place(kind, "plan"), place(kind, "out")
    sizes = {}
    for n in range(12):
        name = f"{n % 4:02}/{n % 3}.{'abc'[n % 3]}{n}.wav"
        sizes[name] = 100 * (n + 1)
        source.put(name, tiny_wav(sizes[name]))
    assert avmap("plan", source.url, plan.url, "--shards", 3, env=server.env()).returncode == 0
    for shard in 2, 0, 1:  # whichever is done first
        done = avmap("run", "--items", "plan", plan.url, destination.url, "--run-id", RUN_ID, "--shard", f"{shard}/3",
                     "--name", "{dir}.flac", env=server.env())
        assert done.returncode in (0, 1), done.stderr
    merged = avmap("merge", f"{destination.url}_avmap/{RUN_ID}/", env=server.env())
    assert merged.returncode == 0, merged.stderr

    manifest = json.loads(destination.read(f"_avmap/{RUN_ID}/manifest.json"))
    records = {status: [json.loads(record["Input"])["Key"].split("in/")[-1] for entry in manifest["ResultFiles"][status]
                        for record in json.loads(destination.read("_avmap/" + entry["Key"][entry["Key"].index(RUN_ID):]))]
               for status in ("SUCCEEDED", "FAILED")}
    assert sorted(records["SUCCEEDED"] + records["FAILED"]) == sorted(sizes)
    assert sorted(name.split("/")[0] for name in records["SUCCEEDED"]) == ["00", "01", "02", "03"]
    for name in records["SUCCEEDED"]:
        assert len(samples(destination.read(name.split("/")[0] + ".flac"))) == 2 * sizes[name], "nothing was overwritten"


def test_merged_rates_are_over_all_the_time(avmap, folder, source):
    for shard in 0, 1:
        assert avmap("run", "--run-id", RUN_ID, "--shard", f"{shard}/2", source.url, folder("out").url,
                     *TO_MONO).returncode == 0
    assert avmap("merge", folder("out").path / "_avmap" / RUN_ID).returncode == 0

    place = folder("out").path / "_avmap" / RUN_ID
    merged = json.loads((place / "run.json").read_bytes())
    shards = [json.loads(path.read_bytes()) for path in place.glob("shard-*/run.json")]
    assert merged["seconds"] >= sum(run["seconds"] for run in shards) * 0.9, "one after the other"
    assert abs(merged["throughput"]["objectsPerSecond"] * merged["seconds"] - 24) < 0.01
    assert merged["throughput"]["timesRealTime"] * merged["seconds"] == pytest.approx(merged["throughput"]["mediaSeconds"])


@pytest.mark.parametrize("kinds", [("folder", "folder"), ("s3", "s3")], ids="-to-".join)
def test_a_plan_balances_bytes(avmap, server, place, kinds):
    source, plan = place(kinds[0], "in"), place(kinds[1], "plan")
    for n in range(40):
        source.put(f"{n:02}.wav", tiny_wav(50 * 2 ** (n % 9)))
    source.put("empty.wav", b"")

    done = avmap("plan", source.url, plan.url, "--shards", 4, env=server.env())

    assert done.returncode == 0, done.stderr
    assert plan.names() == {"plan.json", *(f"shard-0000{n}.jsonl" for n in range(4))}
    about = json.loads(plan.read("plan.json"))
    assert (about["items"], about["shards"]) == (40, 4)
    shards = [[json.loads(line) for line in plan.read(f"shard-0000{n}.jsonl").splitlines()] for n in range(4)]
    assert sorted(item["Key"].split("/")[-1] for shard in shards for item in shard) == [f"{n:02}.wav" for n in range(40)]
    loads = [sum(item["Size"] for item in shard) for shard in shards]
    assert sum(loads) == about["bytes"]
    assert max(loads) - min(loads) < 0.1 * max(loads)
