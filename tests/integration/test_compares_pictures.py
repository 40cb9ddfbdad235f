# SPDX-License-Identifier: MIT
"""--quality says how much a result differs from its source, in the figures that ffmpeg prints."""

import re
import subprocess

import pytest

from lab import media_names

BOTH = ("[0:V:0][1:V:0]scale2ref=flags=bicubic[d][r];[d]settb=AVTB,setpts=PTS-STARTPTS[d0];"
        "[r]settb=AVTB,setpts=PTS-STARTPTS,split=2[r0][r1];[d0][r0]ssim=shortest=1[d1];[d1][r1]psnr=shortest=1")


def printed(result, source):
    """What ffmpeg's ssim and psnr print of two files."""
    said = subprocess.run(["ffmpeg", "-nostdin", "-hide_banner", "-i", result, "-i", source, "-filter_complex", BOTH,
                           "-f", "null", "-"], check=True, capture_output=True, text=True).stderr
    return {"ssim": float(re.search(r"SSIM .* All:([0-9.]+)", said)[1]),
            "psnr": float(re.search(r"PSNR .* average:([0-9.]+)", said)[1])}


def quality(results, place):
    return {record.key: record.output.get("quality") for record in results(place).succeeded}


@pytest.fixture
def film(folder, media):
    place = folder("in")
    place.put("film.mp4", media / "film.mp4")
    return place


@pytest.mark.parametrize("options", [("-c:v", "mpeg4", "-q:v", "8", "-an"),
                                     ("-vf", "scale=80:-2,fps=10", "-c:v", "mpeg4")], ids=" ".join)
def test_figures_are_those_that_ffmpeg_prints(avmap, folder, film, results, options):
    done = avmap("run", film.url, folder("out").url, "--ext", ".mkv", "--quality", "psnr,ssim", "--", *options)

    assert done.returncode == 0, done.stderr
    assert quality(results, folder("out")) == {
        "film.mp4": printed(folder("out").path / "film.mkv", film.path / "film.mp4")}


def test_only_what_was_asked_for_is_there_and_the_result_is_the_same(avmap, folder, film, results):
    line = ("--ext", ".mkv", "--", "-c:v", "mpeg4", "-bitexact")

    avmap("run", film.url, folder("plain").url, *line)
    avmap("run", film.url, folder("out").url, "--quality", "ssim", *line)

    assert set(quality(results, folder("out"))["film.mp4"]) == {"ssim"}
    assert quality(results, folder("plain")) == {"film.mp4": None}
    assert folder("out").read("film.mkv") == folder("plain").read("film.mkv")


def test_pictures_that_are_the_same_have_no_noise(avmap, folder, film, results):
    done = avmap("run", film.url, folder("out").url, "--ext", ".mkv", "--quality", "ssim,psnr", "--", "-c:v", "ffv1")

    assert done.returncode == 0, done.stderr
    assert quality(results, folder("out")) == {"film.mp4": {"psnr": None, "ssim": 1}}


def test_what_is_left_out_at_the_end_is_no_difference(avmap, folder, film, results):
    line = ("--ext", ".mkv", "--quality", "ssim,psnr", "--", "-t", "0.4", "-c:v", "ffv1")

    done = avmap("run", film.url, folder("out").url, *line)

    assert done.returncode == 0, done.stderr
    assert quality(results, folder("out")) == {"film.mp4": {"psnr": None, "ssim": 1}}


def test_a_result_without_pictures_succeeds_and_says_why_it_has_no_figures(avmap, folder, film, results, media):
    film.put("tone.mp3", media / "tone-with-cover.mp3")

    done = avmap("run", film.url, folder("out").url, "--suffix", ".mp3", "--quality", "ssim")

    assert done.returncode == 0, done.stderr
    found = quality(results, folder("out"))
    assert found["film.mp4"] == {"reason": "the result has no pictures"}
    assert "matches no streams" in found["tone.mp3"]["reason"] # a cover is no film


def test_what_is_not_known_or_not_built_in_is_refused_before_anything_starts(avmap, folder, film):
    done = avmap("run", film.url, folder("out").url, "--quality", "ssim,beauty")

    assert done.returncode == 2
    assert '"beauty"' in done.stderr
    filters = subprocess.run(["ffmpeg", "-hide_banner", "-filters"], capture_output=True, text=True, check=True).stdout
    if " libvmaf " not in filters:
        done = avmap("run", film.url, folder("out").url, "--quality", "vmaf")
        assert done.returncode == 2
        assert "libvmaf" in done.stderr
    assert not media_names(folder("out"))
