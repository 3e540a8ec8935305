use super::candidates::Candidates;
use super::{Criterion, DesignError};
use faer::MatRef;

/// What the equivalence theorem says of a design: how far any other design can be better.
///
/// A matrix N with φ(A) ≤ ⟨N, A⟩ for all informations A bounds the φ of every design by the largest
/// ⟨N, Mᵢ⟩ of the candidates. For the best design there is an N for which this is its own φ: the
/// sensitivities ⟨N, Mᵢ⟩/φ are at most one, and one on its support. Whatever N is, the bound holds;
/// a wrong N or a wrong design only makes it worse.
///
/// Sources: J. Kiefer & J. Wolfowitz, Canad. J. Math. 12 (1960), for D; F. Pukelsheim, Optimal Design
/// of Experiments (2006), theorem 7.12, for all four.
#[derive(Clone, Debug, PartialEq)]
pub struct Certificate {
    /// ⟨N, Mᵢ⟩/φ(M) of every candidate, N normalised: for D the standardised variance over k; for A
    /// tr(MᵢM⁻²)/tr M⁻¹; for c (cᵀM⁻aᵢ)²/cᵀM⁻c; for E tr(MᵢZ)/λ_min.
    pub sensitivities: Vec<f64>,
    /// The largest of them, ≥ 1; 1 for the best design.
    pub largest: f64,
    /// The position of its candidate, from 0.
    pub at: usize,
}

impl Certificate {
    /// The bound that N proves for a design with these weights.
    ///
    /// # Errors
    /// Weights that are none; a design that does not estimate what the criterion asks for; an N that
    /// proves nothing.
    pub fn new(
        candidates: &Candidates,
        criterion: &Criterion,
        weights: &[f64],
        matrix: MatRef<'_, f64>,
    ) -> Result<Self, DesignError> {
        criterion.require(candidates.parameters())?;
        if matrix.nrows() != candidates.parameters() {
            return Err(DesignError::Length {
                what: "the matrix of the certificate".into(),
                expected: candidates.parameters(),
                found: matrix.nrows(),
            });
        }
        let goodness = criterion.goodness(candidates.information(weights)?.as_ref())?;
        let unit = goodness * criterion.polar(matrix)?;
        if unit.is_nan() || unit <= 0.0 {
            return Err(DesignError::NotEstimable);
        }
        Ok(Self::normalised(
            (0..candidates.len())
                .map(|candidate| candidates.product(candidate, matrix) / unit)
                .collect(),
        ))
    }

    pub(super) fn normalised(sensitivities: Vec<f64>) -> Self {
        let (at, largest) = sensitivities.iter().copied().enumerate().fold(
            (0, f64::NEG_INFINITY),
            |best, (i, value)| {
                if value > best.1 { (i, value) } else { best }
            },
        );
        Self {
            sensitivities,
            largest,
            at,
        }
    }

    /// The design is at least this part as efficient as the best: φ(M)/φ(M*) ≥ 1/largest.
    pub fn efficiency_bound(&self) -> f64 {
        self.largest.recip().min(1.0)
    }

    /// Does it prove the design optimal, up to this relative loss of efficiency?
    pub fn holds(&self, tolerance: f64) -> bool {
        self.largest <= 1.0 + tolerance
    }
}

/// The certificate that the weights of a design give by themselves: N is the derivative of φ there.
///
/// For D and A, and for c and E where the information is regular and its smallest eigenvalue simple,
/// it holds exactly for the best designs; otherwise there may be a better N, which an
/// [`OptimalDesign`](super::OptimalDesign) brings along.
///
/// # Errors
/// As [`Certificate::new`].
///
/// ```
/// use fisherinfo::design::{Candidates, Criterion, certify};
/// let line = Candidates::from_rows(&[vec![1.0, -1.0], vec![1.0, 0.0], vec![1.0, 1.0]])?;
/// assert!(certify(&line, &Criterion::D, &[0.5, 0.0, 0.5])?.holds(1e-12));
/// // Equal weights are 82 % as efficient as the best; the certificate grants ⅘.
/// let equal = certify(&line, &Criterion::D, &[1.0 / 3.0; 3])?;
/// assert!((equal.efficiency_bound() - 0.8).abs() < 1e-12 && !equal.holds(0.2));
/// # Ok::<(), fisherinfo::design::DesignError>(())
/// ```
pub fn certify(
    candidates: &Candidates,
    criterion: &Criterion,
    weights: &[f64],
) -> Result<Certificate, DesignError> {
    criterion.require(candidates.parameters())?;
    let matrix = criterion.support(candidates.information(weights)?.as_ref())?;
    Certificate::new(candidates, criterion, weights, matrix.as_ref())
}
