# SPDX-License-Identifier: MIT
"""Keys of a role, from the S3 server's own STS: by another user's keys, and for a signed token.

The server's keys last 15 minutes at least. Where a run is to outlive them, a proxy before the STS says that they end
much sooner.
"""

import base64
import hashlib
import http.server
import json
import re
import subprocess
import threading
import time
import urllib.error
import urllib.request
import uuid
from datetime import datetime, timedelta, timezone

import boto3
import pytest

from lab import TO_MONO, Answering, media_names, tiny_wav

ITEMS = 5
RIGHTS = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": ["s3:*"], "Resource": ["*"]}]}


@pytest.fixture
def source(bucket):
    for n in range(ITEMS):
        bucket.put(f"in/{n}.wav", tiny_wav(1000))
    return bucket.at("in/")


@pytest.fixture
def iam(server):
    key, secret = server.keys["alice"]
    return boto3.session.Session(aws_access_key_id=key, aws_secret_access_key=secret,
                                 region_name="us-east-1").client("iam", endpoint_url=server.endpoint)


@pytest.fixture
def role(iam):
    """role(trust): the ARN of a new role for those whom the statement trusts."""
    names = []

    def make(statement):
        name = f"avmap-{uuid.uuid4().hex[:12]}"
        trust = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement}]}
        arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=compact(trust))["Role"]["Arn"]
        iam.put_role_policy(RoleName=name, PolicyName="all", PolicyDocument=compact(RIGHTS))
        names.append(name)
        return arn
    yield make
    for name in names:
        iam.delete_role_policy(RoleName=name, PolicyName="all")
        iam.delete_role(RoleName=name)


@pytest.fixture
def alices_role(role):
    return role({"Principal": {"AWS": ["arn:aws:iam:::user/alice"]}, "Action": ["sts:AssumeRole"]})


def compact(policy):
    """As JSON without spaces, which the server would read as plus signs."""
    return json.dumps(policy, separators=(",", ":"))


def encoded(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Issuer(http.server.ThreadingHTTPServer):
    """Signs tokens, and tells the S3 server with which key."""

    def __init__(self, folder):
        super().__init__(("127.0.0.1", 0), Discovery)
        self.folder, self.url = folder, f"http://127.0.0.1:{self.server_port}"
        self.openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-keyout", "k.pem",
                     "-out", "c.pem", "-subj", "/CN=oidc")
        self.certificate = self.openssl("x509", "-in", "c.pem", "-outform", "DER")
        modulus = self.openssl("x509", "-in", "c.pem", "-noout", "-modulus").decode().split("=")[1].strip()
        self.key = {"kty": "RSA", "use": "sig", "alg": "RS256", "kid": "1", "n": encoded(bytes.fromhex(modulus)),
                    "e": "AQAB", "x5c": [base64.b64encode(self.certificate).decode()]}
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def openssl(self, *args, **others):
        return subprocess.run(["openssl", *args], cwd=self.folder, check=True, capture_output=True, **others).stdout

    @property
    def thumbprint(self):
        return hashlib.sha1(self.certificate).hexdigest().upper()

    def token(self):
        now = int(time.time())
        claims = {"iss": self.url, "sub": "avmap-job", "aud": "avmap", "app_id": "avmap", "iat": now - 60,
                  "nbf": now - 60, "exp": now + 3600}
        text = ".".join(encoded(json.dumps(part).encode())
                        for part in ({"alg": "RS256", "typ": "JWT", "kid": "1"}, claims))
        return f"{text}.{encoded(self.openssl('dgst', '-sha256', '-sign', 'k.pem', input=text.encode()))}"


class Discovery(Answering):
    def do_GET(self):
        issuer = self.server
        answer = {"keys": [issuer.key]}
        if "openid-configuration" in self.path:
            answer = {"issuer": issuer.url, "jwks_uri": f"{issuer.url}/jwks"}
        self.answer(200, answer)


@pytest.fixture
def issuer(tmp_path, iam):
    server = Issuer(tmp_path)
    arn = iam.create_open_id_connect_provider(Url=server.url, ClientIDList=["avmap"],
                                              ThumbprintList=[server.thumbprint])["OpenIDConnectProviderArn"]
    yield server
    iam.delete_open_id_connect_provider(OpenIDConnectProviderArn=arn)
    server.shutdown()
    server.server_close()


class ShortSts(http.server.ThreadingHTTPServer):
    """Passes requests on to the STS and shortens the life of the keys; after so many answers it refuses."""

    def __init__(self, upstream, seconds, answers):
        super().__init__(("127.0.0.1", 0), Shorten)
        self.upstream, self.seconds, self.answers, self.keys = upstream, seconds, answers, []
        self.url = f"http://127.0.0.1:{self.server_port}"
        threading.Thread(target=self.serve_forever, daemon=True).start()


class Shorten(Answering):
    def do_POST(self):
        sts, body = self.server, self.rfile.read(int(self.headers["Content-Length"]))
        status, answer = 403, b"<ErrorResponse><Error><Code>AccessDenied</Code></Error></ErrorResponse>"
        if len(sts.keys) < sts.answers:
            status, answer = self.forward(body)
            end = datetime.now(timezone.utc) + timedelta(seconds=sts.seconds)
            answer = re.sub(rb"(?<=<Expiration>)[^<]*", end.strftime("%Y-%m-%dT%H:%M:%S.%fZ").encode(), answer)
            sts.keys.append(re.search(rb"<AccessKeyId>([^<]*)", answer).group(1))
        self.answer(status, answer)

    def forward(self, body):
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        request = urllib.request.Request(self.server.upstream + self.path, data=body, headers=dict(self.headers))
        try:
            with opener.open(request, timeout=30) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()


@pytest.fixture
def short_sts(server):
    """short_sts(seconds, answers): an STS whose keys end soon."""
    running = []

    def start(seconds, answers=1000):
        running.append(ShortSts(server.endpoint, seconds, answers))
        return running[-1]
    yield start
    for sts in running:
        sts.shutdown()
        sts.server_close()


@pytest.fixture
def webs_role(role, issuer):
    host = issuer.url.split("//")[1]
    return role({"Principal": {"Federated": [f"arn:aws:iam:::oidc-provider/{host}"]},
                 "Action": ["sts:AssumeRoleWithWebIdentity"],
                 "Condition": {"StringEquals": {f"{host}:app_id": "avmap"}}})


@pytest.fixture(params=["AssumeRole", "AssumeRoleWithWebIdentity"])
def role_env(request, server, tmp_path, avmap):
    """The environment of a run that has a role."""
    if request.param == "AssumeRole":
        return with_profile(server, tmp_path, request.getfixturevalue("alices_role"))
    return with_token(avmap, server, tmp_path, request.getfixturevalue("issuer"), request.getfixturevalue("webs_role"))


def with_token(avmap, server, tmp_path, issuer, arn):
    token = issuer.token()
    (tmp_path / "token.jwt").write_text(token + "\n")
    avmap.secrets.append(token)
    return {**place_of(server), "AWS_ROLE_ARN": arn, "AWS_WEB_IDENTITY_TOKEN_FILE": str(tmp_path / "token.jwt")}


def place_of(server):
    return {"AWS_ENDPOINT_URL": server.endpoint, "AWS_DEFAULT_REGION": server.region}


def with_profile(server, tmp_path, arn):
    key, secret = server.keys["alice"]
    (tmp_path / "config").write_text(f"[profile role]\nrole_arn = {arn}\nsource_profile = alice\n"
                                     "role_session_name = a-session\n"
                                     f"[profile alice]\naws_access_key_id = {key}\naws_secret_access_key = {secret}\n")
    return {**place_of(server), "AWS_CONFIG_FILE": str(tmp_path / "config"), "AWS_PROFILE": "role"}


def test_a_profile_assumes_a_role(avmap, server, source, folder, alices_role, tmp_path):
    done = avmap("run", "-v", source.url, folder("out").url, *TO_MONO,
                 env=with_profile(server, tmp_path, alices_role))

    assert done.returncode == 0, done.stderr
    assert len(media_names(folder("out"))) == ITEMS


def test_a_role_that_is_not_ours_ends_the_run(avmap, server, source, folder, role, tmp_path):
    arn = role({"Principal": {"AWS": ["arn:aws:iam:::user/bob"]}, "Action": ["sts:AssumeRole"]})

    done = avmap("run", source.url, folder("out").url, *TO_MONO, env=with_profile(server, tmp_path, arn))

    assert done.returncode == 4, done.stderr
    assert "AssumeRole " in done.stderr and arn in done.stderr and "403" in done.stderr


def test_a_token_gives_the_keys_of_a_role(avmap, server, source, folder, issuer, webs_role, tmp_path):
    done = avmap("run", "-v", source.url, folder("out").url, *TO_MONO,
                 env=with_token(avmap, server, tmp_path, issuer, webs_role))

    assert done.returncode == 0, done.stderr
    assert len(media_names(folder("out"))) == ITEMS


def test_a_token_that_is_not_accepted_ends_the_run(avmap, server, source, folder, role, tmp_path):
    arn = role({"Principal": {"Federated": ["arn:aws:iam:::oidc-provider/127.0.0.1:9"]},
                "Action": ["sts:AssumeRoleWithWebIdentity"]})
    (tmp_path / "token.jwt").write_text("no.such.token")

    done = avmap("run", source.url, folder("out").url, *TO_MONO,
                 env={**place_of(server), "AWS_ROLE_ARN": arn,
                      "AWS_WEB_IDENTITY_TOKEN_FILE": str(tmp_path / "token.jwt")})

    assert done.returncode == 4, done.stderr
    assert "AssumeRoleWithWebIdentity" in done.stderr and "no.such.token" not in done.stderr


def test_a_run_does_not_notice_that_its_role_s_keys_end(avmap, server, fault, source, folder, results, role_env,
                                                        short_sts):
    sts = short_sts(seconds=1.2)
    fault.set(delay_ms=300)

    done = avmap("run", "--jobs", 1, source.url, folder("out").url, *TO_MONO,
                 env={**role_env, "AWS_ENDPOINT_URL_STS": sts.url, "AWS_ENDPOINT_URL_S3": fault.endpoint})

    assert done.returncode == 0, done.stderr
    assert len(results(folder("out")).made) == ITEMS
    assert len(sts.keys) == len(set(sts.keys)) >= 2


def test_a_role_s_keys_that_the_server_ends_early_are_renewed(avmap, server, fault, source, folder, results, role_env,
                                                              short_sts):
    sts = short_sts(seconds=900)
    fault.set(mode="expired", first=1, match="^GET /[^?]*/in/2[.]wav")

    done = avmap("run", "--jobs", 1, source.url, folder("out").url, *TO_MONO,
                 env={**role_env, "AWS_ENDPOINT_URL_STS": sts.url, "AWS_ENDPOINT_URL_S3": fault.endpoint})

    assert done.returncode == 0, done.stderr
    assert len(results(folder("out")).made) == ITEMS
    assert len(set(sts.keys)) == 2


def test_a_role_s_keys_that_cannot_be_renewed_leave_the_rest_pending(avmap, server, fault, source, folder, results,
                                                                     role_env, short_sts):
    sts = short_sts(seconds=1.2, answers=1)
    fault.set(delay_ms=300)

    done = avmap("run", "--jobs", 1, source.url, folder("out").url, *TO_MONO,
                 env={**role_env, "AWS_ENDPOINT_URL_STS": sts.url, "AWS_ENDPOINT_URL_S3": fault.endpoint})

    assert done.returncode == 4, done.stderr
    assert "AssumeRole" in done.stderr and "403" in done.stderr
    run = results(folder("out"))
    assert len(run.all) == ITEMS and run.pending and not run.failed, run.all
