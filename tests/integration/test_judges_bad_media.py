# SPDX-License-Identifier: MIT
"""What counts as a failure: ffmpeg's judgement, that something was decoded, and more when asked."""

import pytest

from lab import media_names, tiny_wav


def shortened(path):
    """A FLAC that declares twice the samples it has."""
    data = bytearray(path.read_bytes())
    at = 4 + 4 + 14 # after "fLaC", the block's header and its first fields
    samples = 2 * int.from_bytes(data[at:at + 4], "big")
    return bytes(data[:at] + samples.to_bytes(4, "big") + data[at + 4:])


def damaged(path):
    """A FLAC of which a packet cannot be decoded."""
    data = bytearray(path.read_bytes())
    data[len(data) // 2:len(data) // 2 + 60] = bytes(60)
    return bytes(data)


@pytest.fixture
def source(folder, media):
    place = folder("in")
    good = media / "tone-44100-stereo.flac"
    place.put("damaged.flac", damaged(good))
    place.put("empty.wav", tiny_wav(0))
    place.put("good.flac", good)
    place.put("shortened.flac", shortened(good))
    return place


@pytest.mark.parametrize(("options", "failures"), [
    ((), {"empty.wav": "Media.NothingDecoded"}),
    (("--allow-empty",), {}),
    (("--allow-empty", "--max-error-rate", "0"), {"damaged.flac": "Media.TooManyErrors"}),
    (("--strict",), {"damaged.flac": "Media.DecodeError", "empty.wav": "Media.NothingDecoded",
                     "shortened.flac": "Media.LengthMismatch"}),
    (("--allow-empty", "--strict-tolerance", "1h"), {"damaged.flac": "Media.DecodeError"}),
], ids=lambda value: " ".join(value) if isinstance(value, tuple) else "")
def test_what_is_asked_for_decides_what_fails(avmap, folder, source, results, options, failures):
    done = avmap("run", source.url, folder("out").url, "--suffix", ".wav", *options)

    assert done.returncode == (1 if failures else 0), done.stderr
    assert {record.key: record.error for record in results(folder("out")).failed} == failures
    assert media_names(folder("out")) == {f"{name}.wav" for name in source.names() - set(failures)}


def test_the_cause_names_stream_place_and_what_libav_said(avmap, folder, source, results):
    avmap("run", source.url, folder("out").url, "--suffix", ".wav", "--strict")

    causes = {record.key: record.cause for record in results(folder("out")).failed}
    assert causes["damaged.flac"].startswith("stream 0, first at ") and "decode_frame" in causes["damaged.flac"]
    assert "stream 0" in causes["shortened.flac"] and "the container declares" in causes["shortened.flac"]
