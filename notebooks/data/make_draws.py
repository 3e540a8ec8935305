"""Writes the seeded draws that the logistic exercises are computed on.

exercise7.csv: numpy.random.default_rng(0), 300 rows, w = (0.8, -0.4)
exercise8.csv: numpy.random.default_rng(1), 300 rows, w = (0.9, -0.7)

Each: X = normal(size=(300, 2)), then y = binomial(1, sigmoid(X @ w)). Numbers are written with
17 significant digits, so that they read back as the same doubles.

    python3 make_draws.py        (needs numpy; the files written are committed beside it)
"""

import pathlib

import numpy as np

HERE = pathlib.Path(__file__).parent


def write(name, seed, weights):
    generator = np.random.default_rng(seed)
    x = generator.normal(size=(300, 2))
    probability = 1.0 / (1.0 + np.exp(-(x @ np.array(weights))))
    y = generator.binomial(1, probability)
    lines = ["x1,x2,y"] + [f"{a!r},{b!r},{c}" for (a, b), c in zip(x.tolist(), y.tolist())]
    (HERE / name).write_text("\n".join(lines) + "\n")


write("exercise7.csv", 0, (0.8, -0.4))
write("exercise8.csv", 1, (0.9, -0.7))
