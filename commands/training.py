"""Commands of training: a run, an evaluation, an experiment."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from commands.terminal import Json, Seed, fail, group, print_json, print_rich, progress, show, show_rows

app = group()
experiment = group("Experiments that compare ways to train.")
app.add_typer(experiment, name="experiment")


@app.command()
def train(
    preset: Annotated[str, typer.Option(help="Named settings: cpu-demo, smoke.")] = "cpu-demo",
    seed: Seed = 0,
    out: Annotated[Path | None, typer.Option(help="Folder of the run; default runs/PRESET-SEED.")] = None,
    resume: Annotated[bool, typer.Option(help="Go on with the run in the folder, if there is one.")] = True,
    json: Json = False,
) -> None:
    """Trains a policy: SFT on the oracle's trajectories, then RL; a killed run goes on where it was.

    Example: divegym train --preset cpu-demo --seed 1 --out runs/first
    """
    from trainer.config import PRESETS
    from trainer.loop import train as run
    from trainer.report import table

    if preset not in PRESETS:
        raise typer.BadParameter(f"{preset!r} is none of {', '.join(PRESETS)}", param_hint="--preset")
    folder = out or Path("runs") / f"{preset}-{seed}"
    if not resume and (folder / "state.pt").exists():
        fail(f"{folder} holds a run already; give another --out, or leave --no-resume away to go on with it")
    results = asyncio.run(run(PRESETS[preset].model_copy(update={"seed": seed}), folder))
    print_json(results) if json else print_rich(table(results), f"curve: {folder / 'curve.png'}")


@app.command("eval")
def evaluate(
    checkpoint: Annotated[Path, typer.Argument(help="Folder of a trained policy, for example runs/cpu-demo-0/cispo.")],
    tasks: Annotated[Path, typer.Option(help="Task file.")],
    json: Json = False,
) -> None:
    """Plays every task of a file with a trained policy and counts what it solves.

    Example: divegym eval runs/cpu-demo-0/cispo --tasks runs/cpu-demo-0/test-frontier.jsonl
    """
    from trainer.held_out import evaluate_file

    summary = asyncio.run(evaluate_file(checkpoint, tasks)).summary()
    print_json(summary) if json else show(summary)


@experiment.command("steps-to-target")
def steps_to_target(
    start: Annotated[Path, typer.Option("--from", help="SFT policy that every trial starts from.")] = Path(
        "runs/cpu-demo-0/sft"),
    out: Annotated[Path, typer.Option(help="Folder of the experiment; a killed one goes on.")] = Path(
        "runs/steps-to-target"),
    preset: Annotated[str, typer.Option(help="Named settings.")] = "cpu-demo",
    seeds: Annotated[int, typer.Option(min=1, help="Trials per objective.")] = 5,
    target: Annotated[float, typer.Option(min=0, max=1, help="Frontier success to reach.")] = 0.5,
    jobs: Annotated[int, typer.Option(min=1, help="Trials at a time, a process each.")] = 2,
    json: Json = False,
) -> None:
    """Counts the RL steps that CISPO, GRPO and DAPO need to reach a frontier success, and plots them.

    Example: divegym experiment steps-to-target --from runs/cpu-demo-0/sft --seeds 5
    """
    from trainer import experiment as trials
    from trainer.config import PRESETS

    design = trials.StepsToTarget(PRESETS[preset], start, out, target, seeds)
    with progress("trials", 3 * seeds) as advance:
        done = design.run(jobs, advance)
    trials.draw(done, target, out / "curve.png")
    summary = trials.summarise(done, target)
    print_json(summary) if json else show_rows([{"objective": name, **row} for name, row in summary.items()])
