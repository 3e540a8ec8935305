//! Each layer's value, jvp, vjp and taps against dual numbers through a network written the slow way.

use crate::common::{Net, with_classes};
use crate::common::{along, close, close_matrix, estimate, matrix, network, numbers, oracle};
use fisherinfo_net::Dataset;
use fisherinfo_net::estimator::{Estimator, Representation};

/// Value, Jv, and ⟨Jᵀu, v⟩ = ⟨u, Jv⟩; then the empirical Fisher, which sees the gradients of single examples.
fn check(network: &Net, data: &Dataset) {
    let n = network.dimension();
    let v = numbers(n, 7);
    let there = network.linearise(data, 0..data.len()).unwrap();
    let slow: Vec<_> = (0..data.len())
        .flat_map(|i| along(network, data.inputs(i..i + 1), &v))
        .collect();
    let values: Vec<f64> = slow.iter().map(|y| y.re).collect();
    let moved: Vec<f64> = slow.iter().map(|y| y.eps).collect();
    close(there.coordinates(), &values, 1e-13);
    let pushed = there.push_forward(&v).unwrap();
    close(&pushed, &moved, 1e-12);
    for seed in 0..3 {
        let u = numbers(values.len(), 11 + seed);
        let gradient = there.gradient(&u);
        let back: f64 = gradient.iter().zip(&v).map(|(g, v)| g * v).sum();
        let forth: f64 = u.iter().zip(&moved).map(|(u, y)| u * y).sum();
        let scale: f64 = u.iter().zip(&moved).map(|(u, y)| (u * y).abs()).sum();
        assert!((back - forth).abs() <= 1e-12 * scale, "{back} {forth}");
    }
    let wanted = oracle(network, data, true);
    let dense = estimate(network, data, Estimator::Empirical, Representation::Dense);
    close_matrix(&matrix(&dense), &wanted, 1e-12);
    // Diagonals of tied and shared weights come by another way than the dense matrix.
    let diagonal: Vec<f64> = (0..n).map(|i| wanted[i][i]).collect();
    let found = estimate(
        network,
        data,
        Estimator::Empirical,
        Representation::Diagonal,
    );
    close(&found.diagonal(), &diagonal, 1e-12);
}

fn text(input: &str, layers: &str) -> String {
    format!("input = {input}\noutput = \"categorical\"\n{layers}")
}

const HEAD: &str = "[[layer]]\nkind = \"linear\"\nname = \"head\"\noutputs = 3\n";

#[test]
fn activations() {
    for kind in ["tanh", "sigmoid", "relu", "gelu", "gelu-tanh", "silu"] {
        let layers = format!(
            "[[layer]]\nkind=\"linear\"\nname=\"first\"\noutputs=5\n[[layer]]\nkind=\"{kind}\"\n{HEAD}"
        );
        let network = network(&text("{ features = 4 }", &layers), 1);
        check(&network, &with_classes(numbers(12, 2), 4, 3, 1));
    }
}

#[test]
fn relu_has_slope_zero_at_zero() {
    use fisherinfo_net::backend::Activation;
    assert_eq!(Activation::Relu.slope(0.0), 0.0);
    assert_eq!(Activation::Relu.slope(-0.0), 0.0);
    assert_eq!(Activation::Relu.slope(1e-300), 1.0);
    assert!(Activation::Relu.value(f64::NAN).is_nan());
    let layers = format!(
        "[[layer]]\nkind=\"linear\"\nname=\"a\"\noutputs=2\nbias=false\n[[layer]]\nkind=\"relu\"\n{HEAD}"
    );
    let network = network(&text("{ features = 2 }", &layers), 1);
    let there = network
        .linearise(&with_classes(vec![0.0, 0.0], 2, 3, 1), 0..1)
        .unwrap();
    let gradient = there.gradient(&[1.0, -2.0, 0.5]);
    assert_eq!(gradient[..4], [0.0; 4]);
}

#[test]
fn convolutions() {
    for (stride, padding) in [("[1, 1]", "[0, 0]"), ("[2, 1]", "[1, 2]")] {
        let layers = format!(
            "[[layer]]\nkind=\"conv2d\"\nname=\"c\"\noutputs=3\nsize=[3, 2]\nstride={stride}\npadding={padding}\n\
             [[layer]]\nkind=\"tanh\"\n[[layer]]\nkind=\"flatten\"\n{HEAD}"
        );
        let network = network(&text("{ image = [2, 5, 4] }", &layers), 3);
        check(&network, &with_classes(numbers(2 * 40, 4), 40, 3, 1));
    }
    let layers = format!(
        "[[layer]]\nkind=\"conv1d\"\nname=\"c\"\noutputs=3\nsize=3\nstride=2\npadding=1\n\
         [[layer]]\nkind=\"silu\"\n[[layer]]\nkind=\"global-mean\"\n{HEAD}"
    );
    let network = network(&text("{ sequence = [6, 2] }", &layers), 5);
    check(&network, &with_classes(numbers(36, 6), 12, 3, 1));
}

#[test]
fn pooling() {
    for (pooling, stride) in [
        ("mean", "[2, 2]"),
        ("max", "[2, 2]"),
        ("max", "[1, 1]"),
        ("mean", "[1, 2]"),
    ] {
        let layers = format!(
            "[[layer]]\nkind=\"conv2d\"\nname=\"c\"\noutputs=2\nsize=[2, 2]\n\
             [[layer]]\nkind=\"pool\"\npooling=\"{pooling}\"\nsize=[2, 2]\nstride={stride}\n\
             [[layer]]\nkind=\"global-sum\"\n{HEAD}"
        );
        let network = network(&text("{ image = [1, 5, 5] }", &layers), 8);
        check(&network, &with_classes(numbers(50, 9), 25, 3, 1));
    }
}

#[test]
fn normalisations() {
    for kind in ["layer-norm", "rms-norm", "batch-norm"] {
        let layers = format!(
            "[[layer]]\nkind=\"linear\"\nname=\"first\"\noutputs=4\n[[layer]]\nkind=\"{kind}\"\nname=\"n\"\n\
             [[layer]]\nkind=\"tanh\"\n[[layer]]\nkind=\"global-mean\"\n{HEAD}"
        );
        let network = network(&text("{ sequence = [3, 2] }", &layers), 10);
        check(&network, &with_classes(numbers(18, 11), 6, 3, 1));
    }
}

#[test]
fn an_estimate_leaves_frozen_statistics_alone() {
    let layers = format!("[[layer]]\nkind=\"batch-norm\"\nname=\"n\"\n{HEAD}");
    let network = network(&text("{ features = 3 }", &layers), 12);
    let before = (network.hash(), network.checkpoint());
    assert!(before.1.contains_key("n.running_mean"));
    assert!(
        network
            .parameters()
            .iter()
            .all(|p| !p.name.contains("running"))
    );
    let data = with_classes(numbers(12, 13), 3, 3, 1);
    estimate(&network, &data, Estimator::Exact, Representation::Diagonal);
    assert_eq!((network.hash(), network.checkpoint()), before);
}

fn transformer(attention: &str, padding: &str) -> String {
    text(
        &format!("{{ tokens = {{ length = 4{padding} }} }}"),
        &format!(
            "[[layer]]\nkind=\"embedding\"\nname=\"e\"\nvocabulary=5\nfeatures=4\n\
             [[layer]]\nkind=\"position\"\nname=\"p\"\n\
             [[layer]]\nkind=\"residual\"\n[[layer.layer]]\nkind=\"rms-norm\"\nname=\"n\"\n\
             [[layer.layer]]\nkind=\"attention\"\nname=\"a\"\n{attention}\n{HEAD}"
        ),
    )
}

#[test]
fn attention() {
    let tokens = vec![0.0, 3.0, 3.0, 1.0, 4.0, 0.0, 2.0, 2.0, 1.0, 1.0, 1.0, 1.0];
    for attention in [
        "heads=1",
        "heads=2\ncausal=true",
        "heads=2\ngroups=1\nrotary=100.0\nbias=false",
        "heads=2\nrotary=10000.0\ncausal=true",
    ] {
        let network = network(&transformer(attention, ""), 14);
        check(&network, &with_classes(tokens.clone(), 4, 3, 4));
    }
}

/// GPT-2's: one map to queries, keys and values, weights in × out, a table with more rows than positions.
const FUSED: &str = "heads=2\ncausal=true\n[layer.layer.projections]\n\
    inputs=[{name=\"all\", transposed=true}]\noutput={name=\"out\", transposed=true}";

#[test]
fn attention_with_other_maps() {
    let tokens = vec![0.0, 3.0, 3.0, 1.0, 4.0, 0.0, 2.0, 2.0, 1.0, 1.0, 1.0, 1.0];
    for attention in [
        FUSED,
        "heads=2\nsize=6\ngroups=1\nrotary=50.0\n[layer.layer.projections]\n\
         inputs=[{name=\"q\", bias=false}, {name=\"k\", transposed=true}, {name=\"v\"}]\noutput={name=\"o\", bias=false}",
    ] {
        let network = network(&transformer(attention, ""), 14);
        check(&network, &with_classes(tokens.clone(), 4, 3, 4));
    }
}

#[test]
fn gates_tables_and_first_positions() {
    let layers = format!(
        "[[layer]]\nkind=\"embedding\"\nname=\"e\"\nvocabulary=5\nfeatures=3\n\
         [[layer]]\nkind=\"position\"\nname=\"p\"\nrows=6\n[[layer]]\nkind=\"row\"\nname=\"r\"\nrows=2\n\
         [[layer]]\nkind=\"residual\"\n[[layer.layer]]\nkind=\"product\"\n\
         left=[{{kind=\"linear\", name=\"gate\", outputs=3}}, {{kind=\"silu\"}}]\n\
         right=[{{kind=\"linear\", name=\"up\", outputs=3, transposed=true}}]\n\
         [[layer]]\nkind=\"linear\"\nname=\"mix\"\noutputs=3\ntransposed=true\n\
         [[layer]]\nkind=\"tanh\"\n[[layer]]\nkind=\"first\"\n{HEAD}"
    );
    let network = network(&text("{ tokens = { length = 4 } }", &layers), 18);
    assert_eq!(network.parameters()[1].shape, [6, 3]);
    let tokens = vec![0.0, 3.0, 3.0, 1.0, 4.0, 0.0, 2.0, 2.0];
    check(&network, &with_classes(tokens, 4, 3, 1));
}

/// The same layers with weights in × out and out × in: the same informations, entry by entry, in every form.
#[test]
fn transposed_weights_change_the_order_of_entries_alone() {
    use fisherinfo_net::estimator::Sharing;
    let layers = |transposed: bool| {
        format!(
            "[[layer]]\nkind=\"linear\"\nname=\"a\"\noutputs=4\ntransposed={transposed}\n[[layer]]\nkind=\"tanh\"\n\
             [[layer]]\nkind=\"linear\"\nname=\"b\"\noutputs=3\nbias=false\ntransposed={transposed}\n"
        )
    };
    let plain = network(&text("{ sequence = [2, 5] }", &layers(false)), 19);
    let mut checkpoint = plain.checkpoint();
    // Where each number of θ goes.
    let mut places = Vec::new();
    for info in plain.parameters() {
        let [rows, columns] = info.shape[..] else {
            places.extend(info.offset..info.offset + info.length());
            continue;
        };
        let tensor = checkpoint.get_mut(&info.name).unwrap();
        let old = tensor.values.clone();
        tensor.shape = vec![columns, rows];
        for i in 0..rows {
            for j in 0..columns {
                tensor.values[j * rows + i] = old[i * columns + j];
                places.push(info.offset + j * rows + i);
            }
        }
    }
    let turned = Net::new(
        &crate::common::architecture(&text("{ sequence = [2, 5] }", &layers(true))),
        fisherinfo_net::backend::Cpu::new(),
        &checkpoint,
    )
    .unwrap();
    let data = with_classes(numbers(30, 20), 10, 3, 2);
    for representation in [
        Representation::Dense,
        Representation::BlockDiagonal,
        Representation::Diagonal,
        Representation::Kronecker(Sharing::Expand),
        Representation::Kronecker(Sharing::Reduce),
        Representation::EigenKronecker(Sharing::Expand),
    ] {
        let of = |net: &Net| matrix(&estimate(net, &data, Estimator::Exact, representation));
        let (wanted, found) = (of(&plain), of(&turned));
        let carried: Vec<Vec<f64>> = (0..places.len())
            .map(|i| places.iter().map(|&q| found[places[i]][q]).collect())
            .collect();
        close_matrix(&carried, &wanted, 1e-11);
        use fisherinfo_net::file::{fisher_bytes, parse_fisher};
        let fisher = estimate(&turned, &data, Estimator::Exact, representation);
        let bytes = fisher_bytes(&fisher, None).unwrap();
        assert_eq!(parse_fisher(&bytes).unwrap().0, fisher);
    }
}

#[test]
fn padding_is_masked_everywhere() {
    let network = network(&transformer("heads=2\ngroups=1", ", padding = -1"), 15);
    let tokens = vec![0.0, 3.0, -1.0, -1.0, 4.0, 2.0, 2.0, -1.0];
    check(&network, &with_classes(tokens, 4, 3, 4));
    // What is beyond the end says nothing: the same texts with more padding.
    let pooled = text(
        "{ tokens = { length = 4, padding = -1 } }",
        &format!(
            "[[layer]]\nkind=\"embedding\"\nname=\"e\"\nvocabulary=5\nfeatures=4\n\
             [[layer]]\nkind=\"attention\"\nname=\"a\"\nheads=2\n[[layer]]\nkind=\"global-mean\"\n{HEAD}"
        ),
    );
    let short = pooled.replace("length = 4", "length = 2");
    let (long, short) = (
        crate::common::network(&pooled, 16),
        crate::common::network(&short, 16),
    );
    let tokens = vec![0.0, 3.0, -1.0, -1.0, 4.0, 2.0, -1.0, -1.0];
    let cut = vec![0.0, 3.0, 4.0, 2.0];
    check(&long, &with_classes(tokens.clone(), 4, 3, 1));
    use fisherinfo_net::estimator::Sharing;
    for representation in [
        Representation::Dense,
        Representation::Kronecker(Sharing::Expand),
        Representation::Kronecker(Sharing::Reduce),
    ] {
        let padded = estimate(
            &long,
            &with_classes(tokens.clone(), 4, 3, 1),
            Estimator::Exact,
            representation,
        );
        let plain = estimate(
            &short,
            &with_classes(cut.clone(), 2, 3, 1),
            Estimator::Exact,
            representation,
        );
        close_matrix(&matrix(&padded), &matrix(&plain), 1e-13);
        assert_eq!(padded.about.observations, plain.about.observations);
    }
}

#[test]
fn tied_weights_count_once_and_whole() {
    let layers = "[[layer]]\nkind=\"embedding\"\nname=\"e\"\nvocabulary=5\nfeatures=3\n\
         [[layer]]\nkind=\"linear\"\nname=\"mix\"\noutputs=3\n[[layer]]\nkind=\"tanh\"\n\
         [[layer]]\nkind=\"linear\"\nname=\"out\"\noutputs=5\nbias=false\nweight=\"e.weight\"\n";
    let network = network(&text("{ tokens = { length = 3 } }", layers), 17);
    assert_eq!(network.dimension(), 5 * 3 + 3 * 3 + 3);
    let tokens = vec![0.0, 3.0, 3.0, 4.0, 2.0, 1.0];
    check(&network, &with_classes(tokens.clone(), 3, 5, 3));
    // K-FAC says that it cannot treat them, and falls back.
    use fisherinfo_net::estimator::Sharing;
    let data = with_classes(tokens, 3, 5, 3);
    let kfac = estimate(
        &network,
        &data,
        Estimator::Empirical,
        Representation::Kronecker(Sharing::Expand),
    );
    let tied = &kfac.coverage()[0];
    assert_eq!(
        (tied.tensors[0].as_str(), tied.form.as_str()),
        ("e.weight", "diagonal")
    );
    assert!(tied.note.as_ref().unwrap().contains("share"));
    let diagonal = estimate(
        &network,
        &data,
        Estimator::Empirical,
        Representation::Diagonal,
    );
    close(&kfac.diagonal()[..15], &diagonal.diagonal()[..15], 1e-14);
}

const ADAPTED: &str = "adapter = { rank = 2, alpha = 5.0 }";

/// (W + (α/r)BA)x + b: A and B are all that is learnt of it, beside what other layers learn.
#[test]
fn adapters() {
    for transposed in [false, true] {
        let layers = format!(
            "[[layer]]\nkind=\"linear\"\nname=\"a\"\noutputs=4\ntransposed={transposed}\n{ADAPTED}\n\
             [[layer]]\nkind=\"tanh\"\n{HEAD}{ADAPTED}\n"
        );
        let network = network(&text("{ sequence = [2, 3] }", &layers), 21);
        let names: Vec<&str> = network.parameters().iter().map(|p| &p.name[..]).collect();
        let wanted = ["a", "head"].map(|l| ["A", "B"].map(|m| format!("{l}.lora_{m}.weight")));
        assert_eq!(names, wanted.concat());
        assert_eq!(network.dimension(), 2 * (3 + 4) + 2 * (4 + 3));
        let data = with_classes(numbers(18, 22), 6, 3, 2);
        check(&network, &data);
        // The weights themselves are in the checkpoint and in the hash, and an estimate leaves them alone.
        assert_eq!(network.frozen().len(), 4);
        let mut checkpoint = network.checkpoint();
        checkpoint.get_mut("a.weight").unwrap().values[0] += 1.0;
        let moved = Net::new(
            network.architecture(),
            fisherinfo_net::backend::Cpu::new(),
            &checkpoint,
        )
        .unwrap();
        assert_eq!(moved.theta(), network.theta());
        assert_ne!(moved.hash(), network.hash());
        assert_eq!(network.at(&network.theta()).unwrap().hash(), network.hash());
    }
}

/// Adapters at the queries and values of a transformer, and nothing else learnt.
#[test]
fn a_frozen_transformer_with_adapters() {
    let attention = format!(
        "heads=2\ncausal=true\n[layer.layer.projections]\n\
         inputs=[{{name=\"q\", {ADAPTED}}}, {{name=\"k\"}}, {{name=\"v\", transposed=true, {ADAPTED}}}]\noutput={{name=\"o\"}}"
    );
    let frozen = format!(
        "frozen = true\n{}",
        transformer(&attention, ", padding = -1")
    );
    let network = network(&frozen, 23);
    assert_eq!(network.dimension(), 2 * 2 * (4 + 4));
    let tokens = vec![0.0, 3.0, 3.0, 1.0, 4.0, 0.0, -1.0, -1.0];
    let data = with_classes(tokens, 4, 3, 4);
    check(&network, &data);
    // All of its blocks have Kronecker factors, and every form the trace of the whole.
    use fisherinfo_net::estimator::Sharing;
    let kfac = estimate(
        &network,
        &data,
        Estimator::Exact,
        Representation::Kronecker(Sharing::Expand),
    );
    assert!(
        kfac.coverage()
            .iter()
            .all(|c| c.form == "kronecker" && c.note.is_none())
    );
    assert_eq!(kfac.blocks.len(), 4);
    let of = |r| estimate(&network, &data, Estimator::Exact, r).trace();
    let trace = of(Representation::Diagonal);
    for other in [
        Representation::LowRank,
        Representation::Dense,
        Representation::EigenKronecker(Sharing::Expand),
    ] {
        assert!((of(other) / trace - 1.0).abs() < 1e-12);
    }
    // What adapters begin with changes nothing: B is zero.
    let begun = Net::initialised(
        network.architecture(),
        fisherinfo_net::backend::Cpu::new(),
        1,
    )
    .unwrap();
    let theta = begun.theta();
    let zeros = theta.iter().filter(|t| **t == 0.0).count();
    assert_eq!(zeros, 2 * 2 * 4);
    let shifted: Vec<f64> = theta
        .iter()
        .map(|t| if *t == 0.0 { 0.0 } else { t + 1.0 })
        .collect();
    let out = |net: &Net| net.linearise(&data, 0..2).unwrap().coordinates().to_vec();
    assert_eq!(out(&begun), out(&begun.at(&shifted).unwrap()));
}

#[test]
fn adapters_that_cannot_be_are_refused() {
    let refused = |text: &str| {
        let architecture = crate::common::architecture(text);
        let made = Net::initialised(&architecture, fisherinfo_net::backend::Cpu::new(), 1);
        made.unwrap_err().to_string()
    };
    let linear = text("{ features = 3 }", HEAD);
    let error = refused(&format!("frozen = true\n{linear}"));
    assert!(
        error.contains("no adapters: there is nothing to learn"),
        "{error}"
    );
    for (rank, alpha) in [("0", "1.0"), ("2", "0.0"), ("2", "nan")] {
        let error = refused(&format!("{linear}adapter={{rank={rank}, alpha={alpha}}}\n"));
        assert!(error.contains("no scale alpha/rank"), "{error}");
    }
    // A weight that one layer learns and another does not.
    let tied = format!(
        "{linear}[[layer]]\nkind=\"linear\"\nname=\"again\"\noutputs=3\nbias=false\nweight=\"square\"\n{ADAPTED}\n\
         [[layer]]\nkind=\"linear\"\nname=\"more\"\noutputs=3\nbias=false\nweight=\"square\"\n"
    );
    assert!(refused(&tied).contains("`square` is learnt in one place and not in another"));
}
