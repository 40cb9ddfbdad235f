# SPDX-License-Identifier: MIT
"""The same line again does only what is new or changed; --if-exists says otherwise."""

import os

import pytest

from lab import TO_MONO, media_names, samples, tiny_wav

FIRST, SECOND = "11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"
PLACES = [("folder", "folder"), ("s3", "s3")]


def run(avmap, server, source, destination, run_id, *options, recipe=TO_MONO):
    return avmap("run", "--run-id", run_id, *options, source.url, destination.url, *recipe, env=server.env())


@pytest.mark.parametrize("kinds", PLACES, ids="-to-".join)
def test_a_changed_source_is_made_again(avmap, server, place, results, kinds):
    source, destination = place(kinds[0], "in"), place(kinds[1], "out")
    for name in ("a.wav", "b.wav"):
        source.put(name, tiny_wav(1000))
    assert run(avmap, server, source, destination, FIRST).returncode == 0
    source.put("a.wav", tiny_wav(2000))

    done = run(avmap, server, source, destination, SECOND)

    assert done.returncode == 0, done.stderr
    second = results(destination, SECOND)
    assert [record.key.split("/")[-1] for record in second.made] == ["a.wav"]
    assert len(second.succeeded) == 2, "what stays has a record too"
    assert len(samples(destination.read("a.wav.wav"))) == 4000


@pytest.mark.parametrize("kinds", PLACES, ids="-to-".join)
def test_another_recipe_is_another_result(avmap, server, place, results, kinds):
    source, destination = place(kinds[0], "in"), place(kinds[1], "out")
    source.put("a.wav", tiny_wav(1000))
    assert run(avmap, server, source, destination, FIRST).returncode == 0

    run(avmap, server, source, destination, SECOND, recipe=("--suffix", ".wav", "--", "-ac", "1", "-ar", "24000"))

    assert len(results(destination, SECOND).made) == 1
    assert len(samples(destination.read("a.wav.wav"))) == 1000


def test_options_that_change_no_result_remake_none(avmap, server, folder, results):
    source, destination = folder("in"), folder("out")
    source.put("a.wav", tiny_wav(1000))
    assert run(avmap, server, source, destination, FIRST).returncode == 0

    done = run(avmap, server, source, destination, SECOND, "--global-options", "-hide_banner -nostdin -loglevel error -y",
               "--input-options", "-re")

    assert done.returncode == 0, done.stderr
    assert results(destination, SECOND).made == []


def test_results_of_others_are_replaced_in_s3(avmap, server, bucket, results):
    source, destination = bucket.at("in/"), bucket.at("out/")
    source.put("a.wav", tiny_wav(1000))
    destination.put("a.wav.wav", b"not ours")

    assert run(avmap, server, source, destination, FIRST).returncode == 0

    assert len(samples(destination.read("a.wav.wav"))) == 2000


@pytest.mark.parametrize("rule, status, made", [("overwrite", 0, 1), ("skip", 0, 0), ("fail", 1, 0)])
@pytest.mark.parametrize("kinds", PLACES, ids="-to-".join)
def test_what_is_there_is_treated_as_asked(avmap, server, place, results, kinds, rule, status, made):
    source, destination = place(kinds[0], "in"), place(kinds[1], "out")
    source.put("a.wav", tiny_wav(1000))
    destination.put("a.wav.wav", b"not ours")

    done = run(avmap, server, source, destination, FIRST, "--if-exists", rule)

    assert done.returncode == status, done.stderr
    assert len(results(destination).made) == made
    assert (destination.read("a.wav.wav") == b"not ours") == (not made)
    if rule == "fail":
        assert [record.error for record in results(destination).failed] == ["Avmap.AlreadyExists"]


def requests(server_log, since):
    return [line for line in server_log.read_text(errors="replace")[since:].splitlines() if "beast:" in line]


def test_a_second_run_over_many_asks_once_for_each(avmap, server, bucket):
    """10,000 in the long form; what counts is that nothing is read or written again."""
    count = int(os.environ.get("AVMAP_TEST_MANY", "300"))
    source, destination = bucket.at("in/"), bucket.at("out/")
    for n in range(count):
        source.put(f"{n:05}.wav", tiny_wav(50))
    assert run(avmap, server, source, destination, FIRST).returncode == 0

    done = run(avmap, server, source, destination, SECOND, "-v")

    assert done.returncode == 0, done.stderr
    lines = done.stderr.splitlines()
    media = [line for line in lines if "/out/" in line and ".wav.wav" in line]
    assert not [line for line in lines if "GET s3://" in line and ".wav" in line], "something was downloaded"
    assert not [line for line in media if "PUT s3://" in line], "something was written"
    assert len([line for line in media if "HEAD s3://" in line]) <= count


def test_a_first_run_into_nothing_asks_for_nothing(avmap, server, bucket):
    source, destination = bucket.at("in/"), bucket.at("out/")
    for n in range(5):
        source.put(f"{n}.wav", tiny_wav(50))

    done = run(avmap, server, source, destination, FIRST, "-v")

    assert done.returncode == 0, done.stderr
    assert "HEAD " not in done.stderr, "the listing of the destination says that its bucket is there"
    assert len(media_names(destination)) == 5
