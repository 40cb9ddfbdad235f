# SPDX-License-Identifier: MIT
"""What bash offers when the tab key is pressed."""

import os
import shlex
import subprocess
from pathlib import Path

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "completion"


def complete(*words):
    """The words that bash would offer for the last of these, which follow "avmap"."""
    line = [os.environ["AVMAP"], *words]
    script = f"""
        set -eu
        source {shlex.quote(str(SCRIPT))}
        COMP_WORDS=({shlex.join(line)})
        COMP_CWORD={len(line) - 1}
        _avmap {shlex.quote(line[0])} {shlex.quote(line[-1])} || true
        [[ ${{#COMPREPLY[@]}} == 0 ]] || printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True, timeout=60)
    assert done.stderr == ""
    return done.stdout.split()


def test_commands():
    assert complete("r") == ["run", "redrive", "report"]
    assert "merge" in complete("")
    assert complete("help", "pl") == ["plan"]
    assert complete("nonsense") == []


def test_options_of_the_command():
    assert complete("run", "--max-ite") == ["--max-items", "--max-item-memory"]
    assert complete("run", "in", "out", "--suff") == ["--suffix"]
    assert complete("merge", "--suff") == []
    assert complete("run", "--quiet", "--suff") == ["--suffix"]
    assert len(complete("run", "-")) > 50
    assert complete("no-such-command", "--") == []


def test_what_no_word_can_be_offered_for_is_left_to_bash():
    assert complete("run", "in") == []
    assert complete("run", "--job", "") == []
    assert complete("run", "in", "out", "--", "-a") == []
