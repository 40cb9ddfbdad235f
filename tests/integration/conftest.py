# SPDX-License-Identifier: MIT
"""Fixtures: a real S3 server, a proxy that makes it fail, generated media, and the program under test.

AVMAP names the program (build/avmap), AVMAP_TEST_S3_ENV the env.sh of a server that runs already, and
AVMAP_REQUIRE_ALL=1 turns a skip for want of a tool into a failure.
"""

import os
import shutil
import subprocess
import uuid
from pathlib import Path

import boto3
import pytest
from botocore.config import Config

from lab import ROOT, Avmap, Bucket, Faults, Folder, Results, absent, script, sourced

# Minutes, most of them for the image: make check-containers.
collect_ignore = [] if os.environ.get("AVMAP_CONTAINERS") else ["test_containers.py"]


class Server:
    """Where the S3 server is, and as whom to talk to it."""

    def __init__(self, variables):
        self.endpoint = variables["S3_ENDPOINT"]
        self.tls_endpoint = variables["S3_TLS_ENDPOINT"]
        self.virtual_host = variables["S3_VHOST"]
        self.ca = variables["S3_CA"]
        self.region = variables["AWS_DEFAULT_REGION"]
        self.keys = {
            "alice": (variables["AWS_ACCESS_KEY_ID"], variables["AWS_SECRET_ACCESS_KEY"]),
            "bob": (variables["BOB_ACCESS_KEY_ID"], variables["BOB_SECRET_ACCESS_KEY"]),
        }

    def env(self, user="alice", endpoint=None, **others):
        """The environment of a program that uses the server."""
        key, secret = self.keys[user]
        return {"AWS_ACCESS_KEY_ID": key, "AWS_SECRET_ACCESS_KEY": secret, "AWS_DEFAULT_REGION": self.region,
                "AWS_ENDPOINT_URL_S3": endpoint or self.endpoint, **others}


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    if running := os.environ.get("AVMAP_TEST_S3_ENV"):
        yield Server(sourced(running))
        return
    folder = tmp_path_factory.mktemp("s3-server")
    script("s3-server", "start", folder)
    try:
        yield Server(sourced(folder / "env.sh"))
    finally:
        script("s3-server", "stop", folder)


@pytest.fixture(scope="session")
def s3(server):
    key, secret = server.keys["alice"]
    session = boto3.session.Session(aws_access_key_id=key, aws_secret_access_key=secret, region_name=server.region)
    return session.client("s3", endpoint_url=server.endpoint, verify=False,
                          config=Config(s3={"addressing_style": "path"}, max_pool_connections=32, proxies={}))


@pytest.fixture
def bucket(s3):
    bucket = Bucket(s3, f"avmap-{uuid.uuid4().hex}")
    s3.create_bucket(Bucket=bucket.bucket)
    yield bucket
    bucket.remove()


@pytest.fixture(scope="session")
def fault_proxy(server, tmp_path_factory):
    folder = tmp_path_factory.mktemp("fault-proxy")
    script("fault-proxy", "start", folder, env={"FAULT_UPSTREAM": server.endpoint.split("//")[1]})
    try:
        variables = sourced(folder / "env.sh")
        yield Faults(variables["FAULT_ENDPOINT"], variables["FAULT_CONTROL"], folder)
    finally:
        script("fault-proxy", "stop", folder)


@pytest.fixture
def fault(fault_proxy):
    fault_proxy.clear()
    yield fault_proxy
    fault_proxy.clear()


@pytest.fixture(scope="session")
def media(tmp_path_factory):
    folder = tmp_path_factory.mktemp("media")
    script("make-test-media", folder, "test")
    return folder


@pytest.fixture
def avmap(tmp_path_factory, request):
    program = Path(os.environ.get("AVMAP") or ROOT / "build" / "avmap").absolute()
    if not os.access(program, os.X_OK):
        absent(f"{program} is not there; run make, or name the program in AVMAP")
    avmap = Avmap(program, tmp_path_factory.mktemp("home"))
    if "server" in request.fixturenames:
        avmap.secrets = [secret for _, secret in request.getfixturevalue("server").keys.values()]
    yield avmap
    avmap.end()


@pytest.fixture
def folder(tmp_path):
    """folder(name): an empty directory as a place."""
    return lambda name: Folder(tmp_path / name)


@pytest.fixture
def place(request, folder):
    """place(kind, name): an empty place, where kind is "folder" or "s3"."""
    def make(kind, name):
        return folder(name) if kind == "folder" else request.getfixturevalue("bucket").at(f"{name}/")
    return make


@pytest.fixture
def results():
    """results(place or directory): the files of the run that is recorded below it."""
    def read(where, run_id=None):
        return Results(Folder(where) if isinstance(where, (str, Path)) else where, run_id)
    return read


@pytest.fixture
def small_disk(tmp_path):
    """A mounted file system of 1 MiB."""
    mount_point = tmp_path / "small-disk"
    mount_point.mkdir()
    if os.geteuid() or not shutil.which("mount"):
        absent("only root can mount a small file system")
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", mount_point],
                          capture_output=True, text=True)
    if done.returncode:
        absent(f"cannot mount a small file system here: {done.stderr.strip()}")
    yield mount_point
    subprocess.run(["umount", "-l", mount_point], check=True)
