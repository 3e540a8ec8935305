//! Products against three loops, for any shape, side and precision.

use crate::common::numbers;
use fisherinfo_net::backend::{Backend, Cpu, View};
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
        let mut c = start.clone();
        Cpu::<f64>::new().product(batch, 0.5, &a, av, &b, bv, &mut c, cv);
        prop_assert!(c.iter().zip(&wanted).all(|(c, w)| (c - w).abs() < 1e-13));
        let single = |x: &[f64]| x.iter().map(|&v| v as f32).collect::<Vec<f32>>();
        let mut c = single(&start);
        Cpu::<f32>::new().product(batch, 0.5, &single(&a), av, &single(&b), bv, &mut c, cv);
        prop_assert!(c.iter().zip(&wanted).all(|(c, w)| (f64::from(*c) - w).abs() < 1e-5));
    }

    #[test]
    fn symmetric_updates(rows in 1..10_usize, columns in 1..300_usize) {
        let cpu = Cpu::<f64>::new();
        let x = numbers(rows * columns, 4);
        let mut c = vec![0.0; columns * columns];
        cpu.symmetric_update(1.0, &x, rows, columns, &mut c);
        cpu.symmetric_update(1.0, &x, rows, columns, &mut c);
        for i in (0..columns).step_by(7) {
            for j in 0..columns {
                let sum: f64 = (0..rows).map(|r| x[r * columns + i] * x[r * columns + j]).sum();
                prop_assert!((c[i * columns + j] - 2.0 * sum).abs() < 1e-13);
                prop_assert_eq!(c[i * columns + j], c[j * columns + i]);
            }
        }
    }
}

#[test]
#[should_panic(expected = "right factor")]
fn a_view_beyond_its_buffer_is_refused() {
    let mut c = vec![0.0; 4];
    let square = View::rows(2, 2);
    Cpu::<f64>::new().product(
        1,
        1.0,
        &vec![0.0; 4],
        square,
        &vec![0.0; 3],
        square,
        &mut c,
        square,
    );
}

#[test]
#[should_panic(expected = "product")]
fn places_that_coincide_are_refused() {
    let mut c = vec![0.0; 8];
    let square = View::rows(2, 2);
    let same = square.every(0);
    Cpu::<f64>::new().product(
        2,
        1.0,
        &vec![0.0; 8],
        square,
        &vec![0.0; 8],
        square,
        &mut c,
        same,
    );
}

#[test]
fn any_number_of_threads_gives_the_same_bits() {
    let (a, b) = (numbers(300 * 70, 5), numbers(70 * 300, 6));
    let run = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| {
            let cpu = Cpu::<f64>::new();
            let mut c = vec![0.0; 300 * 300];
            cpu.product(
                1,
                1.0,
                &a,
                View::rows(300, 70),
                &b,
                View::rows(70, 300),
                &mut c,
                View::rows(300, 300),
            );
            cpu.symmetric_update(1.0, &a, 70, 300, &mut c);
            c.extend(cpu.column_sums(&c.clone(), 300));
            c
        })
    };
    assert_eq!(run(1), run(5));
}
