#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A scripted S3 server with a bucket of as many keys as one likes, made up as they are listed.

usage: listing_server.py COUNT    prints its port and serves until it is killed

Keys are media/NNNNNNNNN.mp3, an object of 176400 bytes each, in every bucket. It answers ListObjectsV2 with pages of
1000 keys, HEAD and GET of objects with 404, PUT (avmap's own files) with 200. A page costs a millisecond, so it is
the client that is measured.
"""

import re
import socketserver
import sys
from urllib.parse import parse_qs, urlsplit

PAGE = 1000
HEAD = ('<?xml version="1.0" encoding="UTF-8"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
        "<Name>{}</Name><Prefix></Prefix><KeyCount>{}</KeyCount><MaxKeys>1000</MaxKeys>"
        "<EncodingType>url</EncodingType><IsTruncated>{}</IsTruncated>")
ENTRY = ("<Contents><Key>media/%09d.mp3</Key><LastModified>2026-01-01T00:00:00.000Z</LastModified>"
         "<ETag>&quot;0123456789abcdef0123456789abcdef&quot;</ETag><Size>176400</Size>"
         "<StorageClass>STANDARD</StorageClass></Contents>")
ENTRIES = ENTRY * PAGE


def page(bucket, start, count):
    """The keys from number start on."""
    end = min(start + PAGE, count)
    numbers = tuple(range(start, end))
    entries = (ENTRIES if len(numbers) == PAGE else ENTRY * len(numbers)) % numbers
    more = f"<NextContinuationToken>{end}</NextContinuationToken>" if end < count else ""
    return HEAD.format(bucket, len(numbers), "true" if more else "false") + more + entries + "</ListBucketResult>"


class Handler(socketserver.StreamRequestHandler):
    disable_nagle_algorithm = True

    def reply(self, status, body=b"", headers=""):
        self.wfile.write(f"HTTP/1.1 {status}\r\nx-amz-request-id: 0\r\nContent-Length: {len(body)}\r\n{headers}\r\n"
                         .encode() + body)

    def handle(self):
        while line := self.rfile.readline():
            method, target, _ = line.decode("latin-1").split(" ", 2)
            length, waits = 0, False
            while (header := self.rfile.readline().strip().lower()):
                if match := re.match(rb"content-length: *(\d+)", header):
                    length = int(match[1])
                waits |= header.startswith(b"expect:")
            if waits:
                self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            self.rfile.read(length)
            self.answer(method, urlsplit(target))

    def answer(self, method, target):
        query = parse_qs(target.query)
        bucket, _, key = target.path.lstrip("/").partition("/")
        if method == "PUT":
            self.reply("200 OK", headers='ETag: "0123456789abcdef0123456789abcdef"\r\n')
        elif method == "GET" and "list-type" in query:
            if not "media/".startswith(query.get("prefix", [""])[0]):
                body = HEAD.format(bucket, 0, "false") + "</ListBucketResult>"
            elif "max-keys" in query and int(query["max-keys"][0]) < PAGE:
                body = page(bucket, 0, int(query["max-keys"][0]))
            else:
                body = page(bucket, int(query.get("continuation-token", ["0"])[0]), self.server.keys)
            self.reply("200 OK", body.encode(), "Content-Type: application/xml\r\n")
        elif method == "HEAD" and not key:
            self.reply("200 OK")
        else:
            body = b"" if method == "HEAD" else b"<Error><Code>NoSuchKey</Code><Message>made up</Message></Error>"
            self.reply("404 Not Found", body, "Content-Type: application/xml\r\n")


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 128


def main():
    with Server(("127.0.0.1", 0), Handler) as server:
        server.keys = int(sys.argv[1])
        print(server.server_address[1], flush=True)
        server.serve_forever()


if __name__ == "__main__":
    main()
