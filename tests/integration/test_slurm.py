# SPDX-License-Identifier: MIT
"""Job arrays on a real Slurm cluster: whatever happens to elements, the run ends complete or says what is missing."""

import json
import os
import signal
import subprocess
import uuid
from pathlib import Path

import pytest

from lab import HELD_OUT, ROOT, TO_MONO, media_names, script, sourced, tiny_wav, wait_until

DEPLOY = ROOT / "scripts" / "deploy" / "slurm"
SHARDS = 3
NODES = 4 # one is lost
ITEMS = 60


class Cluster:
    """A Slurm cluster on this machine, and jobs that run the program under test."""

    def __init__(self, folder):
        script("slurm-cluster", "start", folder, env={"SLURM_NODES": str(NODES)})
        self.folder = Path(folder)
        self.variables = sourced(self.folder / "env.sh")
        self.commands = {**os.environ, **self.variables}

    def ask(self, *command, env=None):
        return subprocess.run(command, env={**self.commands, **(env or {})}, cwd=self.folder, check=True,
                              capture_output=True, text=True).stdout.strip()

    def jobs(self, array):
        """The fields that scontrol shows of each element of an array, by index, or of one job."""
        elements = {}
        for text in self.ask("scontrol", "-o", "show", "job", str(array)).splitlines():
            job = dict(field.split("=", 1) for field in text.split() if "=" in field)
            elements[job.get("ArrayTaskId", "")] = job
        return elements

    def wait(self, job):
        """Until it has ended; its fields then."""
        ended = ("COMPLETED", "FAILED", "CANCELLED", "TIMEOUT", "NODE_FAIL")
        wait_until(lambda: all(job["JobState"] in ended for job in self.jobs(job).values()), seconds=180,
                   what=f"the end of {job}")
        return self.jobs(job)

    def log(self, job):
        return "".join(path.read_text() for path in self.folder.glob(f"slurm-{job}*.out"))

    def kill_node_of(self, job):
        """As when its power fails: the daemon and all that runs the job, at once."""
        node, number = job["NodeList"], job["JobId"]
        ours = f"SLURM_CONF={self.folder}/slurm.conf".encode()
        os.kill(int((self.folder / f"{node}.pid").read_text()), signal.SIGKILL)
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                environment = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
                step = Path(f"/proc/{pid}/cmdline").read_bytes().startswith(f"slurmstepd: [{number}.".encode())
                if ours in environment and (step or f"SLURM_JOB_ID={number}".encode() in environment):
                    os.kill(int(pid), signal.SIGKILL)
            except OSError: # gone meanwhile
                pass
        self.ask("scontrol", "update", f"nodename={node}", "state=down", "reason=killed")


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    folder = tmp_path_factory.mktemp("slurm")
    cluster = Cluster(folder)
    yield cluster
    script("slurm-cluster", "stop", folder)


class Array:
    """A run that scripts/deploy/slurm/submit submits, and may submit again."""

    def __init__(self, cluster, avmap, env, destination):
        self.cluster, self.destination, self.run_id = cluster, destination, str(uuid.uuid4())
        binaries = cluster.folder / "bin"
        binaries.mkdir(exist_ok=True)
        (binaries / "avmap").unlink(missing_ok=True)
        (binaries / "avmap").symlink_to(avmap.program)
        self.environment = {**avmap.environment(env), **cluster.variables, "AVMAP_RUN_ID": self.run_id,
                            "PATH": f"{binaries}:{os.environ['PATH']}"}

    def submit(self, *arguments):
        """Of submit, with RESULTS for where results go."""
        arguments = [f"{self.destination.url}_avmap/" if word == "RESULTS" else str(word) for word in arguments]
        done = subprocess.run([DEPLOY / "submit", *arguments], env=self.environment, cwd=self.cluster.folder,
                              capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        words = done.stdout.replace(",", "").replace(":", "").split()
        assert words[1] == self.run_id
        self.array, self.merge = words[4], words[8]

    def read(self, name):
        return json.loads(self.destination.read(f"_avmap/{self.run_id}/{name}"))

    def attempts(self, shard):
        """The folders of the attempts at a shard that came to an end."""
        start = f"_avmap/{self.run_id}/shard-0000{shard}-"
        return [name.split("/")[2] + "/" for name in self.destination.names()
                if name.startswith(start) and name.endswith("/manifest.json")]

    def records(self, folder=""):
        """Status by key, from a manifest; every key once."""
        statuses = {}
        for files in self.read(f"{folder}manifest.json")["ResultFiles"].values():
            for file in files:
                for record in self.read(file["Key"].split(f"{self.run_id}/")[1]):
                    key = json.loads(record["Input"])["Key"]
                    assert key not in statuses
                    statuses[key] = record["Status"]
        return statuses


@pytest.fixture
def source(bucket):
    for n in range(ITEMS):
        bucket.put(f"in/{n:02}.wav", tiny_wav(100 * (n + 1)))
    return bucket.at("in/")


@pytest.fixture
def array(cluster, avmap, server, fault, bucket):
    """A run from S3 to S3 that has some results and waits with the rest until clear(); its elements share only S3."""
    fault.hold("GET .*/in/.*wav", after=SHARDS)
    return Array(cluster, avmap, server.env(endpoint=fault.endpoint, **HELD_OUT), bucket.at("out/"))


def assert_as_undisturbed(avmap, server, source, bucket, array):
    """The same objects with the same bytes as one run on one machine makes, and a manifest of all."""
    calm = bucket.at("calm/")
    assert avmap("run", source.url, calm.url, *TO_MONO, env=server.env()).returncode == 0
    assert media_names(array.destination) == media_names(calm)
    for name in media_names(calm):
        assert array.destination.read(name) == calm.read(name), name
    assert array.records() == {f"in/{name}": "SUCCEEDED" for name in source.names()}


def test_a_run_survives_a_lost_node_and_a_requeued_element(avmap, server, fault, cluster, source, bucket, array):
    array.submit(SHARDS, "RESULTS", "--requeue", "--", source.url, array.destination.url, "--jobs", 1, *TO_MONO)
    wait_until(lambda: len(media_names(array.destination)) >= SHARDS, what="the first results")
    elements = cluster.jobs(array.array)
    assert {job["JobState"] for job in elements.values()} == {"RUNNING"}, elements

    cluster.kill_node_of(elements["1"])
    cluster.ask("scontrol", "requeue", f"{array.array}_2")
    fault.clear()

    ended = cluster.wait(array.array)
    assert {job["JobState"] for job in ended.values()} == {"COMPLETED"}, cluster.log(array.array)
    assert [ended[index]["Restarts"] for index in "012"] == ["0", "1", "1"]
    assert cluster.wait(array.merge)[""]["JobState"] == "COMPLETED", cluster.log(array.merge)
    assert_as_undisturbed(avmap, server, source, bucket, array)
    environments = [array.read(f"{array.attempts(shard)[0]}run.json")["environment"] for shard in range(SHARDS)]
    assert {environment["SLURM_ARRAY_JOB_ID"] for environment in environments} == {array.array}
    restarts = [{array.read(folder + "run.json")["environment"].get("SLURM_RESTART_COUNT", "0")
                 for folder in array.attempts(shard)} for shard in range(SHARDS)]
    assert restarts[0] == {"0"} and restarts[1] == {"1"} and "1" in restarts[2]


def test_what_was_cancelled_is_named_and_done_by_the_same_run_later(avmap, server, fault, cluster, source, bucket,
                                                                    array):
    line = ("RESULTS", source.url, array.destination.url, "--jobs", 1, *TO_MONO)
    array.submit("-c", 1, SHARDS, *line)
    wait_until(lambda: media_names(array.destination), what="the first result")

    cluster.ask("scancel", f"{array.array}_2")
    cluster.ask("scancel", f"{array.array}_0")
    wait_until(lambda: array.attempts(0), what="the end of the one at work")
    fault.clear()

    assert cluster.wait(array.array)["0"]["JobState"] == "CANCELLED"
    (cancelled,) = array.attempts(0)
    assert "PENDING" in array.records(cancelled).values()
    assert array.read(f"{cancelled}run.json")["status"] == "ABORTED"
    merge = cluster.wait(array.merge)[""]
    assert (merge["JobState"], merge["ExitCode"]) == ("FAILED", "1:0"), cluster.log(array.merge)
    assert "missing: 2" in cluster.log(array.merge)

    array.submit(SHARDS, *line)
    assert cluster.wait(array.merge)[""]["JobState"] == "COMPLETED", cluster.log(array.merge)
    assert_as_undisturbed(avmap, server, source, bucket, array)
