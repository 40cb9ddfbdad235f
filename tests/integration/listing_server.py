# SPDX-License-Identifier: MIT
"""An S3 server that only says what it has: any number of equal objects, made up as they are asked for."""

import http.server
import threading
import urllib.parse

PAGE = 1000
BODY = b"this is no media" * 4


def key(index):
    return f"in/{index % 1000:03}/{index:09}.wav"


def page(bucket, start, count, total, size):
    """A page of a listing (ListObjectsV2) from the object with the number start on."""
    end = min(start + count, total)
    objects = "".join(
        f"<Contents><Key>{key(index)}</Key><LastModified>2026-09-23T22:59:01.000Z</LastModified>"
        f"<ETag>&quot;{index:032x}&quot;</ETag><Size>{size}</Size><StorageClass>STANDARD</StorageClass></Contents>"
        for index in range(start, end))
    more = f"<IsTruncated>true</IsTruncated><NextContinuationToken>{end}</NextContinuationToken>"
    return (f'<?xml version="1.0" encoding="UTF-8"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
            f"<Name>{bucket}</Name><Prefix>in/</Prefix><KeyCount>{end - start}</KeyCount><MaxKeys>{count}</MaxKeys>"
            f"{more if end < total else '<IsTruncated>false</IsTruncated>'}{objects}</ListBucketResult>").encode()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self, body, headers=()):
        self.send_response(200)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    def do_GET(self):
        url = urllib.parse.urlsplit(self.path)
        query = dict(urllib.parse.parse_qsl(url.query))
        if "list-type" in query:
            body = page(url.path.strip("/"), int(query.get("continuation-token", 0)), int(query.get("max-keys", PAGE)),
                        self.server.total, len(self.server.body))
            self.answer(body, [("Content-Type", "application/xml")])
        else:
            index = int(url.path.rsplit("/", 1)[-1].split(".")[0] or 0) if url.path.endswith(".wav") else 0
            self.answer(self.server.body, [("ETag", f'"{index:032x}"'), ("Last-Modified", "Wed, 23 Sep 2026 22:59:01 GMT")])

    do_HEAD = do_GET

    def log_message(self, *_):
        pass


class ListingServer:
    """Serves on a free port of loopback; .total says how many objects there are."""

    def __init__(self, handler=Handler, body=BODY):
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.server.total = 0
        self.server.body = body
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()
        self.endpoint = f"http://127.0.0.1:{self.server.server_address[1]}"

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()
