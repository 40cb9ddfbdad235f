# SPDX-License-Identifier: MIT
"""What a run tells CloudWatch and Prometheus; the parser of Prometheus's own client judges the file."""

import json

import pytest

from lab import HELD_OUT, TO_MONO, absent, media_names, tiny_wav, wait_until

try:
    from prometheus_client.parser import text_string_to_metric_families
except ImportError:
    text_string_to_metric_families = None

UNITS = {"Count", "Bytes", "Seconds", "None"}


def parsed(text):
    """The samples of a file for Prometheus, by name and status or stage; every family must say what it is."""
    if not text_string_to_metric_families:
        absent("python3-prometheus-client is not installed")
    samples = {}
    for family in text_string_to_metric_families(text):
        assert family.documentation and family.type in ("counter", "gauge"), family
        for sample in family.samples:
            label = sample.labels.get("status") or sample.labels.get("stage")
            key = (sample.name, label) if label else sample.name
            assert key not in samples, key
            samples[key] = sample.value
    return samples


def assert_emf(event):
    """What the specification of the embedded metric format demands of a log event."""
    assert set(event["_aws"]) == {"Timestamp", "CloudWatchMetrics"}
    assert isinstance(event["_aws"]["Timestamp"], int)
    for directive in event["_aws"]["CloudWatchMetrics"]:
        assert set(directive) == {"Namespace", "Dimensions", "Metrics"}
        assert 1 <= len(directive["Namespace"]) <= 1024
        for dimensions in directive["Dimensions"]:
            assert len(dimensions) <= 30
            assert all(isinstance(event[name], str) for name in dimensions)
        assert 1 <= len(directive["Metrics"]) <= 100
        for metric in directive["Metrics"]:
            assert set(metric) == {"Name", "Unit"} and metric["Unit"] in UNITS
            assert isinstance(event[metric["Name"]], (int, float)), metric


@pytest.fixture
def three_items(folder):
    source = folder("in")
    for n in range(2):
        source.put(f"{n}.wav", tiny_wav(4800))
    source.put("broken.wav", b"no media at all")
    return source


def test_a_finished_run_is_told_to_both(avmap, three_items, folder, tmp_path):
    file = tmp_path / "avmap.prom"

    done = avmap("run", "--metrics", "emf", "--metrics-file", file, "--metrics-dimensions", "Stage=test,Team=a b",
                 "--metrics-namespace", "Media", three_items.url, folder("out").url, *TO_MONO)

    assert done.returncode == 1, done.stderr
    events = [json.loads(line) for line in done.stdout.splitlines()]
    for event in events:
        assert_emf(event)
    assert len(events) >= 2 and [event["finished"] for event in events[-2:]] == [False, True]
    (directive,) = events[-1]["_aws"]["CloudWatchMetrics"]
    assert directive["Namespace"] == "Media" and directive["Dimensions"] == [["Stage", "Team"]]
    assert sum(event["ItemsSucceeded"] for event in events) == 2
    assert sum(event["ItemsFailed"] for event in events) == 1
    assert sum(event["BytesIn"] for event in events) == 2 * len(tiny_wav(4800))

    samples = parsed(file.read_text())
    assert samples["avmap_items_total", "succeeded"] == 2
    assert samples["avmap_items_total", "failed"] == 1
    assert samples["avmap_items_in_flight"] == 0
    assert samples["avmap_media_seconds_total"] == pytest.approx(0.2)
    assert samples["avmap_run_finished"] == 1
    assert 'Stage="test",Team="a b"' in file.read_text()
    assert [path.name for path in tmp_path.glob("avmap.prom*")] == ["avmap.prom"]


def test_a_redrive_is_told_too_but_only_when_asked(avmap, three_items, folder):
    out = folder("out")
    assert avmap("run", "--metrics", "emf", three_items.url, out.url, *TO_MONO).returncode == 1
    (manifest,) = [name for name in out.names() if name.endswith("manifest.json")]

    silent = avmap("redrive", out.path / manifest)
    done = avmap("redrive", "--metrics", "emf", out.path / manifest)

    assert (silent.returncode, silent.stdout) == (1, ""), silent.stderr
    events = [json.loads(line) for line in done.stdout.splitlines()]
    for event in events:
        assert_emf(event)
    assert sum(event["ItemsFailed"] for event in events) == 1
    assert sum(event["ItemsSucceeded"] for event in events) == 0


def test_a_run_under_way_is_told_with_what_s3_asks_of_it(avmap, server, fault, bucket, tmp_path):
    source, destination, file = bucket.at("in/"), bucket.at("out/"), tmp_path / "avmap.prom"
    for n in range(6):
        source.put(f"{n}.wav", tiny_wav(480))
    fault.set(mode="slowdown", match="GET .*wav", first=1, retry_after=3)
    process = avmap.start("run", "--jobs", 6, "--metrics-file", file, "--metrics-interval", "50ms", source.url,
                          destination.url, *TO_MONO, env=server.env(endpoint=fault.endpoint))

    seen = wait_until(lambda: file.exists() and (samples := parsed(file.read_text()))["avmap_items_in_flight"] > 0
                      and samples or process.poll() is not None, what="items in flight")
    _, errors = process.communicate(timeout=60)

    assert process.returncode == 0, errors
    assert seen is not True and seen["avmap_run_finished"] == 0
    samples = parsed(file.read_text())
    assert samples["avmap_items_total", "succeeded"] == 6
    assert samples["avmap_s3_throttled_total"] == samples["avmap_s3_retries_total"] == fault.count
    assert samples["avmap_s3_requests_total"] >= 6 * 3
    assert samples["avmap_stage_seconds_total", "uploading"] > 0


@pytest.mark.parametrize("option, value, status", [
    ("--metrics-dimensions", "status=x", 2), ("--metrics-dimensions", "x", 2), ("--metrics-namespace", "AWS/Batch", 2),
    ("--metrics-interval", "0", 2), ("--metrics", "statsd", 2), ("--metrics-file", "/nonexistent/avmap.prom", 4)])
def test_what_cannot_be_told_is_refused_before_anything_is_done(avmap, three_items, folder, option, value, status):
    out = folder("out")

    done = avmap("run", option, value, three_items.url, out.url, *TO_MONO)

    assert done.returncode == status, done.stderr
    assert value in done.stderr or option in done.stderr
    assert media_names(out) == set()


def test_metrics_that_cannot_be_written_later_cost_nothing_else(avmap, server, fault, bucket, tmp_path):
    source, destination, place = bucket.at("in/"), bucket.at("out/"), tmp_path / "collector"
    place.mkdir()
    source.put("0.wav", tiny_wav(480))
    fault.hold("GET .*wav")
    process = avmap.start("run", "--metrics-file", place / "avmap.prom", "--metrics-interval", "5ms", source.url,
                          destination.url, *TO_MONO, env=server.env(endpoint=fault.endpoint, **HELD_OUT))
    wait_until(lambda: (place / "avmap.prom").exists() or process.poll() is not None, what="the first metrics")
    place.rename(tmp_path / "elsewhere")
    fault.clear()

    _, errors = process.communicate(timeout=60)

    assert process.returncode == 0, errors
    assert errors.count("the run goes on") == 1, errors
