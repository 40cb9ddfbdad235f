# SPDX-License-Identifier: MIT
"""A wrong command line is explained before anything is started."""

import json
import os
import subprocess

import pytest

from lab import TO_MONO, media_names, tiny_wav, wait_until

# What is typed after "run IN OUT", and the word that the message must name.
WRONG = {
    "an unknown option": (["--no-such-option"], "no-such-option"),
    "an option without its value": (["--jobs"], "jobs"),
    "a count that is none": (["--jobs", "many"], "many"),
    "a count out of range": (["--jobs", "0"], "jobs"),
    "a negative count": (["--max-attempts", "-1"], "max-attempts"),
    "a percentage over 100": (["--tolerated-failure-percentage", "101"], "tolerated-failure-percentage"),
    "a size that is none": (["--min-size", "12 bananas"], "min-size"),
    "a duration that is none": (["--item-timeout", "soon"], "item-timeout"),
    "a word that is none of the choices": (["--if-exists", "panic"], "panic"),
    "a run id that is no UUID": (["--run-id", "../../etc"], "run-id"),
    "a shard beyond the last": (["--shard", "5/4"], "shard"),
    "a third place": (["third-place"], "third-place"),
    "a suffix without its dot": (["--suffix", "wav"], ".wav?"),
    "metrics in a place that is no file": (["--metrics-file", "s3://bucket/m"], "--metrics-file"),
    "results in a place that is none": (["--results", "http://x/"], "--results"),
    "a quote that is not closed": (["--input-options", "'a"], "--input-options"),
    "an unknown ffmpeg option": (["--", "-nosuchoption", "1"], "nosuchoption"),
    "an unknown encoder": (["--", "-c:a", "nosuchcodec"], "nosuchcodec"),
    "an unknown container": (["--", "-f", "nosuchformat"], "nosuchformat"),
    "an unknown filter": (["--", "-af", "nosuchfilter"], "nosuchfilter"),
    "an ffmpeg option without its value": (["--", "-ac"], "ac"),
    "a sample rate that is none": (["--", "-ar", "fast"], "fast"),
}


@pytest.fixture
def places(folder, tmp_path):
    folder("in").put("a.wav", tiny_wav(100))
    return folder("in").url, f"{tmp_path}/out/"


@pytest.mark.parametrize("arguments, word", WRONG.values(), ids=WRONG)
def test_a_usage_error_names(avmap, places, tmp_path, arguments, word):
    done = avmap("run", *places, "--suffix", ".wav", *arguments)

    assert done.returncode == 2, done.stderr
    assert done.stderr.startswith("avmap: ")
    assert word in done.stderr
    assert done.stdout == ""
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("arguments", [[], ["no-such-command"], ["run"], ["run", "in/"], ["one"], ["plan", "in/"],
                                       ["redrive"], ["report"], ["merge"]], ids=" ".join)
def test_an_incomplete_command_is_a_usage_error_with_a_hint(avmap, arguments):
    done = avmap(*arguments)

    assert done.returncode == 2, done.stderr
    assert "avmap" in done.stderr and "help" in done.stderr


@pytest.mark.parametrize("arguments", [["plan", "in/", "plan/", "-n", "2"], ["merge", "nowhere/"], ["report", "nowhere/"]],
                         ids=lambda arguments: arguments[0])
def test_every_command_logs_as_it_is_told(avmap, folder, tmp_path, arguments):
    folder("in").put("a.wav", tiny_wav(100))
    places = [str(tmp_path / word) if word.endswith("/") else word for word in arguments]

    told = [json.loads(line) for line in avmap(*places, "--log-format", "json").stderr.splitlines()]

    assert told and all(line["level"] in ("info", "error") and line["message"] for line in told)
    assert ("error" in avmap(*places, "-q").stderr) == (arguments[0] != "plan")
    assert "exclude each other" in avmap(*places, "-q", "-v").stderr


def test_an_option_before_the_command_is_explained(avmap):
    done = avmap("--suffix", ".wav", "run", "in/", "out/")

    assert done.returncode == 2
    assert "follow the command" in done.stderr


@pytest.mark.parametrize("source", ["s3://", "s3:///key", "http://127.0.0.1/x", "ftp://x/y"])
def test_an_address_that_avmap_cannot_read_is_named(avmap, server, folder, source):
    done = avmap("run", source, folder("out").url, *TO_MONO, env=server.env())

    assert done.returncode == 2, done.stderr
    assert source in done.stderr
    assert folder("out").names() == set()


def test_a_source_folder_that_is_not_there_is_named(avmap, tmp_path):
    done = avmap("run", tmp_path / "missing", tmp_path / "out", *TO_MONO)

    assert done.returncode in (2, 4), done.stderr
    assert "missing" in done.stderr


def test_a_source_that_is_a_file_is_explained(avmap, places, folder):
    done = avmap("run", f"{folder('in').url}a.wav", folder("out").url, *TO_MONO)

    assert done.returncode == 4, done.stderr
    assert "avmap one" in done.stderr


def test_a_destination_inside_the_source_is_refused(avmap, folder):
    source = folder("in")
    source.put("a.wav", tiny_wav(100))

    done = avmap("run", source.url, f"{source.url}out/", *TO_MONO)

    assert done.returncode == 2, done.stderr
    assert "--exclude" in done.stderr
    assert source.names() == {"a.wav"}


def test_a_destination_inside_the_source_is_allowed_when_it_is_excluded(avmap, folder):
    source = folder("in")
    source.put("a.wav", tiny_wav(100))

    done = avmap("run", source.url, f"{source.url}out/", "--exclude", "out/*", *TO_MONO)

    assert done.returncode == 0, done.stderr
    assert "out/a.wav.wav" in source.names()


def test_results_that_would_be_picked_are_refused(avmap, server, bucket, folder):
    source = folder("in")
    source.put("a.wav", tiny_wav(100))
    bucket.put("media/a.wav", tiny_wav(100))

    for options in ["--include", "*.wav"], ["--exclude", "out/*", "--include", "*.wav"]:
        done = avmap("run", *options, source.url, f"{source.url}out/", *TO_MONO)
        assert done.returncode == 2 and "--exclude 'out/*'" in done.stderr, done.stderr
    above = avmap("run", "--name", "{key}.wav", bucket.at("media/").url, bucket.url, env=server.env())
    assert above.returncode == 2 and "inside the source" in above.stderr, above.stderr

    assert source.names() == {"a.wav"} and bucket.names() == {"media/a.wav"}


def test_help_is_asked_for_and_goes_to_stdout(avmap):
    for arguments in (["help"], ["--help"], ["help", "run"], ["run", "--help"]):
        done = avmap(*arguments)
        assert done.returncode == 0, arguments
        assert "avmap" in done.stdout and done.stderr == ""
    assert "--if-exists" in avmap("help", "run").stdout


def test_version_names_the_program_and_its_libraries(avmap):
    for arguments in (["version"], ["--version"]):
        done = avmap(*arguments)
        assert done.returncode == 0
        assert done.stdout.startswith("avmap ") and done.stderr == ""
    assert "libav" in avmap("version").stdout


def test_an_option_can_come_from_the_environment(avmap, places, folder):
    done = avmap("run", *places, "--", "-ac", "1", env={"AVMAP_SUFFIX": ".flac", "AVMAP_JOBS": "1"})

    assert done.returncode == 0, done.stderr
    assert media_names(folder("out")) == {"a.wav.flac"}


def test_the_command_line_wins_over_the_environment(avmap, places, folder):
    done = avmap("run", *places, "--suffix", ".wav", env={"AVMAP_SUFFIX": ".flac"})

    assert done.returncode == 0, done.stderr
    assert media_names(folder("out")) == {"a.wav.wav"}


def test_a_rule_for_names_that_is_typed_wins_over_another_in_the_environment(avmap, places, folder):
    done = avmap("run", *places, "--ext", "wav", env={"AVMAP_SUFFIX": ".flac"})

    assert done.returncode == 0, done.stderr
    assert media_names(folder("out")) == {"a.wav"}


def test_places_and_jobs_that_are_typed_win_over_the_environment(avmap, places, folder):
    done = avmap("run", *places, "--suffix", ".wav", env={"AVMAP_JOB": "/no/job.json"})

    assert done.returncode == 0, done.stderr
    assert media_names(folder("out")) == {"a.wav.wav"}

    done = avmap("run", "--job", "/no/job.json", env={"AVMAP_SUFFIX": ".flac", "AVMAP_JOB": "/other.json"})

    assert done.returncode == 2
    assert "/no/job.json" in done.stderr


def test_a_wrong_value_in_the_environment_is_named(avmap, places, tmp_path):
    done = avmap("run", *places, *TO_MONO, env={"AVMAP_JOBS": "many"})

    assert done.returncode == 2, done.stderr
    assert "AVMAP_JOBS" in done.stderr
    assert not (tmp_path / "out").exists()


def test_descriptors_that_the_caller_closed_are_given_to_no_other_file(avmap, tmp_path):
    fifo = tmp_path / "job"
    os.mkfifo(fifo)
    line = ["bash", "-c", 'exec "$0" run --job "$1" 0<&- 1>&- 2>&-', avmap.program, fifo]

    def opened():
        """The pipe's other end, once avmap waits for the job there."""
        try:
            return os.open(fifo, os.O_WRONLY | os.O_NONBLOCK)
        except OSError:
            assert process.poll() is None, process.returncode

    with subprocess.Popen(line, env=avmap.environment({})) as process:
        job = wait_until(opened, what="the job to be read")
        links = [os.readlink(f"/proc/{process.pid}/fd/{number}") for number in range(3)]
        os.write(job, b"{}")
        os.close(job)

    assert links == ["/dev/null"] * 3
    assert process.returncode == 2


def test_include_and_exclude_pick_by_the_last_match(avmap, folder):
    for name in ("a.wav", "b.wav", "c.flac", "deep/a.wav"):
        folder("in").put(name, tiny_wav(100))

    done = avmap("run", folder("in").url, folder("out").url, "--exclude", "*", "--include", "*.wav", "--exclude", "b*",
                 *TO_MONO)

    assert done.returncode == 0, done.stderr
    assert media_names(folder("out")) == {"a.wav.wav", "deep/a.wav.wav"}


@pytest.mark.parametrize("names, message", [([], "no object is in the source"), (["a.mp3"], "have left out all")])
def test_a_run_over_nothing_says_so(avmap, folder, names, message):
    folder("in").path.mkdir(exist_ok=True)
    for name in names:
        folder("in").put(name, b"x")

    done = avmap("run", folder("in").url, folder("out").url, "--include", "*.wav", *TO_MONO)

    assert done.returncode == 0, done.stderr
    assert message in done.stderr


def test_sizes_pick(avmap, folder):
    for length in (100, 1000, 10000):
        folder("in").put(f"{length}.wav", tiny_wav(length))

    done = avmap("run", folder("in").url, folder("out").url, "--min-size", "1000", "--max-size", "10k", *TO_MONO)

    assert done.returncode == 0, done.stderr
    assert media_names(folder("out")) == {"1000.wav.wav"}


def test_shards_share_out_every_item_once(avmap, folder):
    for n in range(30):
        folder("in").put(f"{n}.wav", tiny_wav(100))
    for shard in range(3):
        done = avmap("run", "--shard", f"{shard}/3", folder("in").url, folder(f"out{shard}").url, *TO_MONO)
        assert done.returncode == 0, done.stderr

    shares = [media_names(folder(f"out{shard}")) for shard in range(3)]
    assert sum(map(len, shares)) == 30
    assert set.union(*shares) == {f"{n}.wav.wav" for n in range(30)}


@pytest.mark.parametrize("command, hint", [("run", "go after --"), ("redrive", "go after --"),
                                           ("one", "go into --output_file_options"), ("merge", None),
                                           ("report", None), ("plan", None)])
def test_an_option_of_ffmpeg_is_told_where_it_goes(avmap, command, hint):
    done = avmap(command, "-ac", 1)

    assert done.returncode == 2
    assert hint in done.stderr if hint else "ffmpeg" not in done.stderr, done.stderr
