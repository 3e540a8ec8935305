use super::{Layer, Linear, Rotary, Trace, Use};
use crate::backend::{Backend, Real, View};
use crate::batch::Batch;
use crate::parameters::Parameters;
use crate::tap::Tap;
use std::sync::Arc;

/// Softmax attention of a sequence to itself: softmax(QKᵀ/√e)V, head by head, between four linear maps.
///
/// With fewer heads of keys than of queries, each is shared by a group of those that follow each other
/// (grouped queries). Keys of padding are not attended to.
#[derive(Clone, Debug)]
pub struct Attention {
    /// Where queries, keys and values are from.
    pub inputs: Inputs,
    /// heads · size → features.
    pub output: Linear,
    /// Heads of queries.
    pub heads: usize,
    /// Heads of keys and values, a divisor of `heads`.
    pub groups: usize,
    /// Numbers a head.
    pub size: usize,
    /// Only to positions before and at its own.
    pub causal: bool,
    /// How queries and how keys are turned.
    pub rotary: Option<(Rotary, Rotary)>,
}

/// The linear maps to queries, keys and values.
#[derive(Clone, Copy, Debug)]
pub enum Inputs {
    /// To queries (heads · size), keys and values (groups · size each).
    Separate([Linear; 3]),
    /// One map to queries, keys and values one after the other.
    Fused(Linear),
}

impl Attention {
    /// Where queries, keys and values lie in what comes out of a fused map.
    fn parts(&self) -> [Vec<u32>; 3] {
        let (q, k) = (
            (self.heads * self.size) as u32,
            (self.groups * self.size) as u32,
        );
        [
            (0..q).collect(),
            (q..q + k).collect(),
            (q + k..q + 2 * k).collect(),
        ]
    }

    /// Queries, keys and values from x by a pass of the linear maps, forward or along a direction.
    fn projected<B: Backend>(
        &self,
        backend: &B,
        mut pass: impl FnMut(&Linear, usize) -> B::Buffer,
        rows: usize,
    ) -> [B::Buffer; 3] {
        match &self.inputs {
            Inputs::Separate([query, key, value]) => [pass(query, 0), pass(key, 1), pass(value, 2)],
            Inputs::Fused(linear) => {
                let all = pass(linear, 0);
                self.parts().map(|part| backend.gather(&all, rows, &part))
            }
        }
    }

    /// The head of a buffer that has so many.
    fn head(&self, positions: usize, heads: usize, head: usize) -> View {
        let wide = heads * self.size;
        View {
            offset: head * self.size,
            rows: positions,
            columns: self.size,
            row_stride: wide,
            column_stride: 1,
            batch_stride: positions * wide,
        }
    }

    fn group(&self, head: usize) -> usize {
        head / (self.heads / self.groups)
    }

    fn turned<B: Backend>(
        &self,
        backend: &B,
        query: bool,
        x: B::Buffer,
        transposed: bool,
    ) -> B::Buffer {
        match &self.rotary {
            Some((queries, keys)) => {
                let rotary = if query { queries } else { keys };
                rotary.apply(backend, &x, transposed)
            }
            None => x,
        }
    }

    fn root(&self) -> f64 {
        (self.size as f64).sqrt().recip()
    }

    /// 0 where a query may attend to a key and −∞ where not; none when all may.
    fn barrier<B: Backend>(&self, backend: &B, x: &Batch<B>) -> Option<B::Buffer> {
        if !self.causal && x.mask.is_none() {
            return None;
        }
        let t = x.positions;
        let mut barrier = Vec::with_capacity(x.rows() * t);
        for n in 0..x.examples {
            for query in 0..t {
                for key in 0..t {
                    let padding = x.mask.as_ref().is_some_and(|mask| !mask[n * t + key]);
                    let hidden = padding || (self.causal && key > query);
                    let value = if hidden { f64::NEG_INFINITY } else { 0.0 };
                    barrier.push(B::Element::from_f64(value));
                }
            }
        }
        Some(backend.upload(barrier))
    }

    /// c += αab for a head of each example.
    fn add<B: Backend>(
        backend: &B,
        n: usize,
        alpha: f64,
        a: (&B::Buffer, View),
        b: (&B::Buffer, View),
        c: (&mut B::Buffer, View),
    ) {
        backend.add_product(n, B::Element::from_f64(alpha), a.0, a.1, b.0, b.1, c.0, c.1);
    }
}

/// Buffers of a trace: q, k and v after turning, then the weights of each head.
const WEIGHTS: usize = 3;

impl<B: Backend> Layer<B> for Attention {
    fn forward(
        &self,
        backend: &B,
        parameters: &Parameters<B>,
        input: &Arc<Batch<B>>,
    ) -> (Arc<Batch<B>>, Trace<B>) {
        let (n, t) = (input.examples, input.positions);
        let mut trace = Trace::of_input(input);
        let pass = |linear: &Linear, _: usize| {
            let (y, inner) = linear.forward(backend, parameters, input);
            trace.children.push(inner);
            Arc::try_unwrap(y).map_or_else(|y| y.values.clone(), |y| y.values)
        };
        let [q, k, v] = self.projected(backend, pass, n * t);
        let q = self.turned(backend, true, q, false);
        let k = self.turned(backend, false, k, false);
        let mut mixed = backend.zeros(n * t * self.heads * self.size);
        let barrier = self.barrier(backend, input);
        let square = View::rows(t, t);
        let mut weights = Vec::with_capacity(self.heads);
        for head in 0..self.heads {
            let (of_q, of_k) = (
                self.head(t, self.heads, head),
                self.head(t, self.groups, self.group(head)),
            );
            let root = B::Element::from_f64(self.root());
            let mut scores = backend.product(n, root, &q, of_q, &k, of_k.transposed());
            if let Some(barrier) = &barrier {
                backend.add_scaled(B::Element::from_f64(1.0), barrier, &mut scores);
            }
            let p = backend.softmax(&scores, t);
            Self::add(
                backend,
                n,
                1.0,
                (&p, square),
                (&v, of_k),
                (&mut mixed, of_q),
            );
            weights.push(p);
        }
        trace.buffers = vec![q, k, v];
        trace.buffers.extend(weights);
        let mixed = Arc::new(input.like(self.heads * self.size, mixed));
        let (y, o_trace) = self.output.forward(backend, parameters, &mixed);
        trace.children.push(o_trace);
        (y, trace)
    }

    fn vjp(
        &self,
        backend: &B,
        parameters: &Parameters<B>,
        trace: &Trace<B>,
        cotangent: Arc<Batch<B>>,
        input_wanted: bool,
        taps: &mut Vec<Tap<B>>,
    ) -> Option<Arc<Batch<B>>> {
        let input = &trace.batches[0];
        let (n, t) = (input.examples, input.positions);
        let u = self.output.vjp(
            backend,
            parameters,
            trace.children.last()?,
            cotangent,
            true,
            taps,
        )?;
        let (q, k, v) = (&trace.buffers[0], &trace.buffers[1], &trace.buffers[2]);
        let square = View::rows(t, t);
        let mut to_q = backend.zeros(backend.length(q));
        let mut to_k = backend.zeros(backend.length(k));
        let mut to_v = backend.zeros(backend.length(v));
        for head in 0..self.heads {
            let p = &trace.buffers[WEIGHTS + head];
            let (of_q, of_k) = (
                self.head(t, self.heads, head),
                self.head(t, self.groups, self.group(head)),
            );
            let one = B::Element::from_f64(1.0);
            let to_p = backend.product(n, one, &u.values, of_q, v, of_k.transposed());
            Self::add(
                backend,
                n,
                1.0,
                (p, square.transposed()),
                (&u.values, of_q),
                (&mut to_v, of_k),
            );
            let to_s = backend.softmax_derivative(p, &to_p, t);
            Self::add(
                backend,
                n,
                self.root(),
                (&to_s, square),
                (k, of_k),
                (&mut to_q, of_q),
            );
            Self::add(
                backend,
                n,
                self.root(),
                (&to_s, square.transposed()),
                (q, of_q),
                (&mut to_k, of_k),
            );
        }
        let to_q = self.turned(backend, true, to_q, true);
        let to_k = self.turned(backend, false, to_k, true);
        let parts = match &self.inputs {
            Inputs::Separate([query, key, value]) => {
                vec![(query, to_q), (key, to_k), (value, to_v)]
            }
            Inputs::Fused(linear) => {
                let mut all = backend.zeros(n * t * linear.outputs);
                for (part, index) in [to_q, to_k, to_v].iter().zip(self.parts()) {
                    let wide = backend.scatter_add(part, n * t, &index, linear.outputs);
                    backend.add_scaled(B::Element::from_f64(1.0), &wide, &mut all);
                }
                vec![(linear, all)]
            }
        };
        let mut total: Option<Arc<Batch<B>>> = None;
        for ((linear, part), inner) in parts.into_iter().zip(&trace.children) {
            let part = Arc::new(input.like(linear.outputs, part));
            let back = linear.vjp(backend, parameters, inner, part, input_wanted, taps);
            total = match (total, back) {
                (None, back) => back,
                (Some(total), None) => Some(total),
                (Some(total), Some(back)) => Some(Arc::new(total.plus(backend, &back))),
            };
        }
        total
    }

    fn jvp(
        &self,
        backend: &B,
        parameters: &Parameters<B>,
        direction: &Parameters<B>,
        trace: &Trace<B>,
        tangent: Batch<B>,
    ) -> Batch<B> {
        let (n, t) = (tangent.examples, tangent.positions);
        let along = |linear: &Linear, i: usize| {
            let inner = &trace.children[i];
            linear
                .jvp(backend, parameters, direction, inner, tangent.clone())
                .values
        };
        let [dq, dk, dv] = self.projected(backend, along, n * t);
        let dq = self.turned(backend, true, dq, false);
        let dk = self.turned(backend, false, dk, false);
        let (q, k, v) = (&trace.buffers[0], &trace.buffers[1], &trace.buffers[2]);
        let square = View::rows(t, t);
        let mut mixed = backend.zeros(n * t * self.heads * self.size);
        for head in 0..self.heads {
            let p = &trace.buffers[WEIGHTS + head];
            let (of_q, of_k) = (
                self.head(t, self.heads, head),
                self.head(t, self.groups, self.group(head)),
            );
            let mut ds = backend.zeros(n * t * t);
            for (a, b) in [(&dq, k), (q, &dk)] {
                Self::add(
                    backend,
                    n,
                    self.root(),
                    (a, of_q),
                    (b, of_k.transposed()),
                    (&mut ds, square),
                );
            }
            let dp = backend.softmax_derivative(p, &ds, t);
            for (a, b) in [(&dp, v), (p, &dv)] {
                Self::add(backend, n, 1.0, (a, square), (b, of_k), (&mut mixed, of_q));
            }
        }
        let mixed = tangent.like(self.heads * self.size, mixed);
        let inner = &trace.children[trace.children.len() - 1];
        self.output
            .jvp(backend, parameters, direction, inner, mixed)
    }

    fn uses(&self) -> Vec<Use> {
        let inputs = match &self.inputs {
            Inputs::Separate(three) => three.to_vec(),
            Inputs::Fused(one) => vec![*one],
        };
        let all = inputs.iter().chain([&self.output]);
        all.flat_map(Layer::<B>::uses).collect()
    }
}
