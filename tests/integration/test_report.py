# SPDX-License-Identifier: MIT
"""A report adds the records of a run up, on the terminal, as JSON and as a page."""

import html.parser
import json

import pytest

from lab import TO_MONO, tiny_wav

RUN_ID = "0d9a7f7e-90c4-4f0c-8a51-2f6f3a1c9b10"
EVIL = '<script src="x">&\u202e\'".wav'


class Page(html.parser.HTMLParser):
    """Which elements a page has, what they name, and its text."""

    def __init__(self, text):
        super().__init__()
        self.elements, self.names, self.text = set(), [], ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.elements.add(tag)
        self.names += [value for name, value in attrs if name in ("src", "href", "action", "background")]
        assert not [name for name, _ in attrs if name.startswith("on")]

    def handle_data(self, data):
        self.text += data


@pytest.fixture(params=["folder", "s3"])
def finished(request, avmap, server, place):
    """A run with one unchanged, two new and two failed items, some of them with bad names."""
    source, destination, results = (place(request.param, name) for name in ("in", "out", "results"))
    source.put("a.wav", tiny_wav(48000))
    arguments = ["run", "--results", results.url, source.url, destination.url, *TO_MONO]
    assert avmap(*arguments, env=server.env()).returncode == 0
    for name, data in ("b.wav", tiny_wav(96000)), (EVIL, tiny_wav(48000)), ("x.wav", b"no media"), ("<b>.wav", b"no"):
        source.put(name, data)
    assert avmap(*arguments[:1], "--run-id", RUN_ID, *arguments[1:], env=server.env()).returncode == 1
    return source, results


def test_figures_are_those_of_the_records(avmap, server, finished):
    source, results = finished

    done = avmap("report", "--json", f"{results.url}{RUN_ID}/manifest.json", env=server.env())

    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    counts = report["itemCounts"]
    assert counts == {"aborted": 0, "failed": 2, "pending": 0, "succeeded": 3, "timedOut": 0, "total": 5, "unchanged": 1,
                      "unreadable": 0}
    assert report["throughput"]["bytesIn"] == len(tiny_wav(96000)) + len(tiny_wav(48000))
    assert report["throughput"]["mediaSeconds"] == 3
    assert sum(failure["count"] for failure in report["failures"]) == 2
    for failure in report["failures"]:
        assert failure["Error"].startswith("Media.") and len(failure["examples"]) == failure["count"]
    assert repr(report["largest"][0]["bytes"]) == str(len(tiny_wav(96000)))
    assert report["largest"][0]["Key"].endswith("b.wav")
    assert len(report["slowest"]) <= 10 and report["runId"] == RUN_ID


def test_the_terminal_gets_a_summary(avmap, server, finished):
    source, results = finished

    done = avmap("report", f"{results.url}{RUN_ID}/", env=server.env())

    assert done.returncode == 0, done.stderr
    assert RUN_ID in done.stdout and "failed" in done.stdout and "b.wav" in done.stdout


def test_the_page_is_alone_and_escapes_names(avmap, server, finished, tmp_path):
    source, results = finished

    done = avmap("report", "--html", tmp_path / "new" / "report.html", f"{results.url}{RUN_ID}/", env=server.env())

    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    page = Page((tmp_path / "new" / "report.html").read_text())
    assert page.names == [] and not page.elements & {"script", "link", "img", "iframe", "b", "object"}
    assert EVIL in page.text and "<b>.wav" in page.text and RUN_ID in page.text
    assert "url(" not in page.text and "@import" not in page.text


def test_a_report_covers_all_generations(avmap, server, finished):
    source, results = finished
    for name in "x.wav", "<b>.wav":
        source.put(name, tiny_wav(48000))
    assert avmap("redrive", f"{results.url}{RUN_ID}/", env=server.env()).returncode == 0

    done = avmap("report", "--json", f"{results.url}{RUN_ID}/Redrive-1/", env=server.env())

    report = json.loads(done.stdout)
    assert report["itemCounts"]["succeeded"] == report["itemCounts"]["total"] == 5
    assert report["redriveCount"] == 1 and report["failures"] == []


def test_what_is_no_record_is_counted(avmap, server, finished):
    source, results = finished
    data = b'[7,{"Status":"FAILED","Error":"X.Y","Input":"{}"},{},{"Status":5,"Output":[]}]'
    results.put(f"{RUN_ID}/FAILED_0.json", data)
    manifest = json.loads(results.read(f"{RUN_ID}/manifest.json"))
    manifest["ResultFiles"]["FAILED"][0]["Size"] = len(data)
    results.put(f"{RUN_ID}/manifest.json", json.dumps(manifest).encode())

    done = avmap("report", "--json", f"{results.url}{RUN_ID}/", env=server.env())

    assert done.returncode == 0 and "1 records" in done.stderr
    counts = json.loads(done.stdout)["itemCounts"]
    assert (counts["unreadable"], counts["failed"], counts["total"]) == (1, 3, 7)


def test_what_is_no_manifest_is_refused(avmap, folder, tmp_path):
    folder("x").put(f"{RUN_ID}/manifest.json", b"{}")

    for words, status in ([], 2), (["/no/such/manifest.json"], 2), ([f"{folder('x').url}{RUN_ID}/"], 4), (["a", "b"], 2):
        assert avmap("report", *words).returncode == status
