# SPDX-License-Identifier: MIT
"""Keys come from where AWS's own clients find them, and a run that outlives them gets new ones."""

import hashlib
import http.server
import json
import os
import re
import signal
import threading
import time
from datetime import datetime, timedelta, timezone

import pytest

from lab import TO_MONO, Answering, media_names, tiny_wav, wait_until

ITEMS = 6


@pytest.fixture
def source(bucket):
    for n in range(ITEMS):
        bucket.put(f"in/{n}.wav", tiny_wav(1000))
    return bucket.at("in/")


@pytest.fixture
def shared_files(tmp_path):
    """shared_files(config, credentials): the environment that names AWS's two shared files."""
    def write(config, credentials=""):
        (tmp_path / "config").write_text(config)
        (tmp_path / "credentials").write_text(credentials)
        return {"AWS_CONFIG_FILE": str(tmp_path / "config"),
                "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "credentials")}
    return write


class KeyService(http.server.ThreadingHTTPServer):
    """Hands keys out as ECS does; they last for so many seconds, and the service for so many answers."""

    def __init__(self, keys, seconds, answers=1000):
        super().__init__(("127.0.0.1", 0), Answer)
        self.keys, self.seconds, self.answers, self.asked = keys, seconds, answers, []
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}/keys"


class Answer(Answering):
    def do_GET(self):
        self.server.asked.append(self.headers.get("Authorization"))
        if len(self.server.asked) > self.server.answers:
            self.send_error(400)
            return
        key, secret = self.server.keys
        end = datetime.now(timezone.utc) + timedelta(seconds=self.server.seconds)
        self.answer(200, {"AccessKeyId": key, "SecretAccessKey": secret, "Token": "",
                          "Expiration": end.strftime("%Y-%m-%dT%H:%M:%SZ")})


@pytest.fixture
def key_service(server):
    services = []

    def start(seconds, **others):
        services.append(KeyService(server.keys["alice"], seconds, **others))
        return services[-1]
    yield start
    for service in services:
        service.shutdown()
        service.server_close()


def place_of(server, endpoint=None):
    return {"AWS_ENDPOINT_URL_S3": endpoint or server.endpoint, "AWS_DEFAULT_REGION": server.region}


def test_a_program_of_the_user_prints_the_keys(avmap, server, source, folder, shared_files, tmp_path):
    key, secret = server.keys["alice"]
    (tmp_path / "keys.json").write_text(json.dumps({"Version": 1, "AccessKeyId": key, "SecretAccessKey": secret}))
    files = shared_files(f"[profile work]\ncredential_process = cat {tmp_path}/keys.json\n")

    done = avmap("run", "--profile", "work", source.url, folder("out").url, *TO_MONO,
                 env={**place_of(server), **files})

    assert done.returncode == 0, done.stderr
    assert len(media_names(folder("out"))) == ITEMS


def test_a_program_that_fails_ends_the_run_before_it_begins(avmap, server, source, folder, shared_files):
    files = shared_files("[default]\ncredential_process = echo hidden-argument >&2; exit 3\n")

    done = avmap("run", source.url, folder("out").url, *TO_MONO, env={**place_of(server), **files})

    assert done.returncode == 4, done.stderr
    assert "credential_process: it ended with status 3" in done.stderr


def test_a_program_that_does_not_end_is_ended_with_the_run(avmap, server, source, folder, shared_files, tmp_path):
    pid = tmp_path / "pid"
    files = shared_files(f"[default]\ncredential_process = echo $$ >{pid}; echo '{{}}'; exec sleep 600 >&- 2>&-\n")

    process = avmap.start("run", "--grace", "1s", source.url, folder("out").url, *TO_MONO,
                          env={**place_of(server), **files})
    wait_until(lambda: pid.exists() and pid.read_text().strip(), what="the program")
    process.send_signal(signal.SIGTERM)
    _, stderr = process.communicate(timeout=30)

    assert process.returncode == 143, stderr
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid.read_text()), 0)


def test_a_profile_names_the_endpoint(avmap, server, source, folder, shared_files):
    key, secret = server.keys["alice"]
    files = shared_files(f"[default]\nregion = {server.region}\nservices = lab\n\n"
                         f"[services lab]\ns3 =\n  endpoint_url = {server.endpoint}\n",
                         f"[default]\naws_access_key_id = {key}\naws_secret_access_key = {secret}\n")

    done = avmap("run", source.url, folder("out").url, *TO_MONO, env=files)

    assert done.returncode == 0, done.stderr
    assert len(media_names(folder("out"))) == ITEMS


def test_a_broken_shared_file_is_named_with_its_line(avmap, server, source, folder, shared_files):
    files = shared_files("[default]\nregion = x\nnonsense\n")

    done = avmap("run", source.url, folder("out").url, *TO_MONO, env={**place_of(server), **files})

    assert done.returncode == 2, done.stderr
    assert "config: line 3:" in done.stderr


def test_a_run_outlives_its_keys(avmap, server, fault, source, folder, key_service, tmp_path):
    service = key_service(seconds=2)
    token = tmp_path / "token"
    token.write_text("first\n")
    fault.set(delay_ms=500)
    process = avmap.start("run", "--jobs", 1, source.url, folder("out").url, *TO_MONO,
                          env={**place_of(server, fault.endpoint), "AWS_CONTAINER_CREDENTIALS_FULL_URI": service.url,
                               "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": str(token)})
    deadline = time.monotonic() + 20
    while not service.asked and time.monotonic() < deadline:
        time.sleep(0.05)
    token.write_text("second\n")
    _, errors = process.communicate(timeout=60)

    assert process.returncode == 0, errors
    assert len(media_names(folder("out"))) == ITEMS
    assert len(service.asked) >= 2
    assert service.asked[0] == "first" and service.asked[-1] == "second"


def test_keys_that_cannot_be_renewed_leave_the_rest_pending(avmap, server, fault, source, folder, results,
                                                            key_service):
    service = key_service(seconds=2, answers=1)
    fault.set(delay_ms=700)

    done = avmap("run", "--jobs", 1, source.url, folder("out").url, *TO_MONO,
                 env={**place_of(server, fault.endpoint), "AWS_CONTAINER_CREDENTIALS_FULL_URI": service.url})

    assert done.returncode == 4, done.stderr
    run = results(folder("out"))
    assert run.pending and not run.failed, run.all
    assert len(run.all) == ITEMS
    assert "AWS_CONTAINER_CREDENTIALS_FULL_URI" in done.stderr


def test_keys_are_not_fetched_from_strange_hosts_in_clear(avmap, server, source, folder):
    done = avmap("run", source.url, folder("out").url, *TO_MONO,
                 env={**place_of(server), "AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://192.0.2.1/keys"})

    assert done.returncode == 4, done.stderr
    assert "192.0.2.1" in done.stderr and "trusted" in done.stderr


def test_places_without_keys_are_all_named(avmap, server, source, folder):
    done = avmap("run", source.url, folder("out").url, *TO_MONO, env=place_of(server))

    assert done.returncode == 4, done.stderr
    for place in ("AWS_ACCESS_KEY_ID", "profile default", "web identity", "container", "metadata",
                  "--no-sign-request"):
        assert place in done.stderr


class SsoService(http.server.ThreadingHTTPServer):
    """IAM Identity Center: gives a new token for a refresh token, and keys for the token that counts."""

    def __init__(self, keys, token):
        super().__init__(("127.0.0.1", 0), SsoAnswer)
        self.keys, self.token, self.refreshed = keys, token, []
        self.url = f"http://127.0.0.1:{self.server_port}"
        threading.Thread(target=self.serve_forever, daemon=True).start()


class SsoAnswer(Answering):
    def do_POST(self):
        sso, question = self.server, json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        sso.refreshed.append(question)
        if self.path != "/token" or question["refreshToken"] != "refresh-1":
            return self.answer(400, {"error": "invalid_grant"})
        sso.token = "token-2"
        return self.answer(200, {"accessToken": "token-2", "refreshToken": "refresh-2", "expiresIn": 3600,
                                 "tokenType": "Bearer"})

    def do_GET(self):
        sso = self.server
        if self.headers["x-amz-sso_bearer_token"] != sso.token or "role_name=Reader" not in self.path:
            return self.answer(401, {})
        return self.answer(200, {"roleCredentials": {
            "accessKeyId": sso.keys[0], "secretAccessKey": sso.keys[1], "sessionToken": "",
            "expiration": int(time.time() + 3600) * 1000}})


@pytest.fixture
def sso(server):
    service = SsoService(server.keys["alice"], "token-1")
    yield service
    service.shutdown()
    service.server_close()


@pytest.fixture
def cached_token(avmap):
    """cached_token(...): what "aws sso login" has left in the home of the session "dev"."""
    def write(seconds_left, **others):
        def date(seconds):
            return (datetime.now(timezone.utc) + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")
        path = avmap.home / ".aws" / "sso" / "cache" / f"{hashlib.sha1(b'dev').hexdigest()}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps({"startUrl": "https://dev.example", "region": "us-east-1", "accessToken": "token-1",
                                    "expiresAt": date(seconds_left), "clientId": "client", "clientSecret": "hidden-2",
                                    "registrationExpiresAt": date(86400), "refreshToken": "refresh-1", **others}))
        path.chmod(0o600)
        avmap.secrets += ["token-1", "token-2", "refresh-1", "refresh-2", "hidden-2"]
        return path
    return write


@pytest.fixture
def sso_env(server, sso, shared_files):
    files = shared_files("[profile dev]\nsso_session = dev\nsso_account_id = 123456789012\nsso_role_name = Reader\n"
                         "[sso-session dev]\nsso_start_url = https://dev.example\nsso_region = us-east-1\n")
    return {**place_of(server), **files, "AWS_PROFILE": "dev", "AWS_ENDPOINT_URL_SSO": sso.url,
            "AWS_ENDPOINT_URL_SSO_OIDC": sso.url}


@pytest.mark.parametrize("seconds_left", [-60, 300], ids=["ended", "about to end"])
def test_a_token_of_sso_is_renewed_and_kept(avmap, source, folder, sso, sso_env, cached_token, seconds_left):
    path = cached_token(seconds_left)

    done = avmap("run", "-v", source.url, folder("out").url, *TO_MONO, env=sso_env)

    assert done.returncode == 0, done.stderr
    assert sso.refreshed == [{"clientId": "client", "clientSecret": "hidden-2", "grantType": "refresh_token",
                              "refreshToken": "refresh-1"}]
    kept = json.loads(path.read_text())
    assert (kept["accessToken"], kept["refreshToken"], kept["clientId"]) == ("token-2", "refresh-2", "client")
    assert kept["expiresAt"] > datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert path.stat().st_mode & 0o777 == 0o600
    requests = re.findall(r"(GET|POST) SSO 127[.]0[.]0[.]1:\d+(\S+): 200, \d+ ms, attempt 1\n", done.stderr)
    assert requests == [("POST", "/token"), ("GET", "/federation/credentials")]
    assert not re.search("token-[12]|refresh-[12]|hidden-2", done.stderr)


def test_a_token_of_sso_that_lasts_is_left_alone(avmap, source, folder, sso, sso_env, cached_token):
    path = cached_token(3600)
    before = path.read_text()

    done = avmap("run", source.url, folder("out").url, *TO_MONO, env=sso_env)

    assert done.returncode == 0, done.stderr
    assert not sso.refreshed and path.read_text() == before


@pytest.mark.parametrize("others", [{"refreshToken": "used-up"}, {"refreshToken": None},
                                    {"registrationExpiresAt": "2020-01-01T00:00:00Z"}],
                         ids=["refused", "no refresh token", "registration ended"])
def test_a_token_of_sso_that_cannot_be_renewed_says_what_to_do(avmap, source, folder, sso, sso_env, cached_token,
                                                               others):
    cached_token(-60, **others)

    done = avmap("run", source.url, folder("out").url, *TO_MONO, env=sso_env)

    assert done.returncode == 4, done.stderr
    assert "has ended" in done.stderr and "aws sso login --profile dev" in done.stderr


def test_a_token_of_sso_that_cannot_be_renewed_yet_is_used_to_its_end(avmap, source, folder, sso, sso_env,
                                                                      cached_token):
    cached_token(300, refreshToken="used-up")

    done = avmap("run", source.url, folder("out").url, *TO_MONO, env=sso_env)

    assert done.returncode == 0, done.stderr
    assert len(sso.refreshed) == 1
