# SPDX-License-Identifier: MIT
"""Requests go through the proxies that the environment names, as those of AWS's clients do."""

import http.server
import selectors
import socket
import threading

import pytest

from lab import TO_MONO, Answering, absent, media_names, tiny_wav


class Proxy(Answering):
    """Makes tunnels, and refuses what it would have to forward."""

    def do_CONNECT(self):
        self.server.asked.append(self.path)
        host, port = self.path.rsplit(":", 1)
        with socket.create_connection((host, int(port))) as upstream, selectors.DefaultSelector() as ready:
            self.send_response(200)
            self.end_headers()
            ends = {self.connection: upstream, upstream: self.connection}
            for end in ends:
                ready.register(end, selectors.EVENT_READ)
            while all(self.pass_on(key.fileobj, ends[key.fileobj]) for key, _ in ready.select()):
                pass
        self.close_connection = True

    @staticmethod
    def pass_on(end, other):
        piece = end.recv(65536)
        other.sendall(piece)
        return piece

    def do_GET(self):
        self.server.asked.append(self.path)
        self.answer(403, b"")

    do_HEAD = do_GET


@pytest.fixture
def proxy():
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Proxy) as server:
        server.asked, server.daemon_threads = [], True
        server.url = f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def run(avmap, server, bucket, folder):
    bucket.put("in/a.wav", tiny_wav(1000))

    def start(endpoint, **proxies):
        if not endpoint:
            absent("the server has no TLS port")
        return avmap("run", bucket.at("in/").url, folder("out").url, *TO_MONO,
                     env=server.env(endpoint=endpoint, AWS_CA_BUNDLE=server.ca, **proxies))
    return start


def test_https_goes_through_a_tunnel(run, server, proxy, folder):
    done = run(server.tls_endpoint, HTTPS_PROXY=proxy.url)

    assert done.returncode == 0, done.stderr
    assert set(proxy.asked) == {server.tls_endpoint.removeprefix("https://")}
    assert media_names(folder("out")) == {"a.wav.wav"}


def test_no_proxy_names_hosts_that_are_asked_directly(run, server, proxy, folder):
    done = run(server.tls_endpoint, HTTPS_PROXY=proxy.url, NO_PROXY="example.com,127.0.0.1")

    assert done.returncode == 0, done.stderr
    assert proxy.asked == []
    assert media_names(folder("out")) == {"a.wav.wav"}


@pytest.mark.parametrize("variable", ["http_proxy", "HTTP_PROXY"])
def test_http_goes_through_its_proxy(run, server, proxy, variable):
    done = run(server.endpoint, **{variable: proxy.url, "HTTPS_PROXY": "http://127.0.0.1:9"})

    assert done.returncode == 4, done.stderr
    assert proxy.asked and all(asked.startswith(server.endpoint + "/") for asked in proxy.asked)


@pytest.mark.parametrize("others", [{"NO_PROXY": "127.0.0.1"}, {"http_proxy": ""}, {"REQUEST_METHOD": "GET"}], ids=str)
def test_the_proxy_of_http_gives_way(run, server, proxy, others):
    """The last of these says that this is a CGI script, in which HTTP_PROXY is a header of the visitor's."""
    done = run(server.endpoint, HTTP_PROXY=proxy.url, **others)

    assert done.returncode == 0, done.stderr
    assert proxy.asked == []
