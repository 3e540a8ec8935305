//! Programs as LaTeX.

use fisherinfo::expression::Program;

#[test]
fn formulas_are_typeset() {
    for (text, latex) in [
        ("2*x^2", r"2 \cdot x^{2}"),
        ("-x^2", "-x^{2}"),
        ("---x", "-{-}{-}x"),
        ("(-x)^2", r"\left(-x\right)^{2}"),
        ("2*-x", r"2 \cdot \left(-x\right)"),
        ("1 - -x", r"1 - \left(-x\right)"),
        ("1 - -x*y", r"1 - \left(-x \cdot y\right)"),
        ("x - (y - z)", r"x - \left(y - z\right)"),
        ("2^3^2", "2^{3^{2}}"),
        ("1/(p*(1-p))", r"\frac{1}{p \cdot \left(1 - p\right)}"),
        ("(x/y)^2", r"\left(\frac{x}{y}\right)^{2}"),
        ("x/y/z", r"\frac{\frac{x}{y}}{z}"),
        ("n/sigma2", r"\frac{n}{\sigma^{2}}"),
        ("sigma2^2", r"\left(\sigma^{2}\right)^{2}"),
        (
            "exp(phi)/(1+exp(phi))^2",
            r"\frac{\exp\left(\phi\right)}{\left(1 + \exp\left(\phi\right)\right)^{2}}",
        ),
        ("1/sqrt(λ)", r"\frac{1}{\sqrt{\lambda}}"),
        (
            "theta_1 + x_12 + x3 + x₁",
            r"\theta_{1} + x_{12} + x_{3} + x_{1}",
        ),
        (
            "mu_hat + θ̂ + w_star",
            r"\hat{\mu} + \hat{\theta} + w^{\ast}",
        ),
        ("w_star^2", r"\left(w^{\ast}\right)^{2}"),
        (
            "dose*`grade {point}$`",
            r"\mathrm{dose} \cdot \mathrm{grade\ \{point\}\$}",
        ),
        ("[1, 2]", r"\begin{pmatrix}1 \\ 2\end{pmatrix}"),
        (
            "[[2, .5], [.5, 1]]",
            r"\begin{pmatrix}2 & 0.5 \\ 0.5 & 1\end{pmatrix}",
        ),
        ("X' @ v", r"X^{\top}\,v"),
        ("(A + B)'", r"\left(A + B\right)^{\top}"),
        ("inv(Sigma)", r"\Sigma^{-1}"),
        ("x'^2", r"\left(x^{\top}\right)^{2}"),
        (
            "sum(abs(x))",
            r"\operatorname{sum}\left(\left|x\right|\right)",
        ),
        ("norm(x) <= pi", r"\left\|x\right\| \le \pi"),
        ("x[1]", "{x}_{1}"),
        ("1e-20*x", r"10^{-20} \cdot x"),
        ("2.5e-20^2", r"\left(2.5 \cdot 10^{-20}\right)^{2}"),
        ("p = 1", "p = 1"),
        (
            "p = 1\nq = p/2",
            r"\begin{aligned}p &= 1 \\ q &= \frac{p}{2}\end{aligned}",
        ),
        (
            "p = 1\np/2",
            r"\begin{aligned}p &= 1 \\ &\phantom{=} \frac{p}{2}\end{aligned}",
        ),
    ] {
        let program = Program::parse(text).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(program.to_latex(), latex, "{text}");
    }
}
