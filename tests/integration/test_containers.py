# SPDX-License-Identifier: MIT
"""The image of scripts/deploy under what plays AWS Batch: the job definition and requests of scripts/deploy/aws-batch,
carried out with real containers.

AVMAP_TEST_IMAGE_ENV names the env.sh of scripts/container-image when that has run already.
"""

import fnmatch
import json
import os
import subprocess
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest

from lab import HELD_OUT, ROOT, Results, absent, long_tone, media_names, script, sourced, tiny_wav, wait_until

REQUESTS = ROOT / "scripts" / "deploy" / "aws-batch"
HOST_LOST = "Host EC2 (instance i-0123456789abcdef0) terminated."
ITEMS = 18


@pytest.fixture(scope="session")
def image():
    """How podman finds the image."""
    if not (env := os.environ.get("AVMAP_TEST_IMAGE_ENV")):
        if os.geteuid():
            absent("only root can build an image here")
        env = script("container-image").splitlines()[-1] + "/env.sh"
    return sourced(env)


class Attempt:
    """One container of one job; stop() is what Batch does when the host goes away or the time is over."""

    def __init__(self, image, arguments, folder):
        self.image, self.arguments, self.name = image, arguments, f"avmap-{uuid.uuid4().hex}"
        self.folder = folder # where podman leaves a note when the memory was not enough
        self.status_reason = "Essential container in task exited"

    def podman(self, *arguments):
        return subprocess.run(["podman", "--runtime", "runc", *arguments], env={**os.environ, **self.image},
                              cwd=self.folder, stdin=subprocess.DEVNULL, capture_output=True, text=True)

    def run(self):
        done = self.podman("run", "--rm", "--name", self.name, *self.arguments)
        self.exit_code, self.output = done.returncode, done.stdout + done.stderr
        return self

    def kill(self):
        """Whether it was there to be killed."""
        return self.podman("kill", "--signal", "KILL", self.name).returncode == 0

    def stop(self, reason):
        self.status_reason = reason
        done = self.podman("stop", "--time", "30", self.name)
        assert done.returncode == 0, done.stderr


class Batch:
    """AWS Batch, as far as the job definition and the requests ask for it."""

    def __init__(self, image, scratch, environment, bucket):
        self.definition = json.loads((REQUESTS / "job-definition.json").read_text())
        self.image, self.scratch, self.bucket = image, scratch, bucket
        self.environment = environment
        self.limits = [] # podman's options of every container
        self.attempts, self.lock = {}, threading.Lock() # by child, in their order

    def request(self, name, **changes):
        """A request of scripts/deploy, for this bucket."""
        text = (REQUESTS / f"{name}.json").read_text().replace("s3://my-input/", self.bucket.at("in/").url)
        request = json.loads(text.replace("s3://my-output/output/", self.bucket.at("out/").url))
        return {**request, **changes}

    def arguments(self, request, environment):
        container = {**self.definition["containerProperties"], **request["containerOverrides"]}
        options = ["--network", "host", "--user", container["user"], "--ulimit", "nofile=1024:1024",
                   "--ulimit", "nproc=1000:1000", *self.limits]
        if container["readonlyRootFilesystem"]:
            options += ["--read-only", "--read-only-tmpfs=false"]
        volumes = {volume["name"]: self.scratch for volume in container["volumes"]}
        for mount in container["mountPoints"]:
            options += ["--volume", f"{volumes[mount['sourceVolume']]}:{mount['containerPath']}"]
        defined = {entry["name"]: entry["value"] for entry in container["environment"]}
        for name, value in {**defined, **self.environment, **environment}.items():
            options += ["--env", f"{name}={value}"]
        return [*options, self.image["AVMAP_IMAGE"], *container["command"]]

    def again(self, attempt):
        """The action of the first rule that matches; without one, another attempt."""
        actual = {"onExitCode": str(attempt.exit_code), "onStatusReason": attempt.status_reason, "onReason": ""}
        for rule in self.definition["retryStrategy"]["evaluateOnExit"]:
            if all(fnmatch.fnmatchcase(actual[name], pattern) for name, pattern in rule.items() if name != "action"):
                return rule["action"] == "RETRY"
        return True

    def job(self, request, job_id, index=None):
        array = {} if index is None else {"AWS_BATCH_JOB_ARRAY_INDEX": str(index),
                                          "AWS_BATCH_JOB_ARRAY_SIZE": str(request["arrayProperties"]["size"])}
        for number in range(1, self.definition["retryStrategy"]["attempts"] + 1):
            variables = {"AWS_BATCH_JOB_ID": job_id, "AWS_BATCH_JOB_ATTEMPT": str(number), "AWS_BATCH_JQ_NAME": "avmap",
                         "AWS_BATCH_CE_NAME": "avmap", **array}
            attempt = Attempt(self.image, self.arguments(request, variables), self.scratch)
            with self.lock:
                self.attempts.setdefault(index, []).append(attempt)
            if attempt.run().exit_code == 0:
                return True
            if not self.again(attempt):
                return False
        return False

    def submit(self, request):
        """Whether the job succeeded; an array does when every child does."""
        job_id = str(uuid.uuid4())
        if "arrayProperties" not in request:
            return self.job(request, job_id)
        size = request["arrayProperties"]["size"]
        with ThreadPoolExecutor(size) as pool:
            return all(list(pool.map(lambda index: self.job(request, f"{job_id}:{index}", index), range(size))))

    def codes(self, child=None):
        return [attempt.exit_code for attempt in self.attempts[child]]

    def output(self):
        return "\n".join(attempt.output for attempts in self.attempts.values() for attempt in attempts)


@pytest.fixture
def batch(image, server, fault, bucket, tmp_path):
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    scratch.chmod(0o1777)
    return Batch(image, scratch, server.env(endpoint=fault.endpoint, **HELD_OUT), bucket)


def with_items(bucket):
    for n in range(ITEMS):
        bucket.put(f"in/media-assets/{n:02}.wav", tiny_wav(100 * (n + 1)))


def merged(bucket):
    """run.json of the whole run, and the keys that the merged manifest lists as succeeded."""
    place = bucket.at("out/")
    (folder,) = {name.split("/")[1] for name in place.names() if name.startswith("_avmap/")}
    manifest = json.loads(place.read(f"_avmap/{folder}/manifest.json"))
    keys = [json.loads(record["Input"])["Key"] for entry in manifest["ResultFiles"]["SUCCEEDED"]
            for record in json.loads(place.read(entry["Key"][len(place.prefix):]))]
    return json.loads(place.read(f"_avmap/{folder}/run.json")), sorted(keys)


def test_an_array_and_its_merge_end_as_an_undisturbed_run(avmap, server, fault, bucket, batch):
    """One child loses its host half way, one is killed at once; both are run again."""
    with_items(bucket)
    fault.hold("GET .*/in/.*wav", after=3)
    array = batch.request("submit-array", arrayProperties={"size": 3})
    array["containerOverrides"]["command"].insert(1, "--jobs=1")
    with ThreadPoolExecutor(1) as pool:
        job = pool.submit(batch.submit, array)
        wait_until(lambda: len(media_names(bucket.at("out/"))) >= 3 or job.done(), what="the first results")
        wait_until(lambda: batch.attempts[1][0].kill(), what="the death of one")
        batch.attempts[0][0].stop(HOST_LOST)
        fault.clear()
        assert job.result(), batch.output()

    assert [batch.codes(child) for child in range(3)] == [[143, 0], [137, 0], [0]], batch.output()
    assert batch.submit(batch.request("submit-merge")), batch.output()
    run, keys = merged(bucket)
    assert keys == [f"in/media-assets/{n:02}.wav" for n in range(ITEMS)]
    assert run["itemCounts"]["total"] == ITEMS and run["status"] == "SUCCEEDED"
    calm = bucket.at("calm/")
    assert avmap("run", bucket.at("in/media-assets/").url, calm.url, "--suffix", ".wav", "--", "-ac", "1", "-ar",
                 "48000", env=server.env()).returncode == 0
    assert media_names(bucket.at("out/")) == media_names(calm)
    for name in media_names(calm):
        assert bucket.at("out/").read(name) == calm.read(name), name
    attempts = [json.loads(bucket.at("out/").read(name))["environment"]["AWS_BATCH_JOB_ATTEMPT"]
                for name in bucket.at("out/").names() if "/shard-" in name and name.endswith("/run.json")]
    assert sorted(attempts) == ["1", "1", "2", "2"] # the killed attempt left none


def test_items_that_fail_are_not_tried_again_and_their_status_says_so(bucket, batch):
    bucket.put("in/media-assets/broken.wav", b"no media at all")
    request = batch.request("submit-array")
    del request["arrayProperties"]
    command = request["containerOverrides"]["command"]
    at = command.index("--tolerated-failure-percentage")
    del command[at:at + 2]

    assert not batch.submit(request)

    assert batch.codes() == [1]
    (line,) = [json.loads(line) for line in batch.output().splitlines() if '"Media.' in line]
    assert (line["status"], line["item"]) == ("FAILED", "in/media-assets/broken.wav")


def test_a_wrong_command_line_ends_at_once_with_2(batch):
    request = batch.request("submit-merge")
    request["containerOverrides"]["command"] = ["run", "--no-such-option"]

    assert not batch.submit(request)

    assert batch.codes() == [2]


def test_what_is_killed_for_memory_is_tried_again_and_chosen_limits_fit(bucket, batch, tmp_path):
    """100 MiB of a result that cannot be sent while it is made, within a container of 72 MiB: by itself avmap stays
    below; told to take more, it is killed."""
    bucket.put("in/media-assets/long.flac", long_tone(tmp_path / "long.flac", 1100))
    batch.limits = ["--memory", "72m", "--memory-swap", "72m"]
    request = batch.request("submit-array")
    del request["arrayProperties"]
    command = request["containerOverrides"]["command"]
    command[command.index(".wav")] = ".avi"
    command += ["-c:a", "pcm_s16le"]
    batch.environment["AVMAP_MEMORY"] = "1G"
    batch.definition["retryStrategy"]["attempts"] = 2
    assert not batch.submit(request)
    assert batch.codes() == [137, 137], batch.output()

    batch.attempts.clear()
    del batch.environment["AVMAP_MEMORY"]
    assert batch.submit(request), batch.output()

    assert batch.codes() == [0]
    (record,) = Results(bucket.at("out/")).made
    assert record.output["bytes"] > 100 << 20
