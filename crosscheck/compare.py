"""Holds `fisher fit` against R's glm and sandwich, against statsmodels, and against published figures.

    python crosscheck/compare.py path/to/fisher

Needs statsmodels (for its tables too) and Rscript with the packages sandwich and MASS. Ends with 1 and
says where if anything differs by more than the case allows, or if a program could not do what it was
asked to.
"""

import json
import math
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
import statsmodels.api as sm
import statsmodels.formula.api as smf
from cases import CASES, Case

HERE = Path(__file__).resolve().parent
DATA = HERE.parent / "notebooks" / "data"
ROBUST = ["HC0", "HC1", "HC2", "HC3"]


def table_of(name):
    """The table, with the columns that a case asks for beyond those of its source."""
    if name in ("longley", "beetle", "spector", "quine"):
        table = pd.read_csv(DATA / f"{name}.csv")
        if name == "quine":
            table["More"] = table["Days"] + 1
        return table
    source = Path(sm.datasets.__file__).parent
    file = {"scotland": "scotland/scotvote.csv"}.get(name, f"{name}/{name}.csv")
    table = pd.read_csv(source / file)
    if name == "cpunish":
        table["LN_VC100k96"] = np.log(table["VC100k96"])
        table["log_hundred"] = math.log(100)
    if name == "fair":
        table["affair"] = (table["affairs"] > 0).astype(int)
    if name == "engel":
        table["precision"] = 1 + np.arange(len(table)) % 5
    return table


def by_fisher(binary, case: Case, file):
    arguments = [binary, "fit", file, case.formula, "--family", case.family, "--json"]
    for flag in ("link", "trials", "offset", "weights", "cluster"):
        if getattr(case, flag):
            arguments += [f"--{flag}", getattr(case, flag)]
    def run(*more):
        done = subprocess.run(arguments + list(more), capture_output=True, text=True)
        if done.returncode != 0:
            raise RuntimeError(done.stderr)
        return json.loads(done.stdout)

    report = run()
    found = {key: report[key] for key in ("coefficients", "deviance", "log_likelihood", "dispersion")}
    found["terms"] = report["terms"]
    found["expected"] = report["standard_errors"]["expected"]
    found["observed"] = report["standard_errors"]["observed"]
    found["outer products"] = report["standard_errors"]["empirical"]
    if case.cluster:
        found["cluster"] = report["standard_errors"]["cluster"]
    if report["shape"] is not None:
        found["shape"] = report["shape"]["k"]
    if case.robust:
        for kind in ROBUST:
            found[kind] = run("--robust", kind.lower())["standard_errors"]["sandwich"]
    return found


def by_r(case: Case, file):
    if not case.r_family:
        return {}
    done = subprocess.run(
        ["Rscript", HERE / "peers.R", file, case.r_formula, case.r_family, case.offset, case.cluster, case.weights],
        capture_output=True,
        text=True,
    )
    if done.returncode != 0:
        raise RuntimeError(done.stderr)
    lines = (line.split("\t") for line in done.stdout.splitlines())
    return {name: [float(value) for value in values] for name, *values in lines}


def by_statsmodels(case: Case, table):
    """Only what statsmodels has right: its HC1 to HC3 of a regression other than Gaussian are HC0."""
    families = sm.families
    links = {
        "": None,
        "log": families.links.Log(),
        "probit": families.links.Probit(),
        "cloglog": families.links.CLogLog(),
        "inverse": families.links.InversePower(),
        "identity": families.links.Identity(),
    }
    kinds = {
        "binomial": families.Binomial,
        "poisson": families.Poisson,
        "gaussian": families.Gaussian,
        "gamma": families.Gamma,
        "inverse-gaussian": families.InverseGaussian,
        "tweedie(1.5)": lambda link: families.Tweedie(link=link, var_power=1.5),
    }
    if case.family not in kinds:
        return {}
    link = links[case.link]
    family = kinds[case.family](link=link) if link is not None else kinds[case.family]()
    table = table.copy()
    formula = case.formula
    keywords = {}
    if case.trials:
        response, right = formula.split("~")
        table["share"] = table[response.strip()] / table[case.trials]
        formula = f"share ~ {right}"
        keywords["var_weights"] = table[case.trials]
    if case.offset:
        keywords["offset"] = table[case.offset]
    if case.weights:
        keywords["var_weights"] = table[case.weights]
    model = smf.glm(formula, table, family=family, **keywords)
    fit = model.fit(tol=1e-15, tol_criterion="params", maxiter=300)
    # Patsy puts categories first, so terms are matched by name.
    place = {name.replace("[T.", "["): i for i, name in enumerate(fit.params.index)}
    found = {"coefficients": fit.params.to_numpy(), "expected": fit.bse.to_numpy()}
    # Trials as weights make its scores those of shares, and beside a link that is not canonical its
    # bread is the observed information.
    if not case.trials and not case.weights and case.is_canonical():
        found["HC0"] = model.fit(tol=1e-15, tol_criterion="params", maxiter=300, cov_type="HC0").bse.to_numpy()
    return {"place": place, "deviance": [fit.deviance], **found}


class Tally:
    def __init__(self):
        self.compared = 0
        self.failures = []

    def hold(self, case, program, name, term, own, other, scale, tolerance):
        self.compared += 1
        error = abs(own - other) / scale
        if not error <= tolerance:
            self.failures.append(
                f"{case.name}: {name}{f' of {term}' if term else ''}: {own!r}, {program} {other!r}, "
                f"apart by {error:.1e}, allowed {tolerance:.1e}"
            )


def compare(tally, case, program, own, other, tolerance):
    place = other.get("place")
    for name, values in other.items():
        if name == "place" or name not in own:
            continue
        if name in ("deviance", "shape"):
            tally.hold(case, program, name, "", own[name], values[0], abs(values[0]), tolerance)
            continue
        for i, term in enumerate(own["terms"]):
            value = values[place[term] if place else i]
            scale = own["expected"][i] if name == "coefficients" else abs(value)
            tally.hold(case, program, name, term, own[name][i], value, scale, tolerance)


def half_a_unit(text):
    """In the last digit printed."""
    mantissa, _, exponent = text.lower().partition("e")
    decimals = len(mantissa.partition(".")[2])
    return 0.501 * 10.0 ** (int(exponent or 0) - decimals)


def compare_published(tally, case, own):
    for name, (terms, texts) in case.published.items():
        for i, text in enumerate(texts.split()):
            term = terms[i] if terms else ""
            place = own["terms"].index(term) if terms else None
            found = own[name] if place is None else own[name][place]
            size = own["expected"][place] if name == "coefficients" else abs(found)
            allowed = max(half_a_unit(text), case.published_tolerance * size)
            tally.hold(case, "published", name, term, found, float(text), 1.0, allowed)


def main():
    binary = str(Path(sys.argv[1]).resolve())
    tally = Tally()
    with tempfile.TemporaryDirectory() as folder:
        for case in CASES:
            before = len(tally.failures), tally.compared
            table = table_of(case.table)
            file = Path(folder) / f"{case.table}.csv"
            table.to_csv(file, index=False)
            try:
                own = by_fisher(binary, case, file)
                compare(tally, case, "R", own, by_r(case, file), case.tolerance)
                compare(tally, case, "statsmodels", own, by_statsmodels(case, table), case.tolerance)
                compare_published(tally, case, own)
            except RuntimeError as error:
                tally.failures.append(f"{case.name}: {error}")
            wrong = len(tally.failures) - before[0]
            print(f"{case.name}: {tally.compared - before[1]} figures, {wrong or 'none'} apart")
    for failure in tally.failures:
        print(failure, file=sys.stderr)
    if tally.failures:
        sys.exit(1)
    print(f"all {tally.compared} figures agree")


main()
