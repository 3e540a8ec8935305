"""Reference values for the special functions, by mpmath at 50 digits and more.

    pip install mpmath
    python make_special_values.py > special_values.csv

A line is `name,orders,arguments,value`: the partial derivative of those orders, one order and one
argument (a double, exactly) for each variable, separated by `;`; the value to 25 digits. Takes
a few minutes. The formulas are definitions or mpmath's own functions, none of those in the library.
"""

from mpmath import (
    asin, besseli, diff, erf, erfc, exp, expm1, factorial, findroot, gammainc, inf, log, log1p,
    loggamma, mp, mpf, nstr, pi, psi, sqrt,
)

mp.dps = 80


def show(name, orders, arguments, value):
    orders = ";".join(str(o) for o in orders)
    arguments = ";".join(repr(float(a)) for a in arguments)
    print(f"{name},{orders},{arguments},{nstr(value, 25, min_fixed=0, max_fixed=0)}")


def show_normal(name, orders, arguments, value):
    """Only what is a normal double."""
    if mpf("1e-305") < abs(value) < mpf("1e305"):
        show(name, orders, arguments, value)


def derivative(function, x, order):
    """A central difference at so small a step, with so many digits, that 60 of them are right."""
    if order == 0:
        return function(x)
    with mp.workdps(420):
        step = (abs(x) or 1) * mpf(10) ** -60
        return diff(function, x, order, h=step)


def tabulate(name, function, points, extremes=()):
    """Value and three derivatives at `points`, the value alone at the extremes."""
    for point in points:
        for order in range(4):
            show(name, [order], [point], derivative(function, mpf(point), order))
    for point in extremes:
        show(name, [0], [point], function(mpf(point)))


def gamma_functions():
    """Closed forms throughout."""
    positive = [
        1e-300, 1e-100, 1e-8, 0.1, 0.5, 0.9, 0.999999, 1.0 + 1e-9, 1.06, 1.25, 1.4616321449683622,
        1.4616321449683623, 1.462, 1.5, 1.85, 1.86, 1.9, 1.9999999, 2.0000001, 2.5, 3.7, 5.0, 8.0,
        9.9, 11.99, 12.0, 14.3, 17.0, 25.0, 100.0, 1234.5, 1e8, 1e15, 1e100, 1e300,
    ]
    for x in positive:
        show("ln_gamma", [0], [x], loggamma(mpf(x)))
        show("digamma", [0], [x], psi(0, mpf(x)))
        show("ln_gamma", [1], [x], psi(0, mpf(x)))
        for n in range(1, 8):
            value = psi(n, mpf(x))
            show_normal("polygamma", [0, 0], [n, x], value)
            if n <= 3:
                show_normal("digamma", [n], [x], value)
            if n <= 2:
                show_normal("ln_gamma", [n + 1], [x], value)
        with mp.workdps(300):
            for k in range(4):
                if x < 1e120 and (k == 0 or x > 1e-60):
                    reciprocal = (-1) ** k * factorial(k) / mpf(x) ** (k + 1)
                    value = psi(1 + k, mpf(x)) - reciprocal
                    show_normal("trigamma_minus_reciprocal", [k], [x], value)
    # The last terms of the asymptotic series show only in high derivatives.
    for x in [12.0, 15.3]:
        value = psi(7, mpf(x)) - factorial(6) / mpf(x) ** 7
        show("trigamma_minus_reciprocal", [6], [x], value)
    show("polygamma", [0, 0], [20, 0.7], psi(20, mpf(0.7)))
    show("polygamma", [0, 0], [40, 33.0], psi(40, mpf(33)))


def beta_functions():
    steps = [
        (3.7, 1e-20), (3.7, 0.5), (0.02, 1e-5), (1e-3, 1e6), (1e8, 1.0), (1e8, -0.25), (1e8, 1e8),
        (1e15, 1e-3), (11.5, 1.0), (12.5, 1e-9), (5.0, -4.5), (40.0, -39.75), (1e-200, 1.0),
        (1e200, 3.0), (2.5, 1e12), (30.0, 90.0),
    ]
    for x, d in steps:
        x_, d_ = mpf(x), mpf(d)
        show("ln_gamma_ratio", [0, 0], [x, d], loggamma(x_ + d_) - loggamma(x_))
        for i in range(4):
            for j in range(4 - i):
                if i + j > 0 and 1e-100 < x < 1e100:
                    value = psi(i + j - 1, x_ + d_) - (psi(i - 1, x_) if j == 0 else 0)
                    show("ln_gamma_ratio", [i, j], [x, d], value)
    shapes = [
        (1e8, 1e8), (1e-3, 1e6), (1e6, 1e-3), (0.5, 0.5), (1.0, 1.0), (2.0, 3.5), (1e-10, 3.0),
        (1e-300, 1e-300), (12.0, 12.0), (11.9, 12.1), (15.0, 1e10), (1e15, 3.0), (1e200, 1e200),
        (1e5, 2e7), (25.0, 13.0), (0.1, 40.0),
    ]
    for a, b in shapes:
        a_, b_ = mpf(a), mpf(b)
        show("ln_beta", [0, 0], [a, b], loggamma(a_) + loggamma(b_) - loggamma(a_ + b_))
        for i in range(4):
            for j in range(4 - i):
                if i + j > 0 and 1e-100 < a < 1e100:
                    value = -psi(i + j - 1, a_ + b_)
                    value += psi(i - 1, a_) if j == 0 else 0
                    value += psi(j - 1, b_) if i == 0 else 0
                    show("ln_beta", [i, j], [a, b], value)
    chosen = [
        (52, 5), (1000, 500), (1e6, 3), (1e9, 5e8), (10, 10), (10, 0), (7.5, 2.25), (1e15, 20),
        (30, 14), (1e6, 999999), (1e8, 1e-12),
    ]
    for n, k in chosen:
        n_, k_ = mpf(n), mpf(k)
        value = loggamma(n_ + 1) - loggamma(k_ + 1) - loggamma(n_ - k_ + 1)
        show("ln_binomial", [0, 0], [n, k], value)
        if 0 < k < n:
            show("ln_binomial", [0, 1], [n, k], psi(0, n_ - k_ + 1) - psi(0, k_ + 1))
            show("ln_binomial", [1, 0], [n, k], psi(0, n_ + 1) - psi(0, n_ - k_ + 1))
            show("ln_binomial", [1, 1], [n, k], psi(1, n_ - k_ + 1))
            show("ln_binomial", [0, 2], [n, k], -psi(1, n_ - k_ + 1) - psi(1, k_ + 1))
    for p, x in [(1, 2.3), (2, 0.75), (3, 5.0), (6, 1e4)]:
        value = mpf(p) * (p - 1) / 4 * log(pi)
        value += sum(loggamma(mpf(x) - mpf(j) / 2) for j in range(p))
        show("ln_multivariate_gamma", [0, 0], [p, x], value)


def scaled_complement(x):
    if x < 60:
        return exp(x * x) * erfc(x)
    # DLMF 7.12.1: at 60 its smallest term is e^(−3600).
    term = total = mpf(1)
    k = 0
    while abs(term) > mpf(10) ** (-mp.dps - 5):
        k += 1
        term *= -(2 * k - 1) / (2 * x * x)
        total += term
    return total / (x * sqrt(pi))


def cdf(x):
    return erfc(-x / sqrt(mpf(2))) / 2


def ln_cdf(x):
    if x < -40:
        return -x * x / 2 - log(mpf(2)) + log(scaled_complement(-x / sqrt(mpf(2))))
    if x < 0:
        return log(cdf(x))
    return log1p(-cdf(-x))


def normal_functions():
    near = [1e-12, 0.3, 0.84, 1.0, 2.5, 5.0]
    tabulate("erf", erf, [-3.0, -0.4, 0.0] + near, [1e-300, 1e-30, -8.0, 30.0])
    tabulate("erfc", erfc, [-3.0, -0.4] + near + [10.3, 20.7], [26.0, 0.0, -30.0])
    points = [
        -5.0, -1.0, -0.1, 0.0, 0.05, 0.24, 0.26, 0.5, 0.75, 1.3, 1.99, 2.0, 4.0, 9.0, 12.0, 50.0,
        1e3, 1e6,
    ]
    tabulate("erfcx", scaled_complement, points, [1e10, 1e200, -26.0])
    points = [-37.0, -30.0, -12.0, -5.0, -1.96, -1.01, -0.99, -0.3, 0.0, 0.4, 1.1, 3.0, 8.0]
    tabulate("normal_cdf", cdf, points, [-37.4, 40.0])
    tabulate("ln_normal_cdf", ln_cdf, points + [15.0, 30.0, -100.0, -1e4, -1e7], [-1e100, 38.0])
    probabilities = [
        1e-300, 1e-100, 1e-20, 1e-10, 1e-5, 0.001, 0.0249, 0.19, 0.21, 0.3, 0.4999, 0.5 - 1e-9,
        0.5, 0.5 + 1e-6, 0.6, 0.79, 0.81, 0.975, 0.9999, 1 - 2.0**-50,
    ]
    for p in probabilities:
        p_ = mpf(p)
        low = min(p_, 1 - p_)
        start = -sqrt(-2 * log(low)) + mpf("0.1") if low < 0.4 else (low - 0.5) * mpf("2.5")
        x = mpf(0)
        if p != 0.5:
            x = findroot(lambda x: ln_cdf(x) / log(low) - 1, (start, start * mpf("0.99")))
        if p > 0.5:
            x = -x
        y = sqrt(2 * pi) * exp(x * x / 2)
        for order, value in enumerate([x, y, x * y**2, (1 + 2 * x * x) * y**3]):
            if abs(value) < mpf("1e305"):
                show("normal_quantile", [order], [p], value)


def bessel(order, x):
    """I_order(x) e^(−x)."""
    if x < 1000:
        return besseli(order, x) * exp(-x)
    # DLMF 10.40.1.
    term = total = mpf(1)
    k = 0
    while abs(term) > mpf(10) ** (-mp.dps - 5):
        k += 1
        term *= -(4 * mpf(order) ** 2 - (2 * k - 1) ** 2) / (8 * k * x)
        total += term
    return total / sqrt(2 * pi * x)


def ratio(x):
    return bessel(1, x) / bessel(0, x)


def information(x):
    a = ratio(x)
    return 1 - a * a - a / x


def bessel_functions():
    points = [
        1e-9, 1e-3, 0.1, 0.99, 1.0, 2.0, 5.0, 10.0, 20.0, 29.9, 30.0, 35.0, 60.0, 300.0, 1e5,
    ]
    far = [1e-30, 700.0, 1e12]
    tabulate("ln_bessel_i0", lambda x: x + log(bessel(0, x)), points, far + [1e300])
    tabulate("ln_bessel_i1", lambda x: x + log(bessel(1, x)), points, far + [1.8, 1.81, 1e300])
    tabulate("bessel_ratio", ratio, points + [-2.0], far)
    tabulate("bessel_ratio_derivative", information, points, [700.0, 1e12])


def logistic_functions():
    points = [-700.0, -40.0, -20.0, -3.0, -0.5, 0.25, 1.0, 5.0, 33.0, 40.0, 700.0]
    tabulate("logistic", lambda x: 1 / (1 + exp(-x)), points)
    tabulate("softplus", lambda x: log1p(exp(x)), points, [1e3])
    tabulate("ln_logistic", lambda x: -log1p(exp(-x)), points, [-1e3])
    points = [1e-100, 1e-10, 0.1, 0.2499, 0.3, 0.4999999, 0.6, 0.7501, 0.999, 1 - 2.0**-45]
    far = [5e-324, 1e-300, 1 - 2.0**-53, 0.50000001]
    tabulate("logit", lambda p: log(p / (1 - p)), points, far)
    points = [-1e-100, -1e-12, -0.01, -0.69, -0.7, -2.0, -30.0, -600.0]
    far = [-1e-300, -5e-324]
    tabulate("ln_1m_exp", lambda x: log(-expm1(x)) if x > -1 else log1p(-exp(x)), points, far)
    points = [1e-100, 1e-10, 0.1, 0.3, 0.49, 0.51, 0.9, 0.999999]
    tabulate("arcsine_square_root", lambda p: asin(sqrt(p)), points, [1e-300, 1 - 2.0**-53])


def lower_gamma(a, x):
    """The series of positive terms DLMF 8.7.1."""
    a, x = mpf(a), mpf(x)
    term = total = 1 / a
    n = a
    while term > total * mpf(10) ** -mp.dps:
        n += 1
        term *= x / n
        total += term
    return total * exp(a * log(x) - x - loggamma(a))


def upper_gamma(a, x):
    return gammainc(mpf(a), mpf(x), inf, regularized=True)


def lower_beta(a, b, x):
    """The series of positive terms DLMF 8.17.8."""
    a, b, x = mpf(a), mpf(b), mpf(x)
    term = total = mpf(1)
    n = 0
    while term > total * mpf(10) ** -mp.dps or n < 10:
        term *= (a + b + n) / (a + 1 + n) * x
        total += term
        n += 1
    ln_beta = loggamma(a) + loggamma(b) - loggamma(a + b)
    return total * exp(a * log(x) + b * log1p(-x) - log(a) - ln_beta)


def incomplete_functions():
    points = [
        (0.5, 1e-10), (0.5, 0.3), (0.5, 1.9206), (0.5, 20.0), (0.5, 300.0), (1e-10, 0.5),
        (1e-3, 1e-5), (0.3, 1.2), (0.999, 1.9), (1.0, 1.9), (2.5, 0.01), (2.5, 3.6), (5.0, 60.0),
        (11.9, 3.0), (12.0, 3.0), (50.0, 50.0), (50.0, 150.0), (50.0, 10.0), (1000.0, 1010.0),
        (1000.0, 1900.0), (1000.0, 400.0), (1e5, 1.005e5), (1e5, 1.1e5), (1e5, 0.9e5),
    ]
    for a, x in points:
        p = lower_gamma(a, x)
        q = 1 - p if p < 1 - mpf("1e-25") else upper_gamma(a, x)
        show("regularised_gamma_p", [0, 0], [a, x], p)
        show_normal("regularised_gamma_q", [0, 0], [a, x], q)
        show("ln_regularised_gamma_q", [0, 0], [a, x], log1p(-p) if p < 0.5 else log(q))
    show("ln_regularised_gamma_q", [0, 0], [0.5, 1e5], log(erfc(sqrt(mpf(1e5)))))
    show("ln_regularised_gamma_q", [0, 0], [1.5, 5e3], log(upper_gamma(1.5, 5e3)))
    points = [
        (0.5, 0.5, 0.1), (0.5, 0.5, 0.999), (2.0, 3.0, 0.4), (1.0, 1e-6, 0.7), (1e-6, 1.0, 0.3),
        (0.5, 100.0, 0.03), (0.5, 100.0, 0.9), (100.0, 0.5, 0.9), (100.0, 0.5, 0.01),
        (50.0, 60.0, 0.45), (50.0, 60.0, 0.05), (50.0, 60.0, 0.9), (1e4, 2e4, 0.33),
        (1e4, 2e4, 0.25), (1e5, 1e5, 0.5), (1e5, 1e5, 0.48), (12.0, 1e6, 1e-5), (3.0, 1e6, 1e-5),
        (1e5, 0.5, 0.9999), (5.0, 5.0, 1e-20), (110.8274, 13.4006, 0.001823),
        (79.32553, 106.88758, 0.0011002), (136.57676, 122.72969, 0.0041375),
    ]
    for a, b, x in points:
        show("regularised_incomplete_beta", [0, 0, 0], [a, b, x], lower_beta(a, b, x))
    half = mpf(1) / 2
    points = [
        (0.5, 3.0), (2.0, 10.0), (12.0, 5.0), (40.0, 30.0), (1e-8, 4.0), (6.0, 1e6), (1.96, 1e5),
        (1e50, 2.0),
    ]
    for t, v in points:
        square, v_ = mpf(t) ** 2, mpf(v)
        if square > v_ / 100:
            value = lower_beta(v_ / 2, half, v_ / (v_ + square))
        else:
            value = 1 - lower_beta(half, v_ / 2, square / (v_ + square))
        show("student_t_two_sided", [0, 0], [t, v], value)
    points = [
        (3.0, 2.0, 2.0), (1.0, 4.0, 20.0), (30.0, 3.0, 100.0), (0.001, 5.0, 7.0),
        (1.2, 1000.0, 1e4), (250.0, 1.0, 40.0),
    ]
    for f, m, n in points:
        f_, m_, n_ = mpf(f), mpf(m), mpf(n)
        value = lower_beta(n_ / 2, m_ / 2, n_ / (n_ + m_ * f_))
        show("f_survival", [0, 0, 0], [f, m, n], value)


def quotients():
    """By the logarithm itself, 420 digits where derivatives are taken."""
    points = [
        -0.999, -0.7, -0.51, -0.5, -0.49, -0.1, -1e-9, 1e-8, 0.3, 0.49, 0.5, 0.51, 2.0,
        1e3, 1e50,
    ]
    tabulate("ln_1p_quotient", lambda t: log1p(t) / t, points)


gamma_functions()
with mp.workdps(500):
    beta_functions()
normal_functions()
bessel_functions()
logistic_functions()
with mp.workdps(60):
    incomplete_functions()
quotients()
