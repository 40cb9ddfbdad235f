# SPDX-License-Identifier: MIT
"""Small objects that would become very large fail in time, each limit with a word of its own."""

import struct
import subprocess
import zlib

import pytest

from lab import long_tone, tiny_wav


def png(width, height):
    """A picture of 1 bit a pixel that packs to nothing; most of its lines are missing."""
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    lines = zlib.compress(bytes(width // 8 + 1) * 100, 9)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0))
            + chunk(b"IDAT", lines) + chunk(b"IEND", b""))


def declares_one_second(path):
    """A FLAC file whose header says that it has 8000 samples (RFC 9639 8.2), whatever follows."""
    data = bytearray(path.read_bytes())
    data[21] &= 0xF0
    data[22:26] = (8000).to_bytes(4, "big")
    path.write_bytes(data)
    return path


def fail_of(results, place):
    (record,) = results(place).failed
    return record.error


@pytest.mark.parametrize("size", [(60000, 60000), (30000, 20000)], ids=str)
def test_a_picture_of_very_many_pixels_fails(avmap, folder, results, size):
    folder("in").put("bomb.png", png(*size))

    done = avmap("run", folder("in").url, folder("out").url, "--ext", "jpg")

    assert done.returncode == 1
    assert fail_of(results, folder("out").path) == "Media.TooManyPixels"


@pytest.mark.parametrize(("option", "error"), [
    ("--max-pixels=1000", "Media.TooManyPixels"), ("--max-streams=1", "Media.TooManyStreams")])
def test_a_film_s_pixels_and_streams_can_be_limited(avmap, folder, results, media, option, error):
    folder("in").put("film.mp4", media / "film.mp4")

    done = avmap("run", folder("in").url, folder("out").url, "--suffix", ".mkv", option)

    assert done.returncode == 1
    assert fail_of(results, folder("out").path) == error


@pytest.mark.parametrize(("options", "error"), [
    (("--max-output-size", "1M"), "Media.ResultTooLarge"), (("--max-duration-ratio", "20"), "Media.ResultTooLong")])
def test_sound_that_unpacks_to_very_much_fails(avmap, folder, results, tmp_path, options, error):
    folder("in").put("bomb.flac", declares_one_second(long_tone(tmp_path / "bomb.flac", 600)))

    done = avmap("run", folder("in").url, folder("out").url, "--suffix", ".wav", *options)

    assert done.returncode == 1, done.stderr
    assert fail_of(results, folder("out").path) == error
    assert {name for name in folder("out").names() if not name.startswith("_avmap")} == set()


def test_a_gap_that_is_filled_with_pictures_counts_for_the_length(avmap, folder, results, tmp_path):
    path = tmp_path / "gap.mkv"
    subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-f", "lavfi", "-i", "color=s=32x32:r=25:d=2", "-c:v", "mjpeg",
                    "-bsf:v", "setts=ts='if(gte(N,25),N*40+7200000,N*40)'", path], check=True)
    data = path.read_bytes()
    at = data.find(b"\x44\x89\x88")  # Duration, of 8 bytes
    assert at > 0
    path.write_bytes(data[:at + 3] + struct.pack(">d", 2000) + data[at + 11:])
    folder("in").put("gap.mkv", path)
    line = ("run", folder("in").url, folder("out").url, "--suffix", ".avi")

    done = avmap(*line, "--max-duration-ratio", "10", "--", "-c:v", "mjpeg", "-fps_mode", "cfr")

    assert done.returncode == 1, done.stderr
    assert fail_of(results, folder("out").path) == "Media.ResultTooLong"


def test_the_time_of_an_item_counts_inside_one_packet_too(avmap, folder, results, tmp_path):
    path = tmp_path / "gap.mkv"
    subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-f", "lavfi", "-i", "color=s=640x480:r=25:d=2", "-c:v",
                    "mjpeg", "-bsf:v", "setts=ts='if(gte(N,25),N*40+36000000,N*40)'", path], check=True)
    folder("in").put("gap.mkv", path)

    done = avmap("run", folder("in").url, folder("out").url, "--suffix", ".avi", "--item-timeout", "300ms", "--", "-c:v",
                 "mjpeg", "-fps_mode", "cfr", timeout=60)

    assert done.returncode == 1, done.stderr
    assert fail_of(results, folder("out").path) == "Avmap.Timeout"


def test_frames_that_wait_for_others_are_limited(avmap, folder, results, tmp_path):
    """A graph waits for its sound, which begins only after all pictures."""
    path = tmp_path / "late.nut"
    subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-f", "lavfi", "-i", "color=s=640x480:r=25:d=2", "-itsoffset",
                    "9", "-f", "lavfi", "-i", "sine=d=1", "-c:v", "mjpeg", "-c:a", "pcm_s16le", path], check=True)
    folder("in").put("late.nut", path)
    line = ("run", folder("in").url, folder("out").url, "--suffix", ".nut")
    options = ("--", "-filter_complex", "[0:v]negate;[0:a]volume=1", "-c:v", "mjpeg")

    assert avmap(*line, "--if-exists", "overwrite", *options).returncode == 0
    done = avmap("run", folder("in").url, folder("less").url, "--suffix", ".nut", "--max-item-memory", "2M", *options)

    assert done.returncode == 1, done.stderr
    assert fail_of(results, folder("less").path) == "Media.TooMuchMemory"


@pytest.mark.parametrize(("kind", "options", "fails"), [
    ("film", ("-vf", "scale=640:-1,reverse"), True), ("film", ("-vf", "select=not(mod(n\\,50))"), False),
    ("sound", ("-af", "areverse"), True), ("sound", ("-af", "volume=0.5"), False)], ids=str)
def test_frames_that_filters_hold_are_limited(avmap, folder, results, tmp_path, kind, options, fails):
    path = tmp_path / "a.nut"
    made = {"film": ("-f", "lavfi", "-i", "color=s=160x120:r=25:d=8", "-c:v", "mjpeg"),
            "sound": ("-f", "lavfi", "-i", "sine=d=60:r=96000")}
    subprocess.run(["ffmpeg", "-nostdin", "-v", "error", *made[kind], path], check=True)
    folder("in").put("a.nut", path)

    done = avmap("run", folder("in").url, folder("out").url, "--suffix", ".nut", "--max-item-memory", "5M", "--",
                 *options)

    assert done.returncode == fails, done.stderr
    assert not fails or fail_of(results, folder("out").path) == "Media.TooMuchMemory"


def test_codecs_themselves_have_their_memory(avmap, folder):
    folder("in").put("a.wav", tiny_wav(100))

    done = avmap("run", folder("in").url, folder("out").url, "--suffix", ".flac", "--max-item-memory", "1M")

    assert done.returncode == 0, done.stderr


def test_very_many_streams_fail_before_libav_refuses_them(avmap, folder, results):
    def element(number, data):
        return bytes.fromhex(number) + (1 << 56 | len(data)).to_bytes(8, "big") + data
    tracks = b"".join(element("AE", element("D7", number.to_bytes(2, "big")) + element("83", b"\x11")
                              + element("86", b"S_TEXT/UTF8")) for number in range(1, 2000))
    folder("in").put("a.mkv", element("1A45DFA3", element("4282", b"matroska"))
                     + element("18538067", element("1654AE6B", tracks)
                               + element("1F43B675", element("E7", b"\0") + element("A3", b"\x81\0\0\x80x"))))

    done = avmap("run", folder("in").url, folder("out").url, "--suffix", ".srt")

    assert done.returncode == 1
    assert fail_of(results, folder("out").path) == "Media.TooManyStreams"


@pytest.mark.parametrize("options", [("--max-output-size", "0"), ("--max-pixels", "10"), ("--max-streams", "0"),
                                     ("--max-duration-ratio", "0"), ("--max-item-memory", "0")], ids=" ".join)
def test_zero_is_no_limit_and_sound_has_no_pixels(avmap, folder, options):
    folder("in").put("a.wav", tiny_wav(100))

    done = avmap("run", folder("in").url, folder("out").url, "--suffix", ".wav", *options)

    assert done.returncode == 0, done.stderr
