"""Metrics: rows of steps that will be run again are taken back, whole rows or not."""

from __future__ import annotations

from pathlib import Path

from trainer.metrics import MetricsLog, read_metrics


def test_a_resumed_log_continues_after_the_saved_step(tmp_path: Path) -> None:
    log = MetricsLog(tmp_path, {"sft": 0, "cispo": 0})
    for step in (1, 2, 3):
        log.write("sft", step, {"loss": float(step)}, {"step": 0.1})
    log.close()
    with (tmp_path / "metrics.jsonl").open("ab") as file:
        file.write(b'{"phase":"sft","st')
    log = MetricsLog(tmp_path, {"sft": 2, "cispo": 0})
    log.write("sft", 3, {"loss": 30.0}, {"step": 0.1})
    log.close()
    assert [(row["step"], row["loss"]) for row in read_metrics(tmp_path, "sft")] == [(1, 1.0), (2, 2.0), (3, 30.0)]
    assert read_metrics(tmp_path, "cispo") == []
