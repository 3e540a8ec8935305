use fisherinfo::special::normal_cdf;
use std::f64::consts::PI;

/// A function of one number that a network applies to every one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Activation {
    /// tanh x.
    Tanh,
    /// 1/(1 + e⁻ˣ).
    Sigmoid,
    /// max(x, 0); its slope at 0 is taken to be 0, as PyTorch does.
    Relu,
    /// xΦ(x) with the normal distribution function Φ itself, not its approximation by tanh.
    Gelu,
    /// ½x(1 + tanh(√(2/π)(x + 0.044715x³))), the approximation that GPT-2 was trained with.
    GeluTanh,
    /// x/(1 + e⁻ˣ).
    Silu,
}

impl Activation {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Tanh,
        Self::Sigmoid,
        Self::Relu,
        Self::Gelu,
        Self::GeluTanh,
        Self::Silu,
    ];

    /// The name in lower case.
    pub fn name(self) -> &'static str {
        match self {
            Self::Tanh => "tanh",
            Self::Sigmoid => "sigmoid",
            Self::Relu => "relu",
            Self::Gelu => "gelu",
            Self::GeluTanh => "gelu-tanh",
            Self::Silu => "silu",
        }
    }

    /// σ(x).
    pub fn value(self, x: f64) -> f64 {
        match self {
            Self::Tanh => x.tanh(),
            Self::Sigmoid => sigmoid(x),
            // Not `max`, which would turn NaN into 0.
            Self::Relu => {
                if x < 0.0 {
                    0.0
                } else {
                    x
                }
            }
            Self::Gelu => x * normal_cdf(x),
            Self::GeluTanh => 0.5 * x * (1.0 + gelu_angle(x).tanh()),
            Self::Silu => x * sigmoid(x),
        }
    }

    /// σ′(x).
    pub fn slope(self, x: f64) -> f64 {
        match self {
            Self::Tanh => {
                let y = x.tanh();
                (1.0 - y) * (1.0 + y)
            }
            Self::Sigmoid => sigmoid(x) * sigmoid(-x),
            Self::Relu => {
                if x > 0.0 {
                    1.0
                } else {
                    0.0
                }
            }
            Self::Gelu => {
                let density = (-0.5 * x * x).exp() / (2.0 * PI).sqrt();
                normal_cdf(x) + x * density
            }
            Self::GeluTanh => {
                let t = gelu_angle(x).tanh();
                let slope = (2.0 / PI).sqrt() * (1.0 + 3.0 * GELU_CUBE * x * x);
                0.5 * (1.0 + t) + 0.5 * x * (1.0 - t) * (1.0 + t) * slope
            }
            Self::Silu => sigmoid(x) * (1.0 + x * sigmoid(-x)),
        }
    }
}

const GELU_CUBE: f64 = 0.044715;

fn gelu_angle(x: f64) -> f64 {
    (2.0 / PI).sqrt() * (x + GELU_CUBE * x * x * x)
}

fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}
