"""Fisher information of networks beside BackPACK, nngeometry and curvlinops, on the same weights and data.

    cargo bench -p fisherinfo-bench --bench networks --no-run
    pip install -r benches/peers/networks.txt
    python benches/peers/networks.py target/release/deps/networks-… [--quick]

Networks: an MLP 784-512-512-10 and a CNN on 10,000 images; a GPT of 4 layers × 256 on texts of 128 tokens, which
of the peers none takes as it is, so that it stands beside the floor alone. Two threads each, each run a process
of its own, all in turn in every round with each of two sizes of batches, the least seconds count. The sum of an empirical diagonal has to be
that of BackPACK to 1e-4, or the run ends with 1.

The floor is the FLOPs that cannot be spared (the products of the pass forwards, of the pass backwards, and of
the squares or the lower triangles of the factors) at the rate of torch's own matrix product of 1024 × 1024.
"""

import json
import math
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

THREADS = 2
# Examples at a time: each engine counts with the one that it is faster with.
BATCHES = {"mlp": (256, 1024), "cnn": (64, 256), "gpt": (8, 32)}
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = str(THREADS)

import numpy as np
import torch
from safetensors.numpy import save_file
from torch import nn


def mlp():
    return nn.Sequential(nn.Linear(784, 512), nn.ReLU(), nn.Linear(512, 512), nn.ReLU(), nn.Linear(512, 10))


def cnn():
    return nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(32 * 49, 10),
    )  # fmt: skip


def linear(name, outputs):
    return f'[[layer]]\nkind = "linear"\nname = "{name}"\noutputs = {outputs}\n'


def convolution(name, outputs):
    pool = '[[layer]]\nkind = "pool"\npooling = "max"\nsize = [2, 2]\n'
    return (
        f'[[layer]]\nkind = "conv2d"\nname = "{name}"\noutputs = {outputs}\nsize = [3, 3]\npadding = [1, 1]\n'
        + RELU
        + pool
    )


RELU = '[[layer]]\nkind = "relu"\n'
HEAD = 'output = "categorical"\n'
LAYERS, FEATURES, LENGTH, VOCABULARY = 4, 256, 128, 512


def gpt_description():
    inner = lambda text: text.replace("[[layer]]", "[[layer.layer]]")
    norm = lambda name: f'[[layer]]\nkind = "layer-norm"\nname = "{name}"\n'
    text = f'input = {{ tokens = {{ length = {LENGTH}, padding = -1 }} }}\n' + HEAD
    text += f'[[layer]]\nkind = "embedding"\nname = "e"\nvocabulary = {VOCABULARY}\nfeatures = {FEATURES}\n'
    text += '[[layer]]\nkind = "position"\nname = "p"\n'
    for i in range(LAYERS):
        attention = f'[[layer]]\nkind = "attention"\nname = "{i}.a"\nheads = 4\ncausal = true\n'
        text += '[[layer]]\nkind = "residual"\n' + inner(norm(f"{i}.n") + attention)
        text += '[[layer]]\nkind = "residual"\n' + inner(
            norm(f"{i}.m")
            + linear(f"{i}.w", 4 * FEATURES)
            + '[[layer]]\nkind = "gelu-tanh"\n'
            + linear(f"{i}.v", FEATURES)
        )
    return text + norm("l") + linear("h", VOCABULARY)


DESCRIPTIONS = {
    "mlp": "input = { features = 784 }\n" + HEAD + linear("0", 512) + RELU + linear("2", 512) + RELU + linear("4", 10),
    "cnn": "input = { image = [1, 28, 28] }\n"
    + HEAD
    + convolution("0", 16)
    + convolution("3", 32)
    + '[[layer]]\nkind = "flatten"\n'
    + linear("7", 10),
    "gpt": gpt_description(),
}


def floor(name, representation):
    """FLOPs an example: (inputs, outputs, positions) of each weight, the first without a pass backwards."""
    weights = {
        "mlp": [(784, 512, 1), (512, 512, 1), (512, 10, 1)],
        "cnn": [(9, 16, 784), (144, 32, 196), (1568, 10, 1)],
        "gpt": [(FEATURES, 3 * FEATURES, LENGTH), (FEATURES, FEATURES, LENGTH), (FEATURES, 4 * FEATURES, LENGTH), (4 * FEATURES, FEATURES, LENGTH)] * LAYERS
        + [(FEATURES, VOCABULARY, LENGTH)],
    }[name]
    total = 0
    for i, (a, g, t) in enumerate(weights):
        total += 2 * a * g * t * (2 if i > 0 or name == "gpt" else 1)
        if representation == "diagonal":
            # Gradients of each example where positions share a weight, else products of squares.
            total += 2 * a * g * t
        else:
            total += (a * a + g * g) * t
    if name == "gpt":
        # Queries by keys and weights by values, backwards twice each; the causal half.
        total += LAYERS * 2 * 3 * 2 * LENGTH * LENGTH * FEATURES // 2
    return total


def data(name, n):
    random = np.random.default_rng(7)
    if name == "gpt":
        tokens = random.integers(0, VOCABULARY, (n, LENGTH + 1))
        return tokens[:, :-1].astype("float32"), tokens[:, 1:].astype("float32")
    inputs = random.random((n, 784), dtype="float32")
    return inputs, random.integers(0, 10, n).astype("float32")


def loaded(folder, name):
    model = {"mlp": mlp, "cnn": cnn}[name]()
    model.load_state_dict(torch.load(f"{folder}/model.pt"))
    x = np.fromfile(f"{folder}/inputs", "<f4").reshape(-1, 784)
    y = np.fromfile(f"{folder}/labels", "<f4").astype("int64")
    x = torch.from_numpy(x)
    return model, x.reshape(-1, 1, 28, 28) if name == "cnn" else x, torch.from_numpy(y)


def batches(x, y, batch):
    return [(x[i : i + batch], y[i : i + batch]) for i in range(0, len(x), batch)]


def by_backpack(model, x, y, batch, estimator, representation):
    from backpack import backpack, extend
    from backpack.extensions import KFAC, DiagGGNMC, SumGradSquared

    lossfunc = extend(nn.CrossEntropyLoss(reduction="sum"))
    model = extend(model)
    if representation == "diagonal":
        extension, field = (SumGradSquared(), "sum_grad_squared") if estimator == "empirical" else (DiagGGNMC(), "diag_ggn_mc")
        total = [torch.zeros_like(p) for p in model.parameters()]
    else:
        extension, total = KFAC(), None
    for a, b in batches(x, y, batch):
        model.zero_grad()
        with backpack(extension):
            lossfunc(model(a), b).backward()
        if representation == "diagonal":
            for so_far, p in zip(total, model.parameters()):
                so_far += getattr(p, field).reshape(so_far.shape)
        else:
            factors = [f for p in model.parameters() for f in p.kfac]
            total = factors if total is None else [s + f for s, f in zip(total, factors)]
    return float(sum(t.sum() for t in total)) if representation == "diagonal" else float("nan")


def by_nngeometry(model, x, y, batch, estimator, representation):
    from nngeometry.metrics import FIM_MonteCarlo
    from nngeometry.object import PMatDiag, PMatKFAC
    from torch.utils.data import DataLoader, TensorDataset

    loader = DataLoader(TensorDataset(x, y), batch_size=batch)
    kind = PMatDiag if representation == "diagonal" else PMatKFAC
    fisher = FIM_MonteCarlo(model, loader, kind, trials=1)
    return float(fisher.trace()) * len(x)


def by_curvlinops(model, x, y, batch, estimator, representation):
    from curvlinops import KFACLinearOperator

    kfac = KFACLinearOperator(
        model,
        nn.CrossEntropyLoss(reduction="sum"),
        [p for p in model.parameters()],
        batches(x, y, batch),
        fisher_type="empirical" if estimator == "empirical" else "mc",
        mc_samples=1,
        check_deterministic=False,
        separate_weight_and_bias=False,
        num_data=len(x),
    )
    kfac.compute_kronecker_factors()
    return float("nan")


PEERS = {
    ("empirical", "diagonal"): {"BackPACK": by_backpack},
    ("monte-carlo", "diagonal"): {"BackPACK": by_backpack, "nngeometry": by_nngeometry},
    ("monte-carlo", "kfac"): {"BackPACK": by_backpack, "nngeometry": by_nngeometry, "curvlinops": by_curvlinops},
}


def megabytes(name):
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(name):
            return int(line.split()[1]) / 1024
    return math.nan


def worker(folder, name, peer, estimator, representation, batch):
    batch = int(batch)
    torch.set_num_threads(THREADS)
    model, x, y = loaded(folder, name)
    fit = PEERS[(estimator, representation)][peer]
    # Imports and first use are no part of it.
    import copy

    fit(copy.deepcopy(model), x[:batch], y[:batch], batch, estimator, representation)
    before = megabytes("VmRSS:")
    start = time.perf_counter()
    trace = fit(model, x, y, batch, estimator, representation)
    seconds = time.perf_counter() - start
    print(json.dumps({"seconds": seconds, "trace": trace, "before": before, "peak": megabytes("VmHWM:")}))


def rate():
    block = torch.rand(1024, 1024)
    times = []
    for _ in range(20):
        start = time.perf_counter()
        block @ block
        times.append(time.perf_counter() - start)
    return 2 * 1024**3 / min(times)


def run(command):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    if done.returncode:
        return None, done.stderr.strip().splitlines()[-1:]
    return [json.loads(line.replace("NaN", "null")) for line in done.stdout.splitlines() if line.startswith("{")], None


def main(binary, quick):
    torch.set_num_threads(THREADS)
    # Once, before anything else runs.
    sgemm = rate()
    print(f"torch {torch.__version__}, sgemm {sgemm / 1e9:.0f} GFLOP/s on {THREADS} threads")
    print("| network | estimate | by | batch | examples/s | fisherinfo is faster by | peak, MB | above what it began with, MB | of the floor |")
    print("|---|---|---|---|---|---|---|---|---|")
    for name, n in [("mlp", 10_000), ("cnn", 10_000), ("gpt", 200)]:
        n = n // 10 if quick else n
        with tempfile.TemporaryDirectory() as folder:
            folder = Path(folder)
            (folder / "model.toml").write_text(DESCRIPTIONS[name])
            torch.manual_seed(3)
            x, y = data(name, n)
            x.tofile(folder / "inputs")
            y.tofile(folder / "labels")
            if name == "gpt":
                save_file(gpt_weights(), folder / "weights.safetensors")
            else:
                model = {"mlp": mlp, "cnn": cnn}[name]()
                torch.save(model.state_dict(), folder / "model.pt")
                save_file({k: v.numpy() for k, v in model.state_dict().items()}, folder / "weights.safetensors")
            for (estimator, representation), peers in PEERS.items():
                peers = {} if name == "gpt" else peers
                found = {by: [] for by in ["fisherinfo", *peers]}
                refused = {}
                for round in range(1 if quick else 3):
                    for by in found:
                        # A long one once.
                        if by in refused or (found[by] and found[by][0]["seconds"] > 10):
                            continue
                        for batch in BATCHES[name]:
                            if by == "fisherinfo":
                                # Twice: as imports and first use of the others are no part of theirs.
                                command = [binary, folder, estimator, representation, batch, 2, THREADS]
                            else:
                                command = [sys.executable, "-W", "ignore", __file__, "--worker", folder, name, by, estimator, representation, batch]
                            runs, error = run(command)
                            if error:
                                refused[by] = error
                            else:
                                found[by] += [run | {"batch": batch} for run in runs]
                if "fisherinfo" in refused:
                    sys.exit(f"{name} {estimator} {representation}: {refused['fisherinfo']}")
                own = min(run["seconds"] for run in found["fisherinfo"])
                for by, runs in found.items():
                    label = f"| {name} | {estimator}, {representation} | {by} "
                    if not runs:
                        print(f"{label}| refused: {refused[by]} | | | | | |")
                        continue
                    best = min(runs, key=lambda run: run["seconds"])
                    share = n * floor(name, representation) / sgemm / best["seconds"]
                    print(
                        f"{label}| {best['batch']} | {n / best['seconds']:,.0f} | {best['seconds'] / own:.2f} | {best['peak']:.0f} | "
                        f"{best['peak'] - best['before']:.0f} | {100 * share:.0f} % |",
                        flush=True,
                    )
                    if by == "BackPACK" and estimator == "empirical":
                        wanted, trace = best["trace"], found["fisherinfo"][0]["trace"]
                        if not abs(trace - wanted) <= 1e-4 * wanted:
                            sys.exit(f"{name}: the diagonal adds up to {trace}, and BackPACK's to {wanted}")


def gpt_weights():
    random = np.random.default_rng(11)
    draw = lambda *shape: (random.normal(size=shape) * 0.05).astype("float32")
    d = FEATURES
    weights = {"e.weight": draw(VOCABULARY, d), "p.weight": draw(LENGTH, d)}
    norm = lambda name: {f"{name}.weight": np.ones(d, "float32"), f"{name}.bias": np.zeros(d, "float32")}
    for i in range(LAYERS):
        weights |= norm(f"{i}.n") | norm(f"{i}.m")
        for part in ("query", "key", "value", "output"):
            weights |= {f"{i}.a.{part}.weight": draw(d, d), f"{i}.a.{part}.bias": draw(d)}
        weights |= {f"{i}.w.weight": draw(4 * d, d), f"{i}.w.bias": draw(4 * d)}
        weights |= {f"{i}.v.weight": draw(d, 4 * d), f"{i}.v.bias": draw(d)}
    return weights | norm("l") | {"h.weight": draw(VOCABULARY, d), "h.bias": draw(VOCABULARY)}


if "--worker" in sys.argv:
    worker(*sys.argv[sys.argv.index("--worker") + 1 :])
else:
    main(str(Path(sys.argv[1]).resolve()), "--quick" in sys.argv)
