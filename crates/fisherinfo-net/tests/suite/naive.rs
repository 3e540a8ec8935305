//! Networks the slow way: one example, one number after the other, over dual numbers.

use fisherinfo::dual::Dual;
use fisherinfo::special::normal_cdf;
use fisherinfo_net::{
    AdapterDescription, Architecture, InputDescription, LayerDescription, PoolKind, Projection,
};
use std::collections::BTreeMap;

pub(crate) type Tensors<D> = BTreeMap<String, Vec<D>>;

/// positions × features on a grid.
#[derive(Clone)]
struct Values<D> {
    grid: [usize; 2],
    rows: Vec<Vec<D>>,
}

/// The outputs of one example, and which positions are data.
pub(crate) fn forward<D: Dual>(
    architecture: &Architecture,
    tensors: &Tensors<D>,
    input: &[f64],
) -> Vec<D> {
    let (grid, rows, mask): (_, Vec<Vec<D>>, _) = match architecture.input {
        InputDescription::Features(_) => ([1, 1], vec![lift(input)], vec![true]),
        InputDescription::Image([c, h, w]) => {
            let pixel = |p: usize| (0..c).map(|k| D::from(input[k * h * w + p])).collect();
            ([h, w], (0..h * w).map(pixel).collect(), vec![true; h * w])
        }
        InputDescription::Sequence([t, d]) => {
            let rows = input.chunks(d).map(lift).collect();
            ([t, 1], rows, vec![true; t])
        }
        InputDescription::Tokens { length, padding } => {
            let rows = input.iter().map(|&x| vec![D::from(x)]).collect();
            let kept = |x: &f64| Some(*x) != padding.map(|p| p as f64);
            ([length, 1], rows, input.iter().map(kept).collect())
        }
    };
    let x = sequence(&architecture.layer, tensors, Values { grid, rows }, &mask);
    x.rows.concat()
}

fn lift<D: Dual>(x: &[f64]) -> Vec<D> {
    x.iter().map(|&x| D::from(x)).collect()
}

fn sequence<D: Dual>(
    layers: &[LayerDescription],
    tensors: &Tensors<D>,
    mut x: Values<D>,
    mask: &[bool],
) -> Values<D> {
    for layer in layers {
        x = apply(layer, tensors, x, mask);
    }
    x
}

fn dot<D: Dual>(a: &[D], b: &[D]) -> D {
    a.iter().zip(b).fold(D::zero(), |s, (&a, &b)| s + a * b)
}

fn turned<D: Dual>(w: &[D], inputs: usize) -> Vec<D> {
    let outputs = w.len() / inputs;
    (0..w.len())
        .map(|i| w[i % inputs * outputs + i / inputs])
        .collect()
}

fn linear<D: Dual>(w: &[D], b: Option<&Vec<D>>, x: &[D]) -> Vec<D> {
    w.chunks(x.len())
        .enumerate()
        .map(|(i, row)| dot(row, x) + b.map_or(D::zero(), |b| b[i]))
        .collect()
}

/// (α/r) B A x added, with A and B multiplied out first.
fn adapted<D: Dual>(
    tensors: &Tensors<D>,
    name: &str,
    adapter: Option<AdapterDescription>,
    x: &[D],
    y: Vec<D>,
) -> Vec<D> {
    let Some(AdapterDescription { rank, alpha }) = adapter else {
        return y;
    };
    let (a, b) = (
        &tensors[&format!("{name}.lora_A.weight")],
        &tensors[&format!("{name}.lora_B.weight")],
    );
    let product = |i: usize, j: usize| {
        (0..rank).fold(D::zero(), |s, k| s + b[i * rank + k] * a[k * x.len() + j])
    };
    y.iter()
        .enumerate()
        .map(|(i, &y)| {
            let row: Vec<D> = (0..x.len()).map(|j| product(i, j)).collect();
            y + dot(&row, x) * (alpha / rank as f64)
        })
        .collect()
}

fn each<D: Dual>(mut x: Values<D>, f: impl Fn(D) -> D) -> Values<D> {
    x.rows.iter_mut().flatten().for_each(|v| *v = f(*v));
    x
}

fn windows<D: Dual>(
    x: &Values<D>,
    size: [usize; 2],
    stride: [usize; 2],
    padding: [usize; 2],
    f: impl Fn(&dyn Fn(usize, usize, usize) -> D) -> Vec<D>,
) -> Values<D> {
    let [h, w] = x.grid;
    let down = (h + 2 * padding[0] - size[0]) / stride[0] + 1;
    let right = (w + 2 * padding[1] - size[1]) / stride[1] + 1;
    let mut rows = Vec::new();
    for i in 0..down {
        for j in 0..right {
            let cell = |channel: usize, y: usize, z: usize| {
                let (y, z) = (i * stride[0] + y, j * stride[1] + z);
                if y < padding[0] || z < padding[1] || y >= h + padding[0] || z >= w + padding[1] {
                    D::zero()
                } else {
                    x.rows[(y - padding[0]) * w + z - padding[1]][channel]
                }
            };
            rows.push(f(&cell));
        }
    }
    Values {
        grid: [down, right],
        rows,
    }
}

fn convolution<D: Dual>(
    x: &Values<D>,
    weight: &[D],
    bias: Option<&Vec<D>>,
    outputs: usize,
    geometry: [[usize; 2]; 3],
) -> Values<D> {
    let channels = x.rows[0].len();
    let [size, stride, padding] = geometry;
    windows(x, size, stride, padding, |cell| {
        (0..outputs)
            .map(|o| {
                let mut sum = bias.map_or(D::zero(), |b| b[o]);
                for c in 0..channels {
                    for y in 0..size[0] {
                        for z in 0..size[1] {
                            let at = ((o * channels + c) * size[0] + y) * size[1] + z;
                            sum += weight[at] * cell(c, y, z);
                        }
                    }
                }
                sum
            })
            .collect()
    })
}

fn normalise<D: Dual>(x: &[D], centred: bool, epsilon: f64) -> Vec<D> {
    let n = x.len() as f64;
    let sum = |values: &[D]| values.iter().fold(D::zero(), |s, &v| s + v);
    let mean = if centred { sum(x) / n } else { D::zero() };
    let centred: Vec<D> = x.iter().map(|&v| v - mean).collect();
    let root = (dot(&centred, &centred) / n + epsilon).sqrt();
    centred.into_iter().map(|v| v / root).collect()
}

fn rotated<D: Dual>(head: &[D], t: usize, base: f64) -> Vec<D> {
    let half = head.len() / 2;
    let mut y = head.to_vec();
    for i in 0..half {
        let angle = t as f64 / base.powf(i as f64 / half as f64);
        let (a, b) = (head[i], head[i + half]);
        y[i] = a * angle.cos() - b * angle.sin();
        y[i + half] = a * angle.sin() + b * angle.cos();
    }
    y
}

fn apply<D: Dual>(
    layer: &LayerDescription,
    tensors: &Tensors<D>,
    x: Values<D>,
    mask: &[bool],
) -> Values<D> {
    let t = |name: &str, part: &str| &tensors[&format!("{name}.{part}")];
    match layer {
        LayerDescription::Tanh => each(x, |v| v.tanh()),
        LayerDescription::Sigmoid => each(x, |v| ((-v).exp() + 1.0).recip()),
        LayerDescription::Relu => each(x, |v| if v.re() > 0.0 { v } else { D::zero() }),
        LayerDescription::Gelu => each(x, |v| v * normal_cdf(v)),
        LayerDescription::Silu => each(x, |v| v / ((-v).exp() + 1.0)),
        LayerDescription::GeluTanh => each(x, |v| {
            let inner = (v + v * v * v * 0.044715) * (2.0 / std::f64::consts::PI).sqrt();
            v * (inner.tanh() + 1.0) * 0.5
        }),
        LayerDescription::Linear {
            name,
            weight,
            transposed,
            adapter,
            ..
        } => {
            let own = format!("{name}.weight");
            let mut w = tensors[weight.as_ref().unwrap_or(&own)].clone();
            if *transposed {
                w = turned(&w, x.rows[0].len());
            }
            let w = &w;
            let b = tensors.get(&format!("{name}.bias"));
            Values {
                rows: x
                    .rows
                    .iter()
                    .map(|row| adapted(tensors, name, *adapter, row, linear(w, b, row)))
                    .collect(),
                ..x
            }
        }
        LayerDescription::Conv2d {
            name,
            outputs,
            size,
            stride,
            padding,
            ..
        } => {
            let bias = tensors.get(&format!("{name}.bias"));
            convolution(
                &x,
                t(name, "weight"),
                bias,
                *outputs,
                [*size, *stride, *padding],
            )
        }
        LayerDescription::Conv1d {
            name,
            outputs,
            size,
            stride,
            padding,
            ..
        } => {
            let bias = tensors.get(&format!("{name}.bias"));
            let geometry = [[*size, 1], [*stride, 1], [*padding, 0]];
            convolution(&x, t(name, "weight"), bias, *outputs, geometry)
        }
        LayerDescription::Pool {
            pooling,
            size,
            stride,
        } => {
            let channels = x.rows[0].len();
            windows(&x, *size, stride.unwrap_or(*size), [0, 0], |cell| {
                (0..channels)
                    .map(|c| {
                        let mut all = Vec::new();
                        for y in 0..size[0] {
                            for z in 0..size[1] {
                                all.push(cell(c, y, z));
                            }
                        }
                        match pooling {
                            PoolKind::Mean => {
                                all.iter().fold(D::zero(), |s, &v| s + v) / all.len() as f64
                            }
                            PoolKind::Max => all
                                .iter()
                                .fold(all[0], |top, &v| if v.re() > top.re() { v } else { top }),
                        }
                    })
                    .collect()
            })
        }
        LayerDescription::GlobalMean | LayerDescription::GlobalSum => {
            let kept: Vec<&Vec<D>> = x
                .rows
                .iter()
                .zip(mask)
                .filter(|r| *r.1)
                .map(|r| r.0)
                .collect();
            let kept = if x.rows.len() == mask.len() {
                kept
            } else {
                x.rows.iter().collect()
            };
            let mean = matches!(layer, LayerDescription::GlobalMean);
            let count = if mean { kept.len() as f64 } else { 1.0 };
            let sum = |i: usize| kept.iter().fold(D::zero(), |s, row| s + row[i]) / count;
            Values {
                grid: [1, 1],
                rows: vec![(0..x.rows[0].len()).map(sum).collect()],
            }
        }
        LayerDescription::First => Values {
            grid: [1, 1],
            rows: vec![x.rows[0].clone()],
        },
        LayerDescription::Product { left, right } => {
            let mut y = sequence(left, tensors, x.clone(), mask);
            let z = sequence(right, tensors, x, mask);
            for (y, z) in y.rows.iter_mut().flatten().zip(z.rows.iter().flatten()) {
                *y *= *z;
            }
            y
        }
        LayerDescription::Row { name, .. } => {
            let table = t(name, "weight");
            let moved = |row: &Vec<D>| row.iter().zip(table).map(|(&x, &r)| x + r).collect();
            Values {
                rows: x.rows.iter().map(moved).collect(),
                ..x
            }
        }
        LayerDescription::Flatten => {
            let channels = x.rows[0].len();
            let all = (0..channels).flat_map(|c| x.rows.iter().map(move |row| row[c]));
            Values {
                grid: [1, 1],
                rows: vec![all.collect()],
            }
        }
        LayerDescription::Embedding { name, features, .. } => {
            let table = t(name, "weight");
            let rows = x.rows.iter().zip(mask);
            Values {
                rows: rows
                    .map(|(row, kept)| {
                        let token = if *kept { row[0].re() as usize } else { 0 };
                        table[token * features..(token + 1) * features].to_vec()
                    })
                    .collect(),
                ..x
            }
        }
        LayerDescription::Position { name, .. } => {
            let table = t(name, "weight");
            let d = x.rows[0].len();
            let rows = x.rows.iter().enumerate();
            let moved =
                |(i, row): (usize, &Vec<D>)| (0..d).map(|j| row[j] + table[i * d + j]).collect();
            Values {
                rows: rows.map(moved).collect(),
                ..x
            }
        }
        LayerDescription::LayerNorm { name, epsilon }
        | LayerDescription::RmsNorm { name, epsilon } => {
            let centred = matches!(layer, LayerDescription::LayerNorm { .. });
            let scale = t(name, "weight");
            let zero = vec![D::zero(); scale.len()];
            let shift = if centred { t(name, "bias") } else { &zero };
            let row = |row: &Vec<D>| {
                let y = normalise(row, centred, *epsilon);
                (0..y.len()).map(|i| y[i] * scale[i] + shift[i]).collect()
            };
            Values {
                rows: x.rows.iter().map(row).collect(),
                ..x
            }
        }
        LayerDescription::BatchNorm { name, epsilon } => {
            let (m, v) = (t(name, "running_mean"), t(name, "running_var"));
            let (scale, shift) = (t(name, "weight"), t(name, "bias"));
            let row = |row: &Vec<D>| {
                (0..row.len())
                    .map(|i| (row[i] - m[i]) / (v[i] + *epsilon).sqrt() * scale[i] + shift[i])
                    .collect()
            };
            Values {
                rows: x.rows.iter().map(row).collect(),
                ..x
            }
        }
        LayerDescription::Residual { layer } => {
            let mut y = sequence(layer, tensors, x.clone(), mask);
            for (y, x) in y.rows.iter_mut().flatten().zip(x.rows.iter().flatten()) {
                *y += *x;
            }
            y
        }
        LayerDescription::Attention {
            name,
            heads,
            groups,
            causal,
            rotary,
            size,
            projections,
            ..
        } => {
            let through = |projection: &Projection, rows: &[Vec<D>]| -> Vec<Vec<D>> {
                let Projection {
                    name,
                    transposed,
                    adapter,
                    ..
                } = projection;
                let b = tensors.get(&format!("{name}.bias"));
                let mut w = t(name, "weight").clone();
                if *transposed {
                    w = turned(&w, rows[0].len());
                }
                let row = |row: &Vec<D>| adapted(tensors, name, *adapter, row, linear(&w, b, row));
                rows.iter().map(row).collect()
            };
            let own = |what: &str| Projection {
                name: format!("{name}.{what}"),
                bias: true,
                transposed: false,
                adapter: None,
            };
            let size = size.unwrap_or(x.rows[0].len() / heads);
            let (wide, narrow) = (heads * size, groups.unwrap_or(*heads) * size);
            let (q, k, v) = match projections {
                None => {
                    let part = |what: &str| through(&own(what), &x.rows);
                    (part("query"), part("key"), part("value"))
                }
                Some(p) if p.inputs.len() == 3 => {
                    let part = |i: usize| through(&p.inputs[i], &x.rows);
                    (part(0), part(1), part(2))
                }
                Some(p) => {
                    let all = through(&p.inputs[0], &x.rows);
                    let cut = |from: usize, n: usize| -> Vec<Vec<D>> {
                        all.iter().map(|row| row[from..from + n].to_vec()).collect()
                    };
                    (cut(0, wide), cut(wide, narrow), cut(wide + narrow, narrow))
                }
            };
            let shared = heads / groups.unwrap_or(*heads);
            let n = x.rows.len();
            let mut mixed = vec![Vec::new(); n];
            for head in 0..*heads {
                let g = head / shared;
                let of = |rows: &[Vec<D>], t: usize, head: usize, turn: bool| {
                    let part = &rows[t][head * size..(head + 1) * size];
                    match rotary {
                        Some(base) if turn => rotated(part, t, *base),
                        _ => part.to_vec(),
                    }
                };
                for (i, mixed) in mixed.iter_mut().enumerate() {
                    let query = of(&q, i, head, true);
                    let seen: Vec<usize> =
                        (0..n).filter(|&j| mask[j] && (!causal || j <= i)).collect();
                    let weights: Vec<D> = seen
                        .iter()
                        .map(|&j| (dot(&query, &of(&k, j, g, true)) / (size as f64).sqrt()).exp())
                        .collect();
                    let total = weights.iter().fold(D::zero(), |s, &w| s + w);
                    for e in 0..size {
                        let mut sum = D::zero();
                        for (w, &j) in weights.iter().zip(&seen) {
                            sum += *w / total * of(&v, j, g, false)[e];
                        }
                        mixed.push(sum);
                    }
                }
            }
            let rows = match projections {
                None => through(&own("output"), &mixed),
                Some(p) => through(&p.output, &mixed),
            };
            Values { rows, ..x }
        }
    }
}
