"""Models are built on first use, which may come from many threads at once."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]
MANY_AT_ONCE = """
import sys, threading
sys.setswitchinterval(1e-5)
from chalicelib.api.sigil.export import read_item
from chalicelib.api.sigil.scores import read_scores
from chalicelib.domain.content import canonical_json, from_stored_json
from chalicelib.services.lineage.flag_messages import EdgesLinked, decode

ITEM = {"id": "g", "conversation_id": "c", "model": {"provider": "p", "name": "n"}, "input": "q", "tools": [{}]}
start, done = threading.Barrier(16), []

def work():
    start.wait()
    generation = read_item(ITEM, conversation_required=True)
    message = EdgesLinked(tenant="t", correlation_id="c", edges=(("a", "b", "c"),))
    done.append(from_stored_json(canonical_json(generation)) == generation and decode(message.encode()) == message)
    read_scores({"scores": [{"score_id": "s"}]}, "now")

threads = [threading.Thread(target=work) for _ in range(16)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
sys.exit(done != [True] * 16)
"""


def test_the_first_requests_may_come_all_at_once() -> None:
    for _ in range(3):
        subprocess.run([sys.executable, "-c", MANY_AT_ONCE], cwd=ROOT, check=True, timeout=60)
