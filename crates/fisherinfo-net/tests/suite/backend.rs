//! Products against three loops, for any shape, side and precision.

use crate::common::numbers;
use fisherinfo_net::backend::{Array, Backend, Cpu, Factors, View};
use proptest::prelude::*;

fn at(view: View, n: usize, i: usize, j: usize) -> usize {
    view.offset + n * view.batch_stride + i * view.row_stride + j * view.column_stride
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]
    #[test]
    fn products(
        m in 1..140_usize,
        k in 1..20_usize,
        n in 1..140_usize,
        batch in 1..4_usize,
        turned in prop::array::uniform3(any::<bool>()),
    ) {
        let view = |rows: usize, columns: usize, turned: bool| {
            if turned { View::rows(columns, rows).transposed() } else { View::rows(rows, columns) }
        };
        let (av, bv, cv) = (view(m, k, turned[0]), view(k, n, turned[1]), view(m, n, turned[2]));
        let (a, b) = (numbers(batch * m * k, 1), numbers(batch * k * n, 2));
        let start = numbers(batch * m * n, 3);
        let mut wanted = start.clone();
        for s in 0..batch {
            for i in 0..m {
                for j in 0..n {
                    let sum: f64 = (0..k).map(|l| a[at(av, s, i, l)] * b[at(bv, s, l, j)]).sum();
                    wanted[at(cv, s, i, j)] += 0.5 * sum;
                }
            }
        }
        let double = |x: &[f64]| Array::from(x.to_vec());
        let cpu = Cpu::<f64>::new();
        let mut c = double(&start);
        cpu.add_product(batch, 0.5, &double(&a), av, &double(&b), bv, &mut c, cv);
        prop_assert!(c.iter().zip(&wanted).all(|(c, w)| (c - w).abs() < 1e-13));
        // Two times over, so that the second lies where the first left its numbers.
        for _ in 0..2 {
            let fresh = cpu.product(batch, 0.5, &double(&a), av, &double(&b), bv);
            for s in 0..batch {
                for i in 0..m {
                    for j in 0..n {
                        let place = at(cv, s, i, j);
                        let wanted = wanted[place] - start[place];
                        prop_assert!((fresh[(s * m + i) * n + j] - wanted).abs() < 1e-13);
                    }
                }
            }
        }
        let single = |x: &[f64]| Array::from(x.iter().map(|&v| v as f32).collect::<Vec<f32>>());
        let mut c = single(&start);
        Cpu::<f32>::new().add_product(batch, 0.5, &single(&a), av, &single(&b), bv, &mut c, cv);
        prop_assert!(c.iter().zip(&wanted).all(|(c, w)| (f64::from(*c) - w).abs() < 1e-5));
    }

    #[test]
    fn outer_products(
        rows in prop::array::uniform2(1..10_usize),
        columns in 1..300_usize,
        more in 0..2_usize,
    ) {
        let x = numbers((rows[0] + rows[1]) * columns, 4);
        let (first, second) = x.split_at(rows[0] * columns);
        let (first, second) = (Array::from(first.to_vec()), Array::from(second.to_vec()));
        let stride = columns + more;
        let mut c = vec![7.0; stride * stride];
        let parts = [(&first, rows[0]), (&second, rows[1])];
        Cpu::<f64>::new().add_outer_products(0.5, &parts, columns, &mut c, stride);
        for i in 0..stride {
            for j in 0..stride {
                let all = 0..rows[0] + rows[1];
                let sum: f64 = match i.max(j) < columns {
                    true => all.map(|r| x[r * columns + i] * x[r * columns + j]).sum(),
                    false => 0.0,
                };
                prop_assert!((c[i * stride + j] - 7.0 - 0.5 * sum).abs() < 1e-12);
                prop_assert_eq!(c[i * stride + j], c[j * stride + i]);
            }
        }
    }

    #[test]
    fn sums_of_products_and_of_their_squares(
        m in 1..150_usize,
        n in prop::sample::select(vec![1, 7, 130, 1500]),
        k in prop::array::uniform2(1..5_usize),
        batch in 1..4_usize,
    ) {
        // Two parts of the examples with sums over other lengths.
        let sides: Vec<_> = k
            .iter()
            .map(|k| {
                let (a, b) = (numbers(batch * k * m, 5), numbers(batch * k * n, 6 + *k as u64));
                (Array::from(a), Array::from(b), *k)
            })
            .collect();
        let factors: Vec<_> = sides
            .iter()
            .map(|(left, right, k)| Factors {
                batch,
                left,
                left_view: View::rows(*k, m).transposed(),
                right,
                right_view: View::rows(*k, n),
            })
            .collect();
        let (mut sums, mut squares) = (vec![1.0; m * n], vec![2.0; m * n]);
        let cpu = Cpu::<f64>::new();
        cpu.add_products(0.5, &factors, &mut sums);
        cpu.add_squared_products(0.25, &factors, &mut squares);
        for i in (0..m).step_by(13) {
            for j in (0..n).step_by(17) {
                let (mut sum, mut square) = (1.0, 2.0);
                for (a, b, k) in &sides {
                    for s in 0..batch {
                        let all = 0..*k;
                        let one: f64 = all
                            .map(|l| a[(s * k + l) * m + i] * b[(s * k + l) * n + j])
                            .sum();
                        sum += 0.5 * one;
                        square += 0.25 * one * one;
                    }
                }
                prop_assert!((sums[i * n + j] - sum).abs() < 1e-13);
                prop_assert!((squares[i * n + j] - square).abs() < 1e-13);
            }
        }
    }
}

#[test]
#[should_panic(expected = "right factor")]
fn a_view_beyond_its_buffer_is_refused() {
    let square = View::rows(2, 2);
    let (a, b) = (Array::from(vec![0.0; 4]), Array::from(vec![0.0; 3]));
    Cpu::<f64>::new().product(1, 1.0, &a, square, &b, square);
}

#[test]
#[should_panic(expected = "product")]
fn places_that_coincide_are_refused() {
    let x = Array::from(vec![0.0; 8]);
    let mut c = x.clone();
    let square = View::rows(2, 2);
    let same = square.every(0);
    Cpu::<f64>::new().add_product(2, 1.0, &x, square, &x, square, &mut c, same);
}

#[test]
fn any_number_of_threads_gives_the_same_bits() {
    let (a, b) = (
        Array::from(numbers(300 * 70, 5)),
        Array::from(numbers(70 * 300, 6)),
    );
    let run = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| {
            let cpu = Cpu::<f64>::new();
            let (left, right) = (View::rows(300, 70), View::rows(70, 300));
            let c = cpu.product(1, 1.0, &a, left, &b, right);
            let mut all = cpu.column_sums(&c, 300).to_vec();
            all.extend(&c[..]);
            let mut sums = vec![0.0; 300 * 300];
            cpu.add_outer_products(1.0, &[(&b, 70)], 300, &mut sums, 300);
            let factors = [Factors {
                batch: 1,
                left: &a,
                left_view: left,
                right: &b,
                right_view: right,
            }];
            cpu.add_products(1.0, &factors, &mut sums);
            cpu.add_squared_products(1.0, &factors, &mut sums);
            all.extend(sums);
            all
        })
    };
    assert_eq!(run(1), run(5));
}
