# SPDX-License-Identifier: MIT
"""A listing of more than one page loses, repeats and mixes nothing."""

from concurrent.futures import ThreadPoolExecutor

from lab import TO_MONO, media_names, tiny_wav

COUNT = 1300


def test_every_key_of_every_page_is_made_once(avmap, server, bucket, results):
    source, destination = bucket.at("in/"), bucket.at("out/")
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: source.put(f"{n % 7}/{n:04}.wav", tiny_wav(50 + n)), range(COUNT)))

    done = avmap("run", source.url, destination.url, *TO_MONO, env=server.env(), timeout=600)

    assert done.returncode == 0, done.stderr
    names = {f"{n % 7}/{n:04}.wav" for n in range(COUNT)}
    assert media_names(destination) == {f"{name}.wav" for name in names}
    run = results(destination)
    assert sorted(record.key for record in run.made) == sorted(f"in/{name}" for name in names)
    with ThreadPoolExecutor(8) as pool:
        heads = list(pool.map(lambda n: destination.head(f"{n % 7}/{n:04}.wav.wav"), range(COUNT)))
    assert len({head["ContentLength"] - 2 * (50 + n) for n, head in enumerate(heads)}) == 1, "results are mixed up"


def test_max_items_ends_the_listing(avmap, server, bucket, results):
    source, destination = bucket.at("in/"), bucket.at("out/")
    for n in range(5):
        source.put(f"{n}.wav", tiny_wav(50))

    done = avmap("run", "--max-items", 3, source.url, destination.url, *TO_MONO, env=server.env())

    assert done.returncode == 0, done.stderr
    assert len(results(destination).made) == len(media_names(destination)) == 3
