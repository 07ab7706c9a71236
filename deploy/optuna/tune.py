#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Optuna driving `canopy train`: your own space, sampler and pruner, each trial a run of the workspace.

usage: tune.py DATASET [--study NAME] [--trials N] [--steps N] [--storage URL] [key=value ...]

Words at the end are options of canopy train for every trial. Needs `pip install optuna`. For a search without Python there
is `canopy tune train`, whose studies Optuna opens as well.
"""
import argparse
import os
import subprocess

import optuna

CANOPY = os.environ.get("CANOPY", "canopy")
OBJECTIVE = "val_f1"


def setting(trial: optuna.Trial) -> dict:
    """What is searched, by the names that canopy train has for it."""
    return {
        "lr": trial.suggest_float("lr", 1e-4, 3e-3, log=True),
        "weight-decay": trial.suggest_float("weight-decay", 1e-4, 0.1, log=True),
        "loss-mask": trial.suggest_float("loss-mask", 0.5, 2, log=True),
        "tree-centred": trial.suggest_float("tree-centred", 0, 1),
    }


def train(trial: optuna.Trial, given: argparse.Namespace) -> float:
    words = [CANOPY, "train", given.dataset, f"run={given.study}-{trial.number}", f"name={given.study}", f"steps={given.steps}",
             f"eval-every={max(1, given.steps // 5)}", "--metric-lines", *given.options]
    words += [f"{name}={value}" for name, value in setting(trial).items()]
    value, last_step = None, 0
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:
        for line in process.stdout:
            if not line.startswith("step="):
                continue
            figures = {name: float(number) for name, number in (word.split("=") for word in line.split())}
            value, step = figures[OBJECTIVE], int(figures["step"])
            if step > last_step:
                trial.report(value, step)
                last_step = step
            if step < given.steps and trial.should_prune():
                process.terminate()  # it leaves a checkpoint
                raise optuna.TrialPruned
    if process.returncode != 0 or value is None:
        raise RuntimeError(f"canopy train ended with {process.returncode}")
    return value


def main() -> None:
    parser = argparse.ArgumentParser(usage=__doc__.split("\n\n")[1].removeprefix("usage: "))
    parser.add_argument("dataset")
    parser.add_argument("--study", default="optuna")
    parser.add_argument("--trials", type=int, default=20)
    parser.add_argument("--steps", type=int, default=400)
    parser.add_argument("--storage", default="sqlite:///optuna.sqlite")
    given, given.options = parser.parse_known_args()
    study = optuna.create_study(study_name=given.study, storage=given.storage, direction="maximize", load_if_exists=True,
                                sampler=optuna.samplers.TPESampler(seed=1), pruner=optuna.pruners.MedianPruner(n_startup_trials=4))
    study.optimize(lambda trial: train(trial, given), n_trials=given.trials, catch=RuntimeError)
    print("best", study.best_value, " ".join(f"{name}={value}" for name, value in study.best_params.items()))


if __name__ == "__main__":
    main()
