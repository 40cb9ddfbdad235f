# SPDX-License-Identifier: MIT
"""Numbers about results are those that ffmpeg's own meters find in them, and cost no byte of a result."""

import re
import subprocess

import pytest

from lab import media_names

# Channels of different level, clipping, an offset, a stretch without sound, and an end off the tenth of a second.
LOUD = ("aevalsrc='if(between(t,0.7,1.4),0,1.3*sin(500*t)+0.05)|if(between(t,0.7,1.4),0,0.25*sin(3000*t))"
        "':s=44100:d=2.33")


def make(path, graph, *options):
    subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-f", "lavfi", "-i", graph, *options, path], check=True)


def measured(results, place, stream=0):
    (record,) = results(place).succeeded
    return record.output["streams"][stream].get("measured")


def meters(path):
    """What ffmpeg's filters say about a file: overall values."""
    said = subprocess.run(["ffmpeg", "-nostdin", "-hide_banner", "-nostats", "-i", path, "-af",
                           "silencedetect=n=-60dB:d=0.1,astats,ebur128=peak=true:framelog=verbose", "-f", "null", "-"],
                          check=True, capture_output=True, text=True).stderr

    def last(label):
        return float(re.findall(rf"{label}:? +(-?[0-9.]+|-inf|nan)", said)[-1])

    return {"silence": sum(map(float, re.findall(r"silence_duration: ([0-9.]+)", said))),
            "samples": last("Number of samples"), "peak": last("Peak level dB"), "rms": last("RMS level dB"),
            "dc": last("DC offset"), "loudness": last("I"), "true peak": last("Peak"),
            "peak counts": [int(n) for n in re.findall(r"Peak count: (\d+)\n", said)]}


@pytest.mark.parametrize("options", [(), ("-c:a", "pcm_s24le"), ("-c:a", "pcm_f32le", "-ar", "48000"),
                                     ("-ac", "1", "-c:a", "pcm_u8")], ids=" ".join)
def test_every_figure_is_that_of_ffmpegs_meters(avmap, folder, results, options):
    make(folder("in").path / "loud.wav", LOUD)

    done = avmap("run", folder("in").url, folder("out").url, "--measure", "all", "--", *options)

    assert done.returncode == 0, done.stderr
    ours, theirs = measured(results, folder("out")), meters(folder("out").path / "loud.wav")
    # astats takes 2^15 - 1 for the top of the scale, we 2^15, and u8 it reads through 16 bits.
    assert ours["peakDbfs"] == pytest.approx(theirs["peak"], abs=0.07 if "pcm_u8" in options else 0.001)
    assert ours["rmsDbfs"] == pytest.approx(theirs["rms"], abs=0.001)
    assert ours["dcOffset"] == pytest.approx(theirs["dc"], abs=2e-6)
    assert ours["loudnessLufs"] == pytest.approx(theirs["loudness"], abs=0.051)
    assert ours["truePeakDbtp"] == pytest.approx(theirs["true peak"], abs=0.051)
    rate = 48000 if "-ar" in options else 44100
    assert ours["duration"] == pytest.approx(theirs["samples"] / rate, abs=1e-6)
    assert ours["silentShare"] == pytest.approx(theirs["silence"] / ours["duration"], abs=2e-4)
    assert 0.25 < ours["silentShare"] < 0.35


def test_clipped_samples_are_those_at_the_ends_of_the_scale(avmap, folder, results):
    make(folder("in").path / "loud.wav", LOUD)

    assert avmap("run", folder("in").url, folder("out").url, "--measure", "clipping").returncode == 0

    # Only the first channel reaches full scale; the other one's peaks are below it.
    clipped = meters(folder("out").path / "loud.wav")["peak counts"][0]
    assert clipped > 1000
    assert measured(results, folder("out")) == {"clippedSamples": clipped}


def test_silence_has_no_levels(avmap, folder, results):
    make(folder("in").path / "silence.wav", "anullsrc=r=8000:cl=mono,atrim=duration=1")

    assert avmap("run", folder("in").url, folder("out").url, "--measure", "all").returncode == 0

    assert measured(results, folder("out")) == {
        "clippedSamples": 0, "dcOffset": 0, "duration": 1, "loudnessLufs": None, "peakDbfs": None, "rmsDbfs": None,
        "silentShare": 1, "truePeakDbtp": None}


@pytest.mark.parametrize("suffix", [".mp3", ".m4a", ".opus", ".flac"])
def test_results_are_the_same_bytes(avmap, folder, results, suffix):
    make(folder("in").path / "loud.wav", LOUD)
    line = ("--suffix", suffix, "--", "-bitexact", "-ac", "1", "-ar", "48000")

    avmap("run", folder("in").url, folder("plain").url, *line)
    done = avmap("run", folder("in").url, folder("measured").url, "--measure", "all", *line)

    assert done.returncode == 0, done.stderr
    assert measured(results, folder("measured"))["loudnessLufs"] < 0
    assert folder("measured").read(f"loud.wav{suffix}") == folder("plain").read(f"loud.wav{suffix}")


def test_what_is_copied_or_is_no_sound_has_no_figures(avmap, folder, results, media):
    folder("in").put("film.mp4", media / "film.mp4")

    assert avmap("run", folder("in").url, folder("out").url, "--measure", "all", "--", "-c:v", "copy").returncode == 0
    assert avmap("run", folder("in").url, folder("copy").url, "--measure", "all", "--", "-c", "copy").returncode == 0

    (record,) = results(folder("out")).succeeded
    assert [("measured" in stream) for stream in record.output["streams"]] == [
        stream["type"] == "audio" for stream in record.output["streams"]]
    assert not measured(results, folder("copy")) and not measured(results, folder("copy"), 1)


def test_an_unknown_figure_is_refused_before_anything_starts(avmap, folder):
    folder("in").put("a.wav", b"x")

    done = avmap("run", folder("in").url, folder("out").url, "--measure", "peak,colour")

    assert done.returncode == 2
    assert '"colour"' in done.stderr and "truepeak" in done.stderr
    assert not media_names(folder("out"))


def test_items_can_be_looked_at_alone(avmap, server, folder, bucket, results):
    make(folder("in").path / "loud.wav", LOUD)
    line = ("run", folder("in").url, bucket.url, "--suffix", ".null", "--measure", "peak", "--", "-f", "null")

    done = avmap(*line, env=server.env())

    assert done.returncode == 0, done.stderr
    assert measured(results, bucket) == {"peakDbfs": 0}
    assert bucket.read("loud.wav.null") == b""
    assert "1 skipped" in avmap(*line, env=server.env()).stderr


@pytest.mark.parametrize("naming", [(), ("--suffix", ".wav"), ("--name", "{key}")], ids=" ".join)
def test_results_without_bytes_get_no_name_of_others(avmap, folder, naming):
    make(folder("in").path / "loud.wav", LOUD)

    done = avmap("run", folder("in").url, folder("out").url, *naming, "--", "-f", "null")

    assert done.returncode == 2
    assert "--suffix .null" in done.stderr
