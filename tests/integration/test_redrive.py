# SPDX-License-Identifier: MIT
"""What a run left over is done again in the same way, in a generation of its own."""

import json

import pytest

from lab import IN_REAL_TIME, TO_MONO, Record, assert_mono_48k, held, media_names, tiny_wav, wait_until

RUN_ID = "0d9a7f7e-90c4-4f0c-8a51-2f6f3a1c9b10"
BROKEN = b"this is no media"


class Generation:
    """The manifest of a run or of one of its redrives, and all records that it lists."""

    def __init__(self, results, run_id=RUN_ID, folder=""):
        self.results, self.base = results, f"{run_id}/"
        self.name = f"{self.base}{folder}manifest.json"
        self.manifest = json.loads(results.read(self.name))
        self.run = json.loads(results.read(f"{self.base}{folder}run.json"))

    def keys(self, status):
        return [entry["Key"][entry["Key"].index(self.base) + len(self.base):]
                for entry in self.manifest["ResultFiles"][status]]

    def records(self, status):
        found = []
        for entry, key in zip(self.manifest["ResultFiles"][status], self.keys(status)):
            data = self.results.read(self.base + key)
            assert len(data) == entry["Size"]
            values = json.loads(data) if key.endswith(".json") else map(json.loads, data.splitlines())
            found += [Record(raw) for raw in values]
        return found

    def names(self, status):
        return sorted(record.key.split("/")[-1] for record in self.records(status))


@pytest.fixture
def at(place):
    """A run's places of one kind, with two good and two broken objects."""

    def make(kind):
        source, destination, results = place(kind, "in"), place(kind, "out"), place(kind, "results")
        for name, data in ("a.wav", tiny_wav(100)), ("b.wav", BROKEN), ("c.wav", tiny_wav(300)), ("d.wav", BROKEN):
            source.put(name, data)
        return source, destination, results

    return make


def first_run(avmap, server, places, *options, words=TO_MONO, status=1):
    source, destination, results = places
    done = avmap("run", "--run-id", RUN_ID, "--results", results.url, *options, source.url, destination.url, *words,
                 env=server.env())
    assert done.returncode == status, done.stderr
    return f"{results.url}{RUN_ID}/"


@pytest.mark.parametrize("kind", ["folder", "s3"])
def test_only_what_failed_is_done_again_until_nothing_is_left(avmap, server, at, kind):
    source, destination, results = at(kind)
    url = first_run(avmap, server, (source, destination, results))
    before = {name: results.read(name) for name in results.names()}
    first = Generation(results)
    assert first.names("FAILED") == ["b.wav", "d.wav"]
    source.put("b.wav", tiny_wav(200))

    done = avmap("redrive", url + "manifest.json", env=server.env())

    assert done.returncode == 1, done.stderr
    assert media_names(destination) == {"a.wav.wav", "b.wav.wav", "c.wav.wav"}
    assert_mono_48k(destination.read("b.wav.wav"), 200)
    assert {name: results.read(name) for name in before} == before, "earlier files stay as they were"
    second = Generation(results, folder="Redrive-1/")
    assert second.keys("SUCCEEDED") == ["SUCCEEDED_0.json", "Redrive-1/SUCCEEDED_0.json"]
    assert second.names("SUCCEEDED") == ["a.wav", "b.wav", "c.wav"]
    assert second.names("FAILED") == ["d.wav"] and second.keys("FAILED") == ["Redrive-1/FAILED_0.json"]
    assert second.manifest["ResultFiles"]["PENDING"] == []
    assert second.manifest["MapRunArn"] == first.manifest["MapRunArn"]
    assert second.run["redriveCount"] == 1 and second.run["itemCounts"]["total"] == 2
    executions = {record.key: record.raw["Name"] for record in first.records("FAILED")}
    for record in second.records("FAILED"):
        assert (record.raw["Name"], record.raw["RedriveCount"]) == (executions[record.key], 1)

    source.put("d.wav", tiny_wav(400))
    assert avmap("redrive", url + "Redrive-1/", env=server.env()).returncode == 0
    third = Generation(results, folder="Redrive-2/")
    assert third.names("SUCCEEDED") == ["a.wav", "b.wav", "c.wav", "d.wav"]
    assert third.keys("FAILED") == third.keys("PENDING") == []

    done = avmap("redrive", url + "Redrive-2/manifest.json", env=server.env())
    assert done.returncode == 0 and "nothing is left to do" in done.stderr
    assert not any("Redrive-3" in name for name in results.names())


def test_names_and_options_are_those_of_the_run(avmap, server, at):
    source, destination, results = at("s3")
    url = first_run(avmap, server, (source, destination, results), "--name", "{index}-{stem}.flac", "--input-options",
                    "-t 0.001", "--cache-control", "max-age=60", "--if-exists", "overwrite", "--results-format", "jsonl",
                    words=("--", "-ac", "1", "-metadata", "title=it's one"))
    for name in "b.wav", "d.wav":
        source.put(name, tiny_wav(4800))

    done = avmap("redrive", url, env={**server.env(), "AVMAP_SUFFIX": ".mp3"})

    assert done.returncode == 0, done.stderr
    assert media_names(destination) == {"0-a.flac", "1-b.flac", "2-c.flac", "3-d.flac"}
    assert destination.head("3-d.flac")["CacheControl"] == "max-age=60"
    run, again = Generation(results), Generation(results, folder="Redrive-1/")
    for name in "recipe", "inputOptions", "naming", "source", "destination", "options":
        assert again.run[name] == run.run[name], name
    assert "SUCCEEDED_0.jsonl" in again.keys("SUCCEEDED")[0]
    assert len({destination.head(name)["Metadata"]["avmap-recipe"] for name in media_names(destination)}) == 1


def test_what_is_said_now_counts_more(avmap, server, at):
    source, destination, results = at("s3")
    url = first_run(avmap, server, (source, destination, results), "--cache-control", "no-store")
    source.put("b.wav", tiny_wav(200))

    done = avmap("redrive", "--cache-control", "no-cache", url, env=server.env())

    assert done.returncode == 1, done.stderr
    assert destination.head("b.wav.wav")["CacheControl"] == "no-cache"
    assert Generation(results, folder="Redrive-1/").run["options"]["cache-control"] == "no-cache"


def test_an_interrupted_run_is_finished(avmap, folder):
    source = folder("in")
    for n in range(30): # those that come first are the largest too
        source.put(f"{n:02}.wav", tiny_wav(48000) if n < 2 else held())
    results, destination = folder("results"), folder("out")
    process = avmap.start("run", "--jobs", 1, "--grace", "1s", "--run-id", RUN_ID, "--results", results.url,
                          source.url, destination.url, "--name", "{index}.wav", *IN_REAL_TIME[2:])
    wait_until(lambda: len(media_names(destination)) >= 2 or process.poll() is not None, what="the first results")
    process.terminate()
    process.communicate()
    for n in range(2, 30):
        source.put(f"{n:02}.wav", tiny_wav(480))
    assert process.returncode == 143
    first = Generation(results)
    assert first.keys("PENDING")

    done = avmap("redrive", f"{results.url}{RUN_ID}/manifest.json")

    assert done.returncode == 0, done.stderr
    second = Generation(results, folder="Redrive-1/")
    assert second.names("SUCCEEDED") == sorted(source.names())
    assert media_names(destination) == {f"{n}.wav" for n in range(30)}
    for n in 0, 29:
        assert f"/{n}.wav" in next(r.raw["Output"] for r in second.records("SUCCEEDED") if r.key == f"{n:02}.wav")


def test_a_name_that_was_taken_stays_taken(avmap, folder, server):
    source = folder("in")
    source.put("x/one.wav", tiny_wav(100))
    source.put("y/one.wav", tiny_wav(200))
    results = folder("results")
    url = first_run(avmap, server, (source, folder("out"), results), "--name", "{stem}.flac", words=())
    made = folder("out").read("one.flac")

    assert avmap("redrive", url).returncode == 1

    assert folder("out").read("one.flac") == made
    (record,) = Generation(results, folder="Redrive-1/").records("FAILED")
    assert record.error == "Avmap.NameCollision"


def test_a_bad_line_of_a_list_is_still_bad_and_the_rest_is_done(avmap, server, place):
    source, destination, results = place("s3", "in"), place("s3", "out"), place("s3", "results")
    source.put("a b.wav", BROKEN)
    source.put("list.csv", f"{source.bucket},in/a%20b.wav\nnonsense\n".encode())
    done = avmap("run", "--run-id", RUN_ID, "--results", results.url, "--items", "csv", source.url + "list.csv",
                 destination.url, *TO_MONO, env=server.env())
    assert done.returncode == 1, done.stderr
    source.put("a b.wav", tiny_wav(200))

    done = avmap("redrive", f"{results.url}{RUN_ID}/", env=server.env())

    assert done.returncode == 1, done.stderr
    assert media_names(destination) == {"in/a b.wav.wav"}
    again = Generation(results, folder="Redrive-1/")
    (bad,) = again.records("FAILED")
    (earlier,) = (record for record in Generation(results).records("FAILED") if record.error == "Avmap.BadItem")
    assert (bad.key, bad.error, bad.cause) == (earlier.key, earlier.error, earlier.cause)


def test_a_merged_run_is_redriven_as_one(avmap, server, at):
    source, destination, results = at("s3")
    for shard in range(2):
        first = avmap("run", "--run-id", RUN_ID, "--shard", f"{shard}/2", "--name", "{index}.wav", "--results",
                      results.url, source.url, destination.url, env=server.env())
        assert first.returncode in (0, 1), first.stderr
    url = f"{results.url}{RUN_ID}/"
    (shard,) = {name.split("/")[1] for name in results.names() if "/shard-00000-" in name}
    done = avmap("redrive", f"{url}{shard}/manifest.json", env=server.env())
    assert done.returncode == 2 and "merge" in done.stderr
    assert avmap("merge", url, env=server.env()).returncode == 0
    for name in "b.wav", "d.wav":
        source.put(name, tiny_wav(200))

    done = avmap("redrive", url, env={**server.env(), "AWS_BATCH_JOB_ARRAY_INDEX": "0", "AWS_BATCH_JOB_ARRAY_SIZE": "2"})

    assert done.returncode == 0, done.stderr
    assert media_names(destination) == {f"{n}.wav" for n in range(4)}
    again = Generation(results, folder="Redrive-1/")
    assert again.names("SUCCEEDED") == ["a.wav", "b.wav", "c.wav", "d.wav"]
    assert {key.split("/")[0] for key in again.keys("SUCCEEDED")} >= {shard, "Redrive-1"}


def test_a_plan_numbers_its_items_for_all_shards(avmap, server, at, folder):
    source, destination, results = at("s3")
    assert avmap("plan", source.url, folder("plan").url, "--shards", 2, env=server.env()).returncode == 0
    for shard in range(2):
        done = avmap("run", "--items", "plan", "--shard", f"{shard}/2", "--run-id", RUN_ID, "--results", results.url,
                     "--name", "{index}.wav", folder("plan").url, destination.url, env=server.env())
        assert done.returncode in (0, 1), done.stderr
    assert avmap("merge", f"{results.url}{RUN_ID}/", env=server.env()).returncode == 0
    assert media_names(destination) == {"0.wav", "2.wav"}
    for name in "b.wav", "d.wav":
        source.put(name, tiny_wav(200))

    assert avmap("redrive", f"{results.url}{RUN_ID}/", env=server.env()).returncode == 0

    assert media_names(destination) == {f"{n}.wav" for n in range(4)}
    assert Generation(results, folder="Redrive-1/").names("SUCCEEDED") == sorted(source.names())


def test_redrives_that_race_have_a_generation_each(avmap, server, at, tmp_path):
    source, destination, results = at("s3")
    url = first_run(avmap, server, (source, destination, results))
    source.put("b.wav", tiny_wav(200))
    # Each on a machine of its own, where it knows nothing of the other's journal.
    processes = [avmap.start("redrive", url, env={**server.env(), "XDG_STATE_HOME": str(tmp_path / str(n))})
                 for n in range(3)]
    for process in processes:
        _, log = process.communicate()
        assert process.returncode == 1, log

    for n in 1, 2, 3:
        again = Generation(results, folder=f"Redrive-{n}/")
        assert again.names("SUCCEEDED") == ["a.wav", "b.wav", "c.wav"]
        assert again.names("FAILED") == ["d.wav"]
        assert again.run["redriveCount"] == n


def test_a_killed_redrive_goes_on(avmap, folder):
    source, results, destination = folder("in"), folder("results"), folder("out")
    for n in range(20):
        source.put(f"{n:02}.wav", BROKEN)
    done = avmap("run", "--run-id", RUN_ID, "--results", results.url, source.url, destination.url, *IN_REAL_TIME)
    assert done.returncode == 1, done.stderr
    for n in range(20):
        source.put(f"{n:02}.wav", tiny_wav(480) if n != 7 else held())
    process = avmap.start("redrive", "--jobs", 2, "--cpus", 2, f"{results.url}{RUN_ID}/")
    wait_until(lambda: len(media_names(destination)) >= 3 or process.poll() is not None, what="the first results")
    process.kill()
    process.communicate()
    source.put("07.wav", tiny_wav(480))

    done = avmap("redrive", f"{results.url}{RUN_ID}/")

    assert done.returncode == 0, done.stderr
    assert "going on with the run" in done.stderr
    again = Generation(results, folder="Redrive-1/")
    assert again.names("SUCCEEDED") == sorted(source.names())
    assert not any(".avmap-journal" in name for name in results.names())


def test_what_a_run_did_not_list_is_warned_of(avmap, folder):
    folder("in").put("a.wav", tiny_wav(100))
    for shard in ([], ["--shard", "0/1"]):
        assert avmap("run", "--run-id", RUN_ID, *shard, "--results", folder("results").url, folder("in").url,
                     folder("out").url, *TO_MONO).returncode == 0
    for path in (folder("results").path / RUN_ID).rglob("run.json"):
        path.write_bytes(path.read_bytes().replace(b'"listingComplete":true', b'"listingComplete":false'))

    redriven = avmap("redrive", f"{folder('results').url}{RUN_ID}/")
    merged = avmap("merge", f"{folder('results').url}{RUN_ID}/")

    assert redriven.returncode == 0 and "run its own line again" in redriven.stderr, redriven.stderr
    assert merged.returncode == 0 and "merge again" in merged.stderr, merged.stderr


def test_a_redrive_that_could_not_read_all_records_leaves_no_manifest(avmap, server, fault, at):
    places = at("s3")
    manifest = first_run(avmap, server, places)
    fault.set(mode="hang", match="GET .*FAILED_0", hang_ms=60000)
    process = avmap.start("redrive", "--grace", "1s", manifest, env=server.env(endpoint=fault.endpoint))
    wait_until(lambda: fault.count or process.poll() is not None, what="the read of the records")
    process.terminate()
    _, errors = process.communicate(timeout=30)
    assert process.returncode == 143, errors
    assert "run the same line again" in errors
    assert not any("Redrive-" in name for name in places[2].names())
    fault.clear()

    done = avmap("redrive", manifest, env=server.env())

    assert done.returncode == 1, done.stderr
    assert Generation(places[2], folder="Redrive-1/").names("FAILED") == ["b.wav", "d.wav"]


# In the byte format of Step Functions' ResultWriter: what its own recorded files look like.
def native_record(status, text, n):
    name = f"0368d065-1670-3b07-acfb-99a58f74a{n:03}"
    record = {"Input": text, "InputDetails": {"Included": True}, "Status": status}
    if status == "PENDING":
        return record
    record |= {"ExecutionArn": f"arn:aws:states:us-west-2:111122223333:execution:m/S3objectkeys:{name}", "Name": name,
               "OutputDetails": {"Included": True}, "RedriveCount": 0, "StartDate": "2026-09-23T22:59:01.592Z",
               "StateMachineArn": "arn:aws:states:us-west-2:111122223333:stateMachine:m/S3objectkeys",
               "StopDate": "2026-09-23T22:59:05.760Z"}
    if status == "SUCCEEDED":
        return record | {"Output": "{}", "RedriveStatus": "NOT_REDRIVABLE",
                         "RedriveStatusReason": "Execution is SUCCEEDED and cannot be redriven"}
    return record | {"Cause": "task failed", "Error": "States.TaskFailed", "RedriveStatus": "REDRIVABLE_BY_MAP_RUN"}


def native_run(bucket, results, by_status):
    """What Step Functions leaves of a run whose items were these."""
    files = {"FAILED": [], "PENDING": [], "SUCCEEDED": []}
    for status, inputs in by_status.items():
        records = [native_record(status, text, n) for n, text in enumerate(inputs)]
        data = json.dumps(records, separators=(",", ":"), sort_keys=True).encode()
        results.put(f"{RUN_ID}/{status}_0.json", data)
        files[status] = [{"Key": f"{results.prefix}{RUN_ID}/{status}_0.json", "Size": len(data)}]
    arn = f"arn:aws:states:us-west-2:111122223333:mapRun:m/S3objectkeys:{RUN_ID}"
    results.put(f"{RUN_ID}/manifest.json", json.dumps({"DestinationBucket": bucket, "MapRunArn": arn, "ResultFiles": files},
                                                      separators=(",", ":"), sort_keys=True).encode())
    return f"{results.url}{RUN_ID}/manifest.json", arn


def listed(key, **others):
    return json.dumps({"Etag": '"00"', "Key": key, "LastModified": 1790204341, "Size": 10, "StorageClass": "STANDARD"} | others,
                      separators=(",", ":"))


def test_a_run_of_step_functions_is_redriven(avmap, server, place):
    source, destination, results = place("s3", "in"), place("s3", "out"), place("s3", "results")
    for name in "a.wav", "b c.wav", "d.wav", "e.wav":
        source.put(name, tiny_wav(200))
    batch = json.dumps({"BatchInput": {"x": 1}, "Items": [json.loads(listed("in/d.wav")), json.loads(listed("in/e.wav"))]})
    url, arn = native_run(source.bucket, results, {"SUCCEEDED": [listed("in/a.wav")], "FAILED": [listed("in/b c.wav")],
                                                  "PENDING": [batch]})

    alone = avmap("redrive", url, env=server.env())
    done = avmap("redrive", url, source.url, destination.url, *TO_MONO, env=server.env())

    assert alone.returncode == 2 and "SOURCE" in alone.stderr
    assert done.returncode == 0, done.stderr
    assert media_names(destination) == {"b c.wav.wav", "d.wav.wav", "e.wav.wav"}
    again = Generation(results, folder="Redrive-1/")
    assert again.manifest["MapRunArn"] == arn
    assert again.names("SUCCEEDED") == ["a.wav", "b c.wav", "d.wav", "e.wav"]
    (tried,) = (record for record in again.records("SUCCEEDED") if record.raw["RedriveCount"] == 1)
    assert tried.raw["Name"] == native_record("FAILED", "", 0)["Name"]
    assert avmap("redrive", f"{results.url}{RUN_ID}/Redrive-1/", env=server.env()).returncode == 0


def test_options_that_the_run_has_said_are_refused(avmap, server, at):
    source, destination, results = at("folder")
    url = first_run(avmap, server, (source, destination, results))

    for words in ([url, source.url, destination.url], [url, "--", "-ac", "2"], ["--suffix", ".mp3", url], [],
                  [source.url], [results.url]):
        done = avmap("redrive", *words)
        assert done.returncode == 2, (words, done.stderr)


def changed(results, change):
    manifest = json.loads(results.read(f"{RUN_ID}/manifest.json"))
    change(manifest)
    results.put(f"{RUN_ID}/manifest.json", json.dumps(manifest).encode())


def set_failed(**members):
    return lambda manifest: manifest["ResultFiles"]["FAILED"][0].update(members)


HOSTILE = {
    "a list": (lambda results: results.put(f"{RUN_ID}/manifest.json", b"[]"), "JSON object"),
    "no files": (lambda results: changed(results, lambda m: m.update(ResultFiles=3)), "lists no result files"),
    "no bucket": (lambda results: changed(results, lambda m: m.update(DestinationBucket=[])), "DestinationBucket"),
    "another bucket": (lambda results: changed(results, lambda m: m.update(DestinationBucket="other")), "bucket other"),
    "a file elsewhere": (lambda results: changed(results, set_failed(Key="other/FAILED_0.json")), "no result file"),
    "a path": (lambda results: changed(results, set_failed(Key=f"results/{RUN_ID}/../FAILED_0.json")), "no result file"),
    "another name": (lambda results: changed(results, set_failed(Key=f"results/{RUN_ID}/run.json")), "no result file"),
    "a number": (lambda results: changed(results, set_failed(Key=7)), "without Key"),
    "a wrong size": (lambda results: changed(results, set_failed(Size=7)), "not 7"),
    "a missing file": (lambda results: changed(results, set_failed(Key=f"results/{RUN_ID}/FAILED_9.json")), "not there"),
    "another run": (lambda results: results.put(f"{RUN_ID}/run.json", b'{"runId":"x"}'), "another run"),
    "no recipe": (lambda results: results.put(f"{RUN_ID}/run.json", json.dumps({"runId": RUN_ID, "source": "/x", "destination": "/y"}).encode()),
                  "does not say"),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_a_hostile_manifest_is_refused(avmap, server, at, case):
    source, destination, results = at("s3")
    url = first_run(avmap, server, (source, destination, results))
    change, hint = HOSTILE[case]
    change(results)

    done = avmap("redrive", url, env=server.env())

    assert done.returncode == 4, done.stderr
    assert hint in done.stderr
    assert not any("Redrive-" in name for name in results.names())


def test_records_that_are_none_cost_only_themselves(avmap, folder, server):
    source, results = folder("in"), folder("results")
    source.put("a.wav", tiny_wav(100))
    source.put("b.wav", BROKEN)
    url = first_run(avmap, server, (source, folder("out"), results))
    source.put("b.wav", tiny_wav(100))
    good = json.loads(results.read(f"{RUN_ID}/FAILED_0.json"))
    data = json.dumps([7, {"Input": 3}, {"Input": "{"}, {"Input": '{"Key":"../../x.wav"}'}, *good]).encode()
    results.put(f"{RUN_ID}/FAILED_0.json", data)
    changed(results, set_failed(Size=len(data)))

    done = avmap("redrive", url)

    assert done.returncode == 1, done.stderr
    again = Generation(results, folder="Redrive-1/")
    assert again.names("SUCCEEDED") == ["a.wav", "b.wav"]
    assert len(again.records("FAILED")) == 4
