use serde::{Deserialize, Serialize};

/// How a window is pooled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PoolKind {
    /// The mean.
    Mean,
    /// The greatest.
    Max,
}

/// One layer of a description.
///
/// Tensors are called `NAME.weight` and `NAME.bias`; two layers that name the same tensor share it (tied
/// weights).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum LayerDescription {
    /// Wx + b at every position; `NAME.weight` is out × in.
    Linear {
        /// Its tensors' prefix.
        name: String,
        /// Features that come out.
        outputs: usize,
        /// Is there a bias?
        #[serde(default = "yes")]
        bias: bool,
        /// Another tensor in the place of `NAME.weight`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        weight: Option<String>,
        /// Is `NAME.weight` in × out, as GPT-2 has it?
        #[serde(default, skip_serializing_if = "is_false")]
        transposed: bool,
        /// A and B beside the weight, which then is not learnt.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        adapter: Option<AdapterDescription>,
    },
    /// A convolution of an image; `NAME.weight` is out × in × height × width.
    Conv2d {
        /// Its tensors' prefix.
        name: String,
        /// Channels that come out.
        outputs: usize,
        /// Height and width of the kernel.
        size: [usize; 2],
        /// Steps.
        #[serde(default = "ones")]
        stride: [usize; 2],
        /// Zeros around.
        #[serde(default)]
        padding: [usize; 2],
        /// Is there a bias?
        #[serde(default = "yes")]
        bias: bool,
    },
    /// A convolution of a sequence; `NAME.weight` is out × in × width.
    Conv1d {
        /// Its tensors' prefix.
        name: String,
        /// Features that come out.
        outputs: usize,
        /// Width of the kernel.
        size: usize,
        /// Steps.
        #[serde(default = "one")]
        stride: usize,
        /// Zeros before and after.
        #[serde(default)]
        padding: usize,
        /// Is there a bias?
        #[serde(default = "yes")]
        bias: bool,
    },
    /// tanh.
    Tanh,
    /// The logistic function.
    Sigmoid,
    /// max(x, 0).
    Relu,
    /// xΦ(x).
    Gelu,
    /// The approximation of xΦ(x) by tanh.
    GeluTanh,
    /// x/(1 + e⁻ˣ).
    Silu,
    /// Pooling under a window.
    Pool {
        /// How.
        pooling: PoolKind,
        /// Height and width.
        size: [usize; 2],
        /// Steps; the size where absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        stride: Option<[usize; 2]>,
    },
    /// The mean over all positions.
    GlobalMean,
    /// The sum over all positions.
    GlobalSum,
    /// The first position alone.
    First,
    /// All positions as features of one, channel by channel.
    Flatten,
    /// A table of rows by token; `NAME.weight` is vocabulary × features.
    Embedding {
        /// Its tensor's prefix.
        name: String,
        /// Rows.
        vocabulary: usize,
        /// Numbers a row.
        features: usize,
    },
    /// A learned row for each position, `NAME.weight`.
    Position {
        /// Its tensor's prefix.
        name: String,
        /// Rows of the table; as many as positions where absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        rows: Option<usize>,
    },
    /// The first row of a table `NAME.weight` for every position.
    Row {
        /// Its tensor's prefix.
        name: String,
        /// Rows of the table.
        rows: usize,
    },
    /// (x − x̄)/√(variance + ε)·γ + β; `NAME.weight` and `NAME.bias`.
    LayerNorm {
        /// Its tensors' prefix.
        name: String,
        /// ε.
        #[serde(default = "small")]
        epsilon: f64,
    },
    /// x/√(mean of squares + ε)·γ; `NAME.weight`.
    RmsNorm {
        /// Its tensor's prefix.
        name: String,
        /// ε.
        #[serde(default = "small")]
        epsilon: f64,
    },
    /// (x − m)/√(v + ε)·γ + β with the statistics `NAME.running_mean` and `NAME.running_var`, which no
    /// estimate changes.
    BatchNorm {
        /// Its tensors' prefix.
        name: String,
        /// ε.
        #[serde(default = "small")]
        epsilon: f64,
    },
    /// x + f(x).
    Residual {
        /// f.
        layer: Vec<LayerDescription>,
    },
    /// f(x) g(x), elementwise.
    Product {
        /// f.
        left: Vec<LayerDescription>,
        /// g.
        right: Vec<LayerDescription>,
    },
    /// Softmax attention; `NAME.query`, `.key`, `.value` and `.output`, each with `.weight` and `.bias`.
    Attention {
        /// Its tensors' prefix.
        name: String,
        /// Heads of queries.
        heads: usize,
        /// Heads of keys and values; as many as of queries where absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        groups: Option<usize>,
        /// Only to positions before and at its own.
        #[serde(default)]
        causal: bool,
        /// The base of rotary position embedding.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        rotary: Option<f64>,
        /// Are there biases?
        #[serde(default = "yes")]
        bias: bool,
        /// Numbers a head; the features divided by `heads` where absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        size: Option<usize>,
        /// Its linear maps, where they are not called as above.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        projections: Option<Projections>,
    },
}

/// The linear maps of an attention, under names of their own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Projections {
    /// To queries, keys and values: three maps, or one to all of them one after the other.
    pub inputs: Vec<Projection>,
    /// From all heads.
    pub output: Projection,
}

/// A linear map within a layer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Projection {
    /// Its tensors' prefix.
    pub name: String,
    /// Is there a bias?
    #[serde(default = "yes")]
    pub bias: bool,
    /// Is the weight in × out?
    #[serde(default, skip_serializing_if = "is_false")]
    pub transposed: bool,
    /// A and B beside the weight, which then is not learnt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub adapter: Option<AdapterDescription>,
}

/// A low-rank adapter (LoRA): (W + (α/r)BA)x + b with W and b frozen. Its tensors are `NAME.lora_A.weight`,
/// rank × in, and `NAME.lora_B.weight`, out × rank.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AdapterDescription {
    /// r.
    pub rank: usize,
    /// α.
    pub alpha: f64,
}

fn is_false(value: &bool) -> bool {
    !*value
}

fn yes() -> bool {
    true
}

fn one() -> usize {
    1
}

fn ones() -> [usize; 2] {
    [1, 1]
}

fn small() -> f64 {
    1e-5
}
