//! Files: what is written is read, what is broken is one error, a killed run goes on with the same bits.

use crate::common::{Net, architecture, estimate, network, settings, with_classes};
use fisherinfo_net::backend::Cpu;
use fisherinfo_net::estimator::{Estimation, Estimator, Representation, Sharing};
use fisherinfo_net::file::{
    Progress, checkpoint_bytes, fisher_bytes, parse_fisher, read_checkpoint, read_csv, read_npy,
    write_atomically,
};
use fisherinfo_net::{Architecture, Checkpoint, Dataset, Network};
use proptest::prelude::*;

const TEXT: &str = "input={tokens={length=2}}\noutput=\"categorical\"\n[[layer]]\nkind=\"embedding\"\nname=\"e\"\nvocabulary=4\nfeatures=2\n\
    [[layer]]\nkind=\"layer-norm\"\nname=\"n\"\n[[layer]]\nkind=\"flatten\"\n[[layer]]\nkind=\"linear\"\nname=\"h\"\noutputs=3\n";

fn data() -> Dataset {
    with_classes(
        vec![0.0, 1.0, 2.0, 1.0, 3.0, 3.0, 0.0, 0.0, 1.0, 2.0],
        2,
        3,
        1,
    )
}

const ALL: [Representation; 6] = [
    Representation::Dense,
    Representation::LowRank,
    Representation::BlockDiagonal,
    Representation::Diagonal,
    Representation::Kronecker(Sharing::Reduce),
    Representation::EigenKronecker(Sharing::Expand),
];

#[test]
fn what_is_written_is_read() {
    let net = network(TEXT, 1);
    for representation in ALL {
        for estimator in [
            Estimator::Exact,
            Estimator::MonteCarlo { draws: 2, seed: 7 },
        ] {
            let fisher = estimate(&net, &data(), estimator, representation);
            let bytes = fisher_bytes(&fisher, None).unwrap();
            assert_eq!(parse_fisher(&bytes).unwrap(), (fisher, None));
            // Any reader of safetensors reads it.
            let other = safetensors::SafeTensors::deserialize(&bytes).unwrap();
            assert!(
                other
                    .names()
                    .iter()
                    .any(|name| name.starts_with("block.0."))
            );
        }
    }
}

#[test]
fn a_killed_run_goes_on_with_the_same_bits() {
    let (net, data) = (network(TEXT, 2), data());
    for representation in ALL {
        let s = settings(Estimator::MonteCarlo { draws: 2, seed: 3 }, representation);
        let unbroken = Estimation::whole(&net, &data, s, 2).unwrap();
        // Killed after every batch.
        let mut estimation = Estimation::new(&net, &data, s).unwrap();
        while let Some(range) = estimation.next(&data, 2) {
            estimation.update(&net, &data, range).unwrap();
            let (seen, second) = estimation.place();
            let progress = Progress {
                seen,
                second,
                batch: 2,
            };
            let bytes = fisher_bytes(estimation.state(), Some(progress)).unwrap();
            let (state, read) = parse_fisher(&bytes).unwrap();
            assert_eq!(read, Some(progress));
            let fresh = Estimation::new(&net, &data, s).unwrap();
            estimation = fresh
                .resumed(state, seen, second, data.len() as u64)
                .unwrap();
        }
        assert_eq!(estimation.finish(), unbroken);
    }
}

#[test]
fn another_state_is_refused() {
    let (net, data) = (network(TEXT, 2), data());
    let s = settings(Estimator::Exact, Representation::Diagonal);
    let state = Estimation::whole(&net, &data, s, 2).unwrap();
    let refused = |net: &Net, data: &Dataset, s| {
        let fresh = Estimation::new(net, data, s).unwrap();
        let seen = data.len() as u64;
        fresh
            .resumed(state.clone(), 2.min(seen), false, seen)
            .unwrap_err()
            .to_string()
    };
    assert!(refused(&network(TEXT, 3), &data, s).contains("the model"));
    assert!(refused(&net, &data.select(&[0, 1]), s).contains("the data"));
    let empirical = settings(Estimator::Empirical, Representation::Diagonal);
    assert!(refused(&net, &data, empirical).contains("the estimator"));
}

#[test]
fn what_does_not_match_is_not_added() {
    let net = network(TEXT, 4);
    let (one, two) = (data().select(&[0, 1]), data().select(&[2, 3, 4]));
    let of = |net: &Net, data: &Dataset, e, r| estimate(net, data, e, r);
    let base = of(&net, &one, Estimator::Exact, Representation::Diagonal);
    let refused = |other| base.clone().plus(&other).unwrap_err().to_string();
    let other = network(TEXT, 5);
    assert!(
        refused(of(&other, &two, Estimator::Exact, Representation::Diagonal)).contains("the model")
    );
    assert!(
        refused(of(
            &net,
            &two,
            Estimator::Empirical,
            Representation::Diagonal
        ))
        .contains("the estimator")
    );
    assert!(
        refused(of(&net, &two, Estimator::Exact, Representation::Dense))
            .contains("the representation")
    );
    assert!(refused(base.clone()).contains("twice"));
    let sum = base
        .clone()
        .plus(&of(&net, &two, Estimator::Exact, Representation::Diagonal))
        .unwrap();
    assert_eq!((sum.about.examples, sum.about.data.len()), (5, 2));
    // Eigenvectors of other data are others, and moments along them are no summands.
    let moments = |d: &Dataset| {
        of(
            &net,
            d,
            Estimator::Exact,
            Representation::EigenKronecker(Sharing::Expand),
        )
    };
    assert!(
        moments(&one)
            .plus(&moments(&two))
            .unwrap_err()
            .to_string()
            .contains("eigenbasis")
    );
}

fn sample() -> Vec<u8> {
    let fisher = estimate(
        &network(TEXT, 6),
        &data(),
        Estimator::Exact,
        Representation::Kronecker(Sharing::Expand),
    );
    fisher_bytes(&fisher, None).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]
    #[test]
    fn hostile_files_are_one_error(cut in 0.0..1.0_f64, place in 0.0..1.0_f64, byte in any::<u8>(), noise in prop::collection::vec(any::<u8>(), 0..64)) {
        let whole = sample();
        let cut = (cut * whole.len() as f64) as usize;
        prop_assert!(parse_fisher(&whole[..cut]).is_err());
        prop_assert!(parse_fisher(&noise).is_err());
        let mut longer = whole.clone();
        longer.extend(&noise);
        prop_assert!(noise.is_empty() || parse_fisher(&longer).is_err());
        // One byte of the header changed: refused, or an estimate that can be used.
        let mut changed = whole.clone();
        let header = 8 + u64::from_le_bytes(whole[..8].try_into().unwrap()) as usize;
        let place = (place * header as f64) as usize;
        changed[place] = byte;
        if let Ok((fisher, _)) = parse_fisher(&changed) {
            prop_assert!(fisher.apply(&vec![1.0; fisher.dimension()]).is_ok());
            prop_assert!(fisher.eigenvalues().is_ok());
        }
    }
}

#[test]
fn headers_that_lie_are_refused() {
    let text = |bytes: &[u8]| parse_fisher(bytes).unwrap_err();
    let huge = [u64::MAX.to_le_bytes().as_slice(), b"{}"].concat();
    assert!(!text(&huge).is_empty());
    // A tensor that nothing names.
    let whole = sample();
    let file = safetensors::SafeTensors::deserialize(&whole).unwrap();
    let (_, header) = safetensors::SafeTensors::read_metadata(&whole).unwrap();
    let extra = file.tensor("block.0.rows").unwrap();
    let named = file.tensors().into_iter();
    let more = named.chain([("block.7.values".to_owned(), extra)]);
    let bytes = safetensors::serialize(more, header.metadata().clone()).unwrap();
    assert!(text(&bytes).contains("does not name"));
    // A checkpoint is no Fisher file.
    let checkpoint = checkpoint_bytes::<f64>(&network(TEXT, 1).checkpoint()).unwrap();
    assert!(text(&checkpoint).contains("does not say"));
    let replaced = |from: &str, to: &str| {
        assert_eq!(from.len(), to.len());
        let bytes = sample();
        let at = bytes
            .windows(from.len())
            .position(|w| w == from.as_bytes())
            .unwrap();
        let mut bytes = bytes;
        bytes[at..at + to.len()].copy_from_slice(to.as_bytes());
        parse_fisher(&bytes)
    };
    assert!(
        replaced("\"version\":\"1\"", "\"version\":\"9\"")
            .unwrap_err()
            .contains("version 9")
    );
    assert!(replaced("\\\"shape\\\":[4,2]", "\\\"shape\\\":[9,2]").is_err());
    assert!(replaced("\\\"tensors\\\":[0]", "\\\"tensors\\\":[1]").is_err());
}

#[test]
fn checkpoints_that_do_not_fit_are_named() {
    let architecture: Architecture = architecture(TEXT);
    let good = network(TEXT, 7).checkpoint();
    let load = |checkpoint: &Checkpoint| {
        Network::new(&architecture, Cpu::<f64>::new(), checkpoint)
            .unwrap_err()
            .to_string()
    };
    let changed = |name: &str, f: &dyn Fn(&mut fisherinfo_net::Tensor)| {
        let mut checkpoint = good.clone();
        f(checkpoint.get_mut(name).unwrap());
        load(&checkpoint)
    };
    let mut missing = good.clone();
    missing.remove("h.weight");
    assert!(load(&missing).contains("no tensor `h.weight` of shape [3, 4]"));
    assert!(changed("h.weight", &|t| t.shape.reverse()).contains("transposed"));
    assert!(
        changed("n.bias", &|t| t.values[1] = f64::NAN)
            .contains("`n.bias` is not finite: number 1 is NaN")
    );
}

#[test]
fn checkpoints_round_trip() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("c.safetensors");
    let checkpoint = network(TEXT, 8).checkpoint();
    write_atomically(&path, &checkpoint_bytes::<f64>(&checkpoint).unwrap()).unwrap();
    assert_eq!(read_checkpoint(&path).unwrap(), checkpoint);
    write_atomically(&path, &checkpoint_bytes::<f32>(&checkpoint).unwrap()).unwrap();
    let single = read_checkpoint(&path).unwrap();
    for (name, tensor) in &checkpoint {
        let near = tensor.values.iter().zip(&single[name].values);
        assert!(near.into_iter().all(|(a, b)| f64::from(*a as f32) == *b));
    }
    // Nothing else is left in the folder.
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    assert!(write_atomically(&folder.path().join("no/where"), b"x").is_err());
}

#[test]
fn tables_say_where_they_are_wrong() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.csv");
    let read = |text: &str, labels: &[&str]| {
        std::fs::write(&path, text).unwrap();
        let labels: Vec<String> = labels.iter().map(|l| (*l).to_owned()).collect();
        read_csv(&path, &labels)
    };
    let table = read("a,y,b\n1,0,2\n3,1,4\n", &["y"]).unwrap();
    assert_eq!(
        (table.inputs(0..2), table.labels(0..2)),
        ([1.0, 2.0, 3.0, 4.0].as_slice(), [0.0, 1.0].as_slice())
    );
    assert!(
        read("a,y\n1,0\nx,1\n", &["y"])
            .unwrap_err()
            .to_string()
            .contains("line 3: column `a` has `x`")
    );
    assert!(
        read("a,y\n1,0\n", &["z"])
            .unwrap_err()
            .to_string()
            .contains("no column `z`")
    );
    assert!(read("a,y\n1,inf\n", &["y"]).is_err());
    assert!(read("a,y\n", &["y"]).is_err());
}

/// A file as `numpy.save` writes it (NumPy 2.3).
fn npy(description: &str, shape: &str, entries: &[u8]) -> Vec<u8> {
    let header =
        format!("{{'descr': '{description}', 'fortran_order': False, 'shape': {shape}, }}");
    let length = (10 + header.len() + 1).next_multiple_of(64) - 10;
    let mut file = b"\x93NUMPY\x01\x00".to_vec();
    file.extend((length as u16).to_le_bytes());
    file.extend(format!("{header:<width$}\n", width = length - 1).bytes());
    file.extend(entries);
    file
}

#[test]
fn arrays_of_numpy_are_read_or_refused() {
    let folder = tempfile::tempdir().unwrap();
    let paths = ["x.npy", "y.npy"].map(|name| folder.path().join(name));
    let read = |x: &[u8], y: &[u8]| {
        std::fs::write(&paths[0], x).unwrap();
        std::fs::write(&paths[1], y).unwrap();
        read_npy(&paths[0], &paths[1])
    };
    let labels = npy("|u1", "(2,)", &[3, 255]);
    let images: Vec<u8> = (0..8)
        .flat_map(|i| (i as f32 - 1.5).to_le_bytes())
        .collect();
    let data = read(&npy("<f4", "(2, 1, 2, 2)", &images), &labels).unwrap();
    assert_eq!((data.len(), data.width(), data.label_width()), (2, 4, 1));
    assert_eq!(
        data.inputs(0..2),
        [-1.5, -0.5, 0.5, 1.5, 2.5, 3.5, 4.5, 5.5]
    );
    assert_eq!(data.labels(0..2), [3.0, 255.0]);
    let of = |description: &str, entries: &[u8]| {
        read(&npy(description, "(2, 1)", entries), &labels).map(|data| data.inputs(0..2).to_vec())
    };
    assert_eq!(of("|b1", &[1, 0]).unwrap(), [1.0, 0.0]);
    assert_eq!(of("|i1", &[0xff, 0x80]).unwrap(), [-1.0, -128.0]);
    assert_eq!(of("<i2", &[0xfe, 0xff, 2, 1]).unwrap(), [-2.0, 258.0]);
    assert_eq!(
        of("<u4", &[255, 255, 255, 255, 1, 0, 0, 0]).unwrap(),
        [4_294_967_295.0, 1.0]
    );
    let doubles = [0.1_f64, -1e300].map(f64::to_le_bytes).concat();
    assert_eq!(of("<f8", &doubles).unwrap(), [0.1, -1e300]);
    let longs = [-7_i64, 1 << 40].map(i64::to_le_bytes).concat();
    assert_eq!(of("<i8", &longs).unwrap(), [-7.0, (1_i64 << 40) as f64]);

    let refused = |x: &[u8], y: &[u8], said: &str| {
        let error = read(x, y).unwrap_err().to_string();
        assert!(error.contains(said) && error.contains(".npy"), "{error}");
    };
    let good = npy("|u1", "(2, 2)", &[1, 2, 3, 4]);
    refused(
        &good,
        &npy("|u1", "(3,)", &[0, 1, 2]),
        "labels of 3 examples",
    );
    refused(
        &good[..good.len() - 1],
        &labels,
        "of other bytes than the 3",
    );
    refused(&good[..40], &labels, "ends before its header does");
    refused(b"label,a\n1,2\n", &labels, "does not begin as");
    refused(&npy(">f8", "(2, 1)", &[0; 16]), &labels, "astype");
    refused(&npy("|O", "(2, 1)", &[0; 16]), &labels, "astype");
    refused(
        &npy("<f8", "(2, 1152921504606846976)", &[0; 16]),
        &labels,
        "of other bytes",
    );
    refused(
        &npy("<f8", "(0, 18446744073709551615)", &[]),
        &labels,
        "it is empty",
    );
    refused(
        &npy("<f8", "(2, -1)", &[0; 16]),
        &labels,
        "its shape has `-1`",
    );
    refused(&npy("<f8", "()", &[0; 8]), &labels, "no array of examples");
    let turned = String::from_utf8_lossy(&good[10..]).replace("False", "True ");
    let turned = [&good[..10], turned.as_bytes()].concat();
    refused(&turned, &labels, "ascontiguousarray");
    let long = [
        b"\x93NUMPY\x02\x00".as_slice(),
        &[0, 0, 0, 0x40],
        &[b' '; 64],
    ]
    .concat();
    refused(&long, &labels, "are read at most");
}

proptest! {
    /// Whatever is in a file, there is an answer.
    #[test]
    fn any_header_of_an_array_is_read_or_refused(
        header in "[{}'(),:<|a-z0-9 -]{0,80}|\\{'descr': '<f4', 'fortran_order': False, 'shape': \\([0-9, ]{0,30}\\)",
        version in 0..4_u8,
        entries in prop::collection::vec(any::<u8>(), 0..40),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.npy");
        let mut file = b"\x93NUMPY".to_vec();
        file.extend([version, 0]);
        match version {
            1 => file.extend((header.len() as u16).to_le_bytes()),
            _ => file.extend((header.len() as u32).to_le_bytes()),
        }
        file.extend(header.bytes());
        file.extend(&entries);
        std::fs::write(&path, &file).unwrap();
        match read_npy(&path, &path) {
            Ok(data) => prop_assert!(data.len() * data.width() * 4 == entries.len()),
            Err(error) => prop_assert!(error.to_string().contains("x.npy")),
        }
    }
}

#[test]
fn descriptions_that_do_not_fit_are_refused() {
    let refused = |text: &str| -> String {
        match Architecture::from_toml("m.toml", text) {
            Err(error) => error.to_string(),
            Ok(a) => Network::initialised(&a, Cpu::<f64>::new(), 0)
                .unwrap_err()
                .to_string(),
        }
    };
    let head = "input={features=4}\noutput=\"categorical\"\n";
    let unknown = refused(&format!("{head}[[layer]]\nkind=\"lineer\""));
    assert!(
        unknown.contains("m.toml") && unknown.contains("lineer") && unknown.contains("line "),
        "{unknown}"
    );
    assert!(
        refused(&format!(
            "{head}[[layer]]\nkind=\"linear\"\nname=\"a\"\noutputs=3\nbais=true"
        ))
        .contains("bais")
    );
    assert!(
        refused(&format!(
            "{head}[[layer]]\nkind=\"linear\"\nname=\"a\"\noutputs=0"
        ))
        .contains("layer 0")
    );
    assert!(refused(&format!("{head}[[layer]]\nkind=\"tanh\"")).contains("no parameters"));
    assert!(
        refused(&format!(
            "{head}[[layer]]\nkind=\"linear\"\nname=\"a\"\noutputs=1"
        ))
        .contains("softmax")
    );
    assert!(
        refused(&format!(
            "{head}[[layer]]\nkind=\"attention\"\nname=\"a\"\nheads=3"
        ))
        .contains("heads")
    );
    assert!(
        refused(&format!(
            "{head}[[layer]]\nkind=\"conv2d\"\nname=\"a\"\noutputs=2\nsize=[2, 2]"
        ))
        .contains("does not fit")
    );
    assert!(refused("input={features=9223372036854775807}\noutput=\"categorical\"\n[[layer]]\nkind=\"linear\"\nname=\"a\"\noutputs=2").contains("cannot be"));
    let residual =
        "[[layer]]\nkind=\"residual\"\n[[layer.layer]]\nkind=\"linear\"\nname=\"a\"\noutputs=3";
    assert!(refused(&format!("{head}{residual}")).contains("layer 0: x + f(x)"));
    assert!(
        refused("input={tokens={length=2}}\noutput=\"categorical\"\n[[layer]]\nkind=\"tanh\"")
            .contains("embedding")
    );
}

/// Every tensor is in a block, and scores are as many as the header says.
#[test]
fn blocks_cover_the_parameters() {
    let net = network(TEXT, 7);
    let mut fisher = estimate(&net, &data(), Estimator::Exact, Representation::Diagonal);
    fisher.blocks.remove(1);
    let bytes = fisher_bytes(&fisher, None).unwrap();
    let error = parse_fisher(&bytes).unwrap_err();
    assert!(error.contains("is in no block"), "{error}");
    let scores = estimate(&net, &data(), Estimator::Empirical, Representation::LowRank);
    let bytes = fisher_bytes(&scores, None).unwrap();
    let said = b"\\\"rows\\\":5";
    let at = bytes.windows(said.len()).position(|w| w == said).unwrap();
    let mut fewer = bytes;
    fewer[at + said.len() - 1] = b'4';
    let error = parse_fisher(&fewer).unwrap_err();
    assert!(
        error.contains("block.0.scores") && error.contains("should be [4"),
        "{error}"
    );
}
