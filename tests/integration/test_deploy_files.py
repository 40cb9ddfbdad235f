# SPDX-License-Identifier: MIT
"""scripts/deploy, held against public validators, and its command lines run.

No AWS Batch, Step Functions or Kubernetes is here: what they would start is started by the tests.
"""

import fcntl
import json
import shutil
import subprocess
from pathlib import Path

import botocore.loaders
import botocore.validate
import pytest
from botocore.model import ServiceModel

from lab import ROOT, absent, media_names, tiny_wav

DEPLOY = ROOT / "scripts" / "deploy"
EXECUTION = "0368d065-1670-3b07-acfb-99a58f74a638" # a child execution of a Distributed Map has such a name


class Validators:
    """The npm packages of validators/, installed once into build/."""

    def __init__(self):
        self.source, self.folder = Path(__file__).parent / "validators", ROOT / "build" / "validators"
        if not shutil.which("npm"):
            absent("npm is not installed")
        self.folder.mkdir(parents=True, exist_ok=True)
        with open(self.folder / "lock", "w") as lock: # several processes run the tests
            fcntl.flock(lock, fcntl.LOCK_EX)
            self.install()

    def install(self):
        wanted, stamp = (self.source / "package-lock.json").read_text(), self.folder / "installed"
        for file in self.source.iterdir():
            shutil.copy(file, self.folder)
        if stamp.exists() and stamp.read_text() == wanted:
            return
        done = subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=self.folder,
                              capture_output=True, text=True, stdin=subprocess.DEVNULL)
        if done.returncode:
            absent(f"npm cannot install the validators: {done.stderr.strip()[-300:]}")
        stamp.write_text(wanted)

    def __call__(self, script, *args, stdin=""):
        return subprocess.run(["node", script, *map(str, args)], cwd=self.folder, input=stdin, capture_output=True,
                              text=True)


@pytest.fixture(scope="session")
def validators():
    return Validators()


@pytest.fixture
def source(folder):
    for n in range(12):
        folder("in").put(f"{n:02}.wav", tiny_wav(100 * (n + 1)))
    return folder("in")


def read(name):
    return json.loads((DEPLOY / name).read_text())


def in_folders(command, folder):
    """A command of scripts/deploy, with the buckets named there replaced by folders."""
    places = {"s3://my-input/media-assets/": folder("in").url, "s3://my-output/output/": folder("out").url}
    for place, url in places.items():
        command = [word.replace(place, url) for word in command]
    return command


def assert_complete(folder, source):
    (manifest,) = [name for name in folder("out").names() if name.count("/") == 2 and name.endswith("manifest.json")]
    run = json.loads(folder("out").read(manifest.replace("manifest", "run")))
    assert run["itemCounts"]["succeeded"] == run["itemCounts"]["total"] == len(source.names())
    assert media_names(folder("out")) == {f"{name}.wav" for name in source.names()}


# --- AWS Batch ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("operation, name", [("RegisterJobDefinition", "job-definition"), ("SubmitJob", "submit-array"),
                                             ("SubmitJob", "submit-merge")])
def test_aws_batch_s_service_model_takes_the_requests(operation, name):
    model = ServiceModel(botocore.loaders.Loader().load_service_model("batch", "service-2"))
    request = (DEPLOY / "aws-batch" / f"{name}.json").read_text()

    report = botocore.validate.ParamValidator().validate(json.loads(request),
                                                         model.operation_model(operation).input_shape)

    assert not report.has_errors(), report.generate_report()
    assert len(request) < (24 if "definition" in name else 30) * 1024


def test_aws_batch_repeats_what_another_attempt_may_cure():
    definition = read("aws-batch/job-definition.json")
    retry = definition["retryStrategy"]

    assert 1 <= retry["attempts"] <= 10 and len(retry["evaluateOnExit"]) <= 5
    assert retry["evaluateOnExit"][-1] == {"onReason": "*", "action": "EXIT"}, "no match would mean: again"
    assert {rule["onExitCode"] for rule in retry["evaluateOnExit"] if "onExitCode" in rule} == {"4", "137", "143"}
    (grace,) = [entry["value"] for entry in definition["containerProperties"]["environment"]
                if entry["name"] == "AVMAP_GRACE"]
    assert int(grace.rstrip("s")) < 30, "Batch kills 30 s after TERM"


def test_the_commands_for_aws_batch_do_a_whole_run(avmap, folder, source):
    array, merge = (read(f"aws-batch/{name}.json")["containerOverrides"]["command"]
                    for name in ("submit-array", "submit-merge"))
    environment = {entry["name"]: entry["value"]
                   for entry in read("aws-batch/job-definition.json")["containerProperties"]["environment"]}

    for index in range(3):
        done = avmap(*in_folders(array, folder), env={**environment, "AWS_BATCH_JOB_ARRAY_INDEX": str(index),
                                                      "AWS_BATCH_JOB_ARRAY_SIZE": "3"})
        assert done.returncode == 0, done.stderr
        for line in (done.stdout + done.stderr).splitlines():
            json.loads(line)
    merged = avmap(*in_folders(merge, folder), env=environment)

    assert merged.returncode == 0, merged.stderr
    assert_complete(folder, source)


# --- Kubernetes -----------------------------------------------------------------------------------------------------


@pytest.fixture
def jobs(validators):
    done = validators("kubernetes.js", DEPLOY / "kubernetes" / "job.yaml", DEPLOY / "kubernetes" / "merge.yaml")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_the_kubernetes_api_s_schema_takes_the_jobs_and_no_misspelt_field(validators, jobs, tmp_path):
    job, _ = jobs
    policy = job["spec"]["podFailurePolicy"]["rules"]

    assert job["spec"]["completionMode"] == "Indexed"
    codes = {rule["action"]: rule["onExitCodes"]["values"] for rule in policy if "onExitCodes" in rule}
    assert codes == {"FailJob": [2], "FailIndex": [1, 3], "Count": [4, 137, 143]}
    misspelt = tmp_path / "job.yaml"
    text = (DEPLOY / "kubernetes" / "job.yaml").read_text()
    misspelt.write_text(text.replace("maxFailedIndexes", "maxFailedIndices"))
    refused = validators("kubernetes.js", misspelt)
    assert refused.returncode != 0 and "maxFailedIndices" in refused.stderr


def test_the_commands_for_kubernetes_do_a_whole_run(avmap, jobs, folder, source):
    job, merge = (job["spec"]["template"]["spec"]["containers"][0]["args"] for job in jobs)

    for index in range(jobs[0]["spec"]["completions"]):
        command = [word.replace("$(JOB_COMPLETION_INDEX)", str(index)) for word in in_folders(job, folder)]
        done = avmap(*command, env={"JOB_COMPLETION_INDEX": str(index)})
        assert done.returncode == 0, done.stderr
    merged = avmap(*in_folders(merge, folder))

    assert merged.returncode == 0, merged.stderr
    assert_complete(folder, source)


# --- Step Functions -------------------------------------------------------------------------------------------------

MACHINE = DEPLOY / "step-functions" / "state-machine.json"


def test_asl_validator_takes_the_state_machine_and_no_wrong_one(validators, tmp_path):
    script = "node_modules/asl-validator/dist/bin/asl-validator.js"
    done = validators(script, "--json-path", MACHINE)
    assert done.returncode == 0, done.stdout + done.stderr

    wrong = tmp_path / "wrong.json"
    wrong.write_text(MACHINE.read_text().replace('"Next": "Transcode"', '"Next": "Nowhere"'))
    assert validators(script, "--json-path", wrong).returncode != 0


def test_a_batch_of_the_state_machine_is_a_run(avmap, server, s3, bucket, validators, results):
    """What the two states of a child execution would do to a batch of a listing, done by the test."""
    for n in range(3):
        bucket.put(f"in/a b {n}.wav", tiny_wav(1000))
    listed = s3.list_objects_v2(Bucket=bucket.bucket, Prefix="in/")["Contents"]
    batch_input = {"lists": {"bucket": bucket.bucket, "prefix": "lists/"}, "destination": bucket.at("out/").url,
                   "suffix": ".flac", "options": ["-ac", "1"]}
    items = [{"Bucket": bucket.bucket, "Key": item["Key"], "Size": item["Size"], "Etag": item["ETag"]}
             for item in listed]

    def arguments(state, given):
        done = validators("step-functions.js", stdin=json.dumps({
            "machine": str(MACHINE), "path": ["Each batch of objects", state], "input": given,
            "context": {"Execution": {"Name": EXECUTION}}}))
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    put = arguments("Write the list", {"BatchInput": batch_input, "Items": items})
    s3.put_object(Bucket=put["Bucket"], Key=put["Key"], Body=json.dumps(put["Body"]), ContentType=put["ContentType"])
    submitted = arguments("Transcode", batch_input)
    model = ServiceModel(botocore.loaders.Loader().load_service_model("batch", "service-2"))
    request = {"jobName": submitted["JobName"], "jobQueue": submitted["JobQueue"],
               "jobDefinition": submitted["JobDefinition"],
               "containerOverrides": {"command": submitted["ContainerOverrides"]["Command"]}}
    report = botocore.validate.ParamValidator().validate(request, model.operation_model("SubmitJob").input_shape)
    assert not report.has_errors(), report.generate_report()

    done = avmap(*submitted["ContainerOverrides"]["Command"], env=server.env())

    assert done.returncode == 0, done.stderr
    assert len(results(bucket.at("out/"), EXECUTION).made) == 3
    assert media_names(bucket.at("out/")) == {f"in/a b {n}.wav.flac" for n in range(3)}
