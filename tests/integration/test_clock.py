# SPDX-License-Identifier: MIT
"""A machine whose clock is wrong: requests are signed with the time of the server, once it has said it."""

import datetime
import email.utils

import pytest

from lab import media_names, tiny_wav
from listing_server import Handler, ListingServer

AHEAD = datetime.timedelta(days=400, hours=7)
TOLERANCE = datetime.timedelta(minutes=15)  # S3's
SKEWED = (b'<?xml version="1.0" encoding="UTF-8"?><Error><Code>RequestTimeTooSkewed</Code><Message>The difference between '
          b"the request time and the current time is too large.</Message></Error>")


def now():
    return datetime.datetime.now(datetime.timezone.utc) + AHEAD


class OtherClock(Handler):
    """Refuses what is not signed with its time, as S3 does."""

    def date_time_string(self, timestamp=None):
        return email.utils.format_datetime(now(), usegmt=True)

    def do_GET(self):
        signed = datetime.datetime.strptime(self.headers["x-amz-date"] + "+0000", "%Y%m%dT%H%M%SZ%z")
        scope = self.headers["Authorization"].split("Credential=")[1].split("/")[1]
        if abs(now() - signed) <= TOLERANCE and scope == f"{signed:%Y%m%d}":
            self.server.accepted += 1
            super().do_GET()
            return
        self.server.refused += 1
        self.send_response(403)
        self.send_header("Content-Length", str(len(SKEWED)))
        self.end_headers()
        self.wfile.write(SKEWED)

    do_HEAD = do_GET


@pytest.fixture
def other_clock():
    server = ListingServer(OtherClock, tiny_wav(480))
    server.server.total = 5
    server.server.refused = server.server.accepted = 0
    yield server
    server.stop()


def test_the_servers_time_is_taken_once_and_remembered(avmap, folder, other_clock):
    place = folder("out")

    done = avmap("run", "s3://bucket/in/", place.url, "--jobs", "1", "--", "-ac", "1",
                 env={"AWS_ENDPOINT_URL": other_clock.endpoint, "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
                      "AWS_SECRET_ACCESS_KEY": "secret", "AWS_REGION": "eu-west-1",
                      "AWS_RESPONSE_CHECKSUM_VALIDATION": "when_required"})

    assert done.returncode == 0, done.stderr
    assert len(media_names(place)) == 5
    assert other_clock.server.refused == 1
    assert other_clock.server.accepted >= 6
    assert done.stderr.count("clock differs") == 1
