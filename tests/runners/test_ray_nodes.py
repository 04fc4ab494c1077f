"""A cluster of two nodes on this machine, one of which is lost in the middle of a run.

It runs in a process of its own, because a process is in one cluster at a time.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from importlib.util import find_spec
from pathlib import Path

import pytest

NAMES = [f"film{i}" for i in range(4)]


@pytest.mark.slow
def test_a_lost_node_costs_its_task_alone(tmp_path: Path) -> None:
    if find_spec("ray") is None:
        pytest.skip("Ray is not installed: pip install 'smartcut-pipelines[ray]'")
    here = Path(__file__)
    env = os.environ | {"PYTHONPATH": str(here.parents[2]), "RAY_USAGE_STATS_ENABLED": "0"}
    done = subprocess.run(
        [sys.executable, here, tmp_path], env=env, capture_output=True, text=True, timeout=250
    )
    assert (tmp_path / "found.json").is_file(), done.stderr[-3000:]
    found = json.loads((tmp_path / "found.json").read_text())
    assert found["nodes"] == 2
    assert found["frames"] == dict.fromkeys(NAMES, 100)
    assert sorted(found["starts"].values()) == [1, 1, 1, 2]
    # Both nodes were at work on a task when one was lost.
    assert found["under_way"] == 2


def lose_a_node(folder: Path) -> None:
    """Write what happened to ``found.json`` in the folder."""
    import ray
    from ray.cluster_utils import Cluster

    from smartcut.runners import ray as on_ray
    from smartcut.testing import write_bar_coded
    from tests.builders.marking import count, frames_counted, inputs, marking

    films = [folder / f"{name}.mp4" for name in NAMES]
    for i, film in enumerate(films):
        write_bar_coded(film, frames=100, gop=30 + i, size=(160, 90))
    marks = folder / "marks"
    marks.mkdir()
    size = {"num_cpus": 1, "object_store_memory": 80 << 20}
    head = size | {"include_dashboard": False}
    cluster = Cluster(initialize_head=True, head_node_args=head)
    other = cluster.add_node(**size)
    ray.init(address=cluster.address, log_to_driver=False, logging_level="ERROR")
    found = {"nodes": sum(node["Alive"] for node in ray.nodes())}

    def lose() -> None:
        while any(count(marks, f"fed-{name}") < 5 for name in begun()) or len(begun()) < 2:
            time.sleep(0.05)
        found["under_way"] = len(begun())
        cluster.remove_node(other, allow_graceful=False)

    def begun() -> list[str]:
        return [name for name in NAMES if count(marks, f"started-{name}")]

    threading.Thread(target=lose, daemon=True).start()
    made = on_ray.run(marking(marks, "dawdle"), inputs(films))
    starts = {name: count(marks, f"started-{name}") for name in NAMES}
    found |= {"frames": frames_counted(made.cut), "starts": starts}  # type: ignore[dict-item]
    (folder / "found.json").write_text(json.dumps(found))
    ray.shutdown()
    cluster.shutdown()


if __name__ == "__main__":
    os.environ["SMARTCUT_CACHE"] = str(Path(sys.argv[1]) / "cache")
    lose_a_node(Path(sys.argv[1]))
