"""Whole fits with standard errors beside statsmodels and glum, on the same columns in memory.

    cargo bench -p fisherinfo-bench --bench peers --no-run
    python benches/peers/compare.py target/release/deps/peers-… [--quick] [--without-statsmodels] [--wide]

`--quick` takes a twentieth of the rows, `--wide` the widest shape alone. Needs `pip install -r benches/peers/requirements.txt`. Two threads each. Every round runs all
three, one after the other, so that a disturbance meets each; the least time of the rounds counts. All
must find the same coefficients and the same standard errors, or the run ends with 1. statsmodels runs
fewer rounds where one takes minutes.
"""

import os

THREADS = 2
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = str(THREADS)

import json
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path

import glum
import numpy as np
import statsmodels.api as sm

warnings.filterwarnings("ignore")

SHAPES = [(1_000_000, 10), (1_000_000, 50), (200_000, 300)]
FAMILIES = [("binomial", "logit"), ("poisson", "log"), ("gamma", "log")]


def table(rows, width, family):
    random = np.random.default_rng(20_261_123)
    columns = random.normal(size=(width, rows))
    slopes = 0.5 / np.sqrt(width) * np.cos(np.arange(width))
    predictor = 0.3 + slopes @ columns
    if family == "binomial":
        response = (random.random(rows) < 1 / (1 + np.exp(-predictor))).astype(float)
    elif family == "poisson":
        response = random.poisson(np.exp(predictor)).astype(float)
    else:
        response = random.gamma(2.0, np.exp(predictor) / 2.0)
    return response, columns


def by_statsmodels(design, response, family):
    kind = {
        "binomial": sm.families.Binomial(),
        "poisson": sm.families.Poisson(),
        "gamma": sm.families.Gamma(sm.families.links.Log()),
    }[family]
    start = time.perf_counter()
    fit = sm.GLM(response, design, family=kind).fit(tol=1e-10)
    errors = fit.bse
    return time.perf_counter() - start, fit.params, errors


def by_glum(design, response, family):
    start = time.perf_counter()
    fit = glum.GeneralizedLinearRegressor(
        family=family, link={"binomial": "logit"}.get(family, "log"), alpha=0, gradient_tol=1e-9
    )
    # Without the intercept's column, which it adds itself; robust errors would be another matter.
    fit.fit(design[:, 1:], response)
    covariance = fit.covariance_matrix(
        design[:, 1:],
        response,
        robust=False,
        expected_information=True,
        # It would estimate one where there is none.
        dispersion=None if family == "gamma" else 1.0,
    )
    rows, terms = design.shape
    # It multiplies by n/(n − p), also where the dispersion is known.
    errors = np.sqrt(np.diag(covariance) * (rows - terms) / rows)
    return time.perf_counter() - start, np.r_[fit.intercept_, fit.coef_], errors


def by_fisherinfo(binary, folder, family, link, rounds):
    done = subprocess.run(
        [binary, folder, family, link, str(rounds), str(THREADS)], capture_output=True, text=True, check=True
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


def apart(name, found, own, errors, tolerance):
    error = float(np.max(np.abs(np.asarray(found) - own) / errors))
    if not error <= tolerance:
        sys.exit(f"{name} is apart by {error:.1e}")


def peak(width):
    """GFLOP/s of NumPy's product of a block with itself, on the same threads."""
    block = np.random.default_rng(0).normal(size=(2000, 2000))
    times = []
    for _ in range(5):
        start = time.perf_counter()
        block @ block
        times.append(time.perf_counter() - start)
    return 2 * 2000**3 / min(times) / 1e9


def main():
    binary = str(Path(sys.argv[1]).resolve())
    quick = "--quick" in sys.argv
    # A machine with 24 GB killed the run at 200,000 × 300 with it.
    all_peers = "--without-statsmodels" not in sys.argv
    dgemm = peak(2000)
    print(f"dgemm of NumPy on {THREADS} threads: {dgemm:.0f} GFLOP/s")
    print("| rows × columns | family | fisherinfo, s | Mrows/s | one XᵀWX by dgemm, s | glum, s | ratio | statsmodels, s | ratio |")
    print("|---|---|---|---|---|---|---|---|---|")
    for rows, width in SHAPES[-1:] if "--wide" in sys.argv else SHAPES:
        if quick:
            rows //= 20
        for family, link in FAMILIES:
            response, columns = table(rows, width, family)
            design = np.asfortranarray(np.column_stack([np.ones(rows), columns.T]))
            with tempfile.TemporaryDirectory() as folder:
                response.tofile(f"{folder}/response")
                columns.tofile(f"{folder}/columns")
                own, glums, models = [], [], []
                rounds = 3 if width < 300 else 2
                for round in range(rounds):
                    own += by_fisherinfo(binary, folder, family, link, 2)
                    glums.append(by_glum(design, response, family))
                    # More than a minute each: once.
                    if all_peers and (round == 0 or models[0][0] < 20):
                        models.append(by_statsmodels(design, response, family))
            found = min(own, key=lambda run: run["seconds"])
            errors = np.array(found["errors"])
            peers = [("glum", glums[0])] + [("statsmodels", run) for run in models[:1]]
            for name, (_, coefficients, others) in peers:
                # They stop at a gradient, not at a step.
                apart(f"{name}'s coefficients", coefficients, found["coefficients"], errors, 1e-3)
                apart(f"{name}'s errors", others, errors, errors, 1e-3)
            seconds = found["seconds"]
            glum_time = min(run[0] for run in glums)
            models_time = min((run[0] for run in models), default=float("nan"))
            # Without symmetry it would be twice that.
            product = rows * (width + 1) * (width + 2) / 1e9 / dgemm
            print(
                f"| {rows:,} × {width} | {family} | {seconds:.3f} | {rows / seconds / 1e6:.2f} | "
                f"{product:.3f} | {glum_time:.2f} | "
                f"{glum_time / seconds:.1f} | {models_time:.1f} | {models_time / seconds:.0f} |",
                flush=True,
            )


main()
