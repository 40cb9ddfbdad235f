# SPDX-License-Identifier: MIT
"""What the tests work with: places to read from and write to, the program, its results, and ffmpeg as the judge."""

import functools
import http.server
import io
import json
import os
import signal
import subprocess
import tempfile
import time
import urllib.parse
import urllib.request
import wave
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TO_MONO = ("--suffix", ".wav", "--", "-ac", "1", "-ar", "48000")
IN_REAL_TIME = (*TO_MONO, "-af", "arealtime")


def absent(reason):
    """Something that the test needs is not here: a skip, unless nothing may be skipped."""
    if os.environ.get("AVMAP_REQUIRE_ALL") == "1":
        pytest.fail(f"needed, because AVMAP_REQUIRE_ALL=1: {reason}", pytrace=False)
    pytest.skip(reason)


def script(name, *args, env=None):
    """Runs one of our scripts and returns what it says."""
    done = subprocess.run([ROOT / "scripts" / name, *args], env={**os.environ, **(env or {})},
                          capture_output=True, text=True, stdin=subprocess.DEVNULL)
    if done.returncode:
        absent(f"scripts/{name}: {done.stderr.strip()}")
    return done.stdout.strip()


def sourced(env_file):
    """The variables that an env.sh sets."""
    text = subprocess.run(["env", "-i", "bash", "-c", '. "$1"; env -0', "bash", env_file],
                          check=True, capture_output=True, text=True).stdout
    return dict(line.split("=", 1) for line in text.split("\0") if line)


def wait_until(condition, seconds=60, what="it"):
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < deadline, f"{what} did not happen within {seconds} s"
        time.sleep(0.05)
    return value


# --- Places ---------------------------------------------------------------------------------------------------------


class Folder:
    """A directory tree, by relative names."""

    def __init__(self, path):
        self.path = Path(path)
        self.path.mkdir(parents=True, exist_ok=True)
        self.url = f"{self.path}/"

    def put(self, name, data):
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content(data))

    def names(self):
        return {str(path.relative_to(self.path)) for path in self.path.rglob("*") if not path.is_dir()}

    def read(self, name):
        return (self.path / name).read_bytes()

    def remove_one(self, name):
        (self.path / name).unlink()


class Bucket:
    """A prefix in a bucket, by names relative to it."""

    def __init__(self, s3, bucket, prefix=""):
        self.s3, self.bucket, self.prefix = s3, bucket, prefix
        self.url = f"s3://{bucket}/{prefix}"

    def at(self, prefix):
        return Bucket(self.s3, self.bucket, self.prefix + prefix)

    def put(self, name, data=b""):
        self.s3.put_object(Bucket=self.bucket, Key=self.prefix + name, Body=content(data))

    def names(self):
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=self.prefix)
        return {item["Key"][len(self.prefix):] for page in pages for item in page.get("Contents", [])}

    def head(self, name):
        return self.s3.head_object(Bucket=self.bucket, Key=self.prefix + name)

    def read(self, name):
        return self.s3.get_object(Bucket=self.bucket, Key=self.prefix + name)["Body"].read()

    def remove_one(self, name):
        self.s3.delete_object(Bucket=self.bucket, Key=self.prefix + name)

    def unfinished_uploads(self):
        return self.s3.list_multipart_uploads(Bucket=self.bucket).get("Uploads", [])

    def remove(self):
        for upload in self.unfinished_uploads():
            self.s3.abort_multipart_upload(Bucket=self.bucket, Key=upload["Key"], UploadId=upload["UploadId"])
        # One by one: the XML that deletes many cannot name a key with control characters.
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda key: self.s3.delete_object(Bucket=self.bucket, Key=key),
                          Bucket(self.s3, self.bucket).names()))
        self.s3.delete_bucket(Bucket=self.bucket)


def content(data):
    return data.read_bytes() if isinstance(data, Path) else data


def media_names(place):
    """What is in a place besides the files of runs."""
    return {name for name in place.names() if not name.startswith("_avmap/")}


# --- The program ----------------------------------------------------------------------------------------------------

FOREIGN = ("AWS_", "AVMAP_", "BOB_", "S3_", "SLURM_", "JOB_COMPLETION_", "SSL_CERT_")


class Avmap:
    """The program under test, in an environment without credentials, settings or a home."""

    def __init__(self, program, home):
        self.program, self.home, self.secrets, self.running = program, home, [], []

    def environment(self, extra):
        inherited = {name: value for name, value in os.environ.items()
                     if not name.startswith(FOREIGN) and not name.lower().endswith("_proxy")}
        return {**inherited, "HOME": str(self.home), "AWS_EC2_METADATA_DISABLED": "true", **(extra or {})}

    def __call__(self, *args, env=None, stdin="", timeout=180):
        done = subprocess.run([self.program, *map(str, args)], env=self.environment(env), input=stdin,
                              capture_output=True, encoding="utf-8", errors="backslashreplace", timeout=timeout)
        self.check_secrets(done.stdout + done.stderr)
        assert done.returncode >= 0, f"ended by signal {-done.returncode}: {done.stderr}"
        return done

    def start(self, *args, env=None):
        """Runs in the background; .communicate() gives its output."""
        process = subprocess.Popen([self.program, *map(str, args)], env=self.environment(env),
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                   encoding="utf-8", errors="backslashreplace")
        self.running.append(process)
        return process

    def check_secrets(self, text):
        assert not [secret for secret in self.secrets if secret in text], "a secret was printed"

    def end(self):
        for process in self.running:
            if process.poll() is None:
                process.send_signal(signal.SIGKILL)
            process.communicate()


# --- Services ------------------------------------------------------------------------------------------------------


class Answering(http.server.BaseHTTPRequestHandler):
    """Answers with bytes as they are and with anything else in JSON, and logs nothing."""

    def answer(self, status, content):
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


# --- Result files ---------------------------------------------------------------------------------------------------


class Record:
    """One object's record in a result file."""

    def __init__(self, raw):
        self.raw = raw
        self.status = raw["Status"]
        self.input = json.loads(raw["Input"])
        self.output = json.loads(raw["Output"]) if "Output" in raw else None
        self.key = self.input["Key"]
        self.error, self.cause = raw.get("Error"), raw.get("Cause")

    @property
    def skipped(self):
        return isinstance(self.output, dict) and bool(self.output.get("skipped"))

    def __repr__(self):
        return f"<{self.status} {self.key!r} {self.error or ''} {self.cause or ''}>"


class Results:
    """The files of one finished run; place holds exactly one, or the one named."""

    def __init__(self, place, run_id=None):
        names = place.names()
        manifests = [name for name in names if name.split("/")[-1] == "manifest.json"
                     and "Redrive-" not in name and (run_id is None or f"{run_id}/" in name)]
        assert len(manifests) == 1, f"one manifest expected, found {manifests} among {sorted(names)[:20]}"
        self.folder = manifests[0][:-len("manifest.json")]
        self.files = {name[len(self.folder):]: place.read(name) for name in names
                      if name.startswith(self.folder) and "/" not in name[len(self.folder):]}
        self.manifest = json.loads(self.files["manifest.json"])
        self.run = json.loads(self.files["run.json"]) if "run.json" in self.files else None
        self.succeeded, self.failed, self.pending = map(self.records, ("SUCCEEDED", "FAILED", "PENDING"))

    def records(self, status):
        files = [self.files[entry["Key"].split("/")[-1]] for entry in self.manifest["ResultFiles"][status]]
        return [Record(raw) for file in files for raw in json.loads(file)]

    @property
    def all(self):
        return self.succeeded + self.failed + self.pending

    @property
    def made(self):
        return [record for record in self.succeeded if not record.skipped]


# --- Media ----------------------------------------------------------------------------------------------------------


def tiny_wav(samples, rate=48000):
    """A mono ramp of so many 16-bit samples."""
    ramp = b"".join(n.to_bytes(2, "little") for n in range(1000))
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(1)
        writer.setsampwidth(2)
        writer.setframerate(rate)
        writer.writeframes((ramp * (samples // 1000 + 1))[:2 * samples])
    return file.getvalue()


def long_tone(path, seconds, rate=8000):
    """A small file that decodes to much."""
    subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-f", "lavfi",
                    "-i", f"sine=sample_rate={rate}:duration={seconds}", "-c:a", "flac", path], check=True)
    return path


@functools.cache
def held():
    """A small file that a run IN_REAL_TIME is at for five minutes, so that it is still there when a test looks."""
    return subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-f", "lavfi", "-i", "anullsrc=r=8000:cl=mono",
                           "-t", "300", "-c:a", "flac", "-f", "flac", "-"], check=True, capture_output=True).stdout


def probe(data):
    """The streams of a result, as ffprobe sees them."""
    with tempfile.NamedTemporaryFile() as file:
        file.write(content(data))
        file.flush()
        text = subprocess.run(["ffprobe", "-v", "error", "-show_streams", "-of", "json", file.name],
                              check=True, capture_output=True).stdout
    return json.loads(text)["streams"]


def samples(data):
    """The first audio stream of a result as 16-bit samples, as ffmpeg decodes it."""
    with tempfile.NamedTemporaryFile() as file:
        file.write(content(data))
        file.flush()
        return subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-i", file.name, "-map", "0:a:0", "-f", "s16le",
                               "-"], check=True, capture_output=True).stdout


def by_ffmpeg(path, *options, suffix=".wav"):
    """What the ffmpeg program makes of a file with the same options."""
    with tempfile.NamedTemporaryFile(suffix=suffix) as file:
        subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-y", "-i", path, *options, file.name], check=True)
        return Path(file.name).read_bytes()


def assert_mono_48k(data, expected_samples=None):
    (stream,) = probe(data)
    assert (stream["channels"], stream["sample_rate"]) == (1, "48000"), stream
    if expected_samples is not None:
        assert len(samples(data)) // 2 == expected_samples


# --- Faults ---------------------------------------------------------------------------------------------------------


HELD_OUT = {"AWS_MAX_ATTEMPTS": "100"} # enough for what Faults.hold keeps back


class Faults:
    """The fault proxy's controls; scripts/fault-proxy.conf.in lists the settings."""

    def __init__(self, endpoint, control, folder):
        self.endpoint, self.control, self.folder = endpoint, control, Path(folder)

    def set(self, **settings):
        """These settings, instead of the former."""
        self.clear()
        self.ask("/set?" + urllib.parse.urlencode(settings))

    def hold(self, match, after=0):
        """Requests that match, but for the first so many, do not come through until clear(); see HELD_OUT."""
        self.set(mode="slowdown", match=match, after=after, retry_after=1)

    def clear(self):
        self.ask("/clear")

    def stats(self):
        return dict(line.split("=", 1) for line in self.ask("/stats").splitlines())

    @property
    def count(self):
        """How many faults were made since the settings changed."""
        return int(self.stats().get("n_fault", 0))

    def log(self):
        """A line for every request so far, "METHOD URI STATUS ..."."""
        return (self.folder / "access.log").read_text().splitlines()

    def ask(self, path):
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        return opener.open(self.control + path, timeout=30).read().decode()
