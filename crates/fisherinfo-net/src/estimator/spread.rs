//! The spread of a Monte Carlo diagonal over draws, example by example: it does not depend on batches.

use super::accumulate::{HELD, Part, Target, add_column_squares, alone, joined, row_sums};
use crate::backend::{Backend, Factors, Real, View};
use crate::batch::Batch;
use crate::parameters::ParameterId;
use crate::tap::Tap;
use std::sync::Arc;

/// Draws whose spread is found together: pairs, the last three where they are odd.
///
/// With k squares q of one number at one example, \\(\sum_{i<j} (q_i - q_j)^2 / (k - 1)\\) is k times their
/// sample variance; over all groups and examples, divided by the square of the number of draws, it is the
/// variance of the sum of means without bias. Pairs need no more than two passes backwards at once.
pub(super) fn ends_group(draw: usize, draws: usize) -> bool {
    draw + 1 == draws || (draw % 2 == 1 && draw + 2 < draws)
}

impl Target<'_> {
    /// Adds what the draws of a group say of the spread of the squares of each number.
    pub(super) fn add_spread<B: Backend>(
        &self,
        backend: &B,
        group: &[Vec<Part<B>>],
        into: &mut [f64],
    ) {
        let mut rest = into;
        for &id in self.tensors {
            let (into, after) = rest.split_at_mut(self.infos[id.0].length());
            rest = after;
            let taps: Option<Vec<Vec<&Tap<B>>>> =
                group.iter().map(|parts| alone(parts, id)).collect();
            if let Some(taps) = &taps {
                match taps[0][0] {
                    Tap::Matrix {
                        weight, gradient, ..
                    } if *weight == id && gradient.positions == 1 => {
                        add_spread_of_products(backend, taps, into);
                        continue;
                    }
                    Tap::Rows { .. } => {
                        add_spread_of_rows(backend, taps, into);
                        continue;
                    }
                    Tap::Matrix { .. } | Tap::Direct { .. } => {}
                }
            }
            self.add_spread_of_gradients(backend, group, id, into);
        }
    }

    /// From the gradients of the examples themselves, some at once.
    fn add_spread_of_gradients<B: Backend>(
        &self,
        backend: &B,
        group: &[Vec<Part<B>>],
        id: ParameterId,
        into: &mut [f64],
    ) {
        let only = Target {
            tensors: &[id],
            ..*self
        };
        let weight = 1.0 / (group.len() - 1) as f64;
        for (i, part) in group[0].iter().enumerate() {
            let at_once = (HELD / into.len().max(1)).clamp(1, part.examples.max(1));
            for from in (0..part.examples).step_by(at_once) {
                let range = from..(from + at_once).min(part.examples);
                let squares = group.iter().map(|parts| {
                    let taps = &parts[i].taps;
                    let gradients = only.per_example(backend, taps, range.clone());
                    backend.multiply(&gradients, &gradients)
                });
                for difference in differences(backend, &squares.collect::<Vec<_>>()) {
                    add_column_squares(backend, &difference, weight, into);
                }
            }
        }
    }
}

/// What each differs by from each before it.
fn differences<B: Backend>(backend: &B, of: &[B::Buffer]) -> Vec<B::Buffer> {
    let pairs = (0..of.len()).flat_map(|j| (0..j).map(move |i| (i, j)));
    pairs
        .map(|(i, j)| {
            let mut difference = of[j].clone();
            backend.add_scaled(B::Element::from_f64(-1.0), &of[i], &mut difference);
            difference
        })
        .collect()
}

/// With one position the square is g²a², a that of every draw: a product again, of (g²ᵢ − g²ⱼ)² and a⁴.
fn add_spread_of_products<B: Backend>(backend: &B, group: &[Vec<&Tap<B>>], into: &mut [f64]) {
    let squared = |x: &B::Buffer| backend.multiply(x, x);
    let of_part = |i: usize| {
        let Tap::Matrix {
            transposed, input, ..
        } = group[0][i]
        else {
            return None;
        };
        let input = Arc::new(input.like(input.features, squared(&squared(&input.values))));
        let gradients = group.iter().filter_map(|taps| match taps[i] {
            Tap::Matrix { gradient, .. } => Some(gradient),
            Tap::Rows { .. } | Tap::Direct { .. } => None,
        });
        let gradients: Vec<&Arc<Batch<B>>> = gradients.collect();
        let squares: Vec<_> = gradients.iter().map(|g| squared(&g.values)).collect();
        let mut apart = differences(backend, &squares).into_iter();
        let mut sum = squared(&apart.next()?);
        for difference in apart {
            backend.add_scaled(B::Element::from_f64(1.0), &squared(&difference), &mut sum);
        }
        let gradient = Arc::new(gradients[0].like(gradients[0].features, sum));
        Some(match transposed {
            true => (input, gradient),
            false => (gradient, input),
        })
    };
    let parts = backend.each_part(group[0].len(), of_part).into_iter();
    let (left, right): (Vec<_>, Vec<_>) = parts.flatten().unzip();
    let (left, right) = (joined(backend, left), joined(backend, right));
    let factors = left.iter().zip(&right).map(|(l, r)| Factors {
        batch: 1,
        left: &l.values,
        left_view: View::rows(l.examples, l.features).transposed(),
        right: &r.values,
        right_view: View::rows(r.examples, r.features),
    });
    let weight = 1.0 / (group.len() - 1) as f64;
    backend.add_products(weight, &factors.collect::<Vec<_>>(), into);
}

/// Only the rows that an example has are touched.
fn add_spread_of_rows<B: Backend>(backend: &B, group: &[Vec<&Tap<B>>], into: &mut [f64]) {
    let weight = 1.0 / (group.len() - 1) as f64;
    for i in 0..group[0].len() {
        let mut gradients = Vec::with_capacity(group.len());
        let mut looked_up = None;
        for taps in group {
            if let Tap::Rows {
                tokens, gradient, ..
            } = taps[i]
            {
                gradients.push(&**gradient);
                looked_up = Some(tokens);
            }
        }
        let Some(tokens) = looked_up else { continue };
        row_sums(backend, tokens, &gradients, |first, sums| {
            for (column, total) in into[first..first + sums[0].len()].iter_mut().enumerate() {
                for (j, later) in sums.iter().enumerate() {
                    for earlier in &sums[..j] {
                        let apart = later[column].powi(2) - earlier[column].powi(2);
                        *total += weight * apart * apart;
                    }
                }
            }
        });
    }
}
