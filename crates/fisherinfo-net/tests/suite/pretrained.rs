//! Checkpoints of others against what transformers 5.23 and PyTorch 2.15 compute with them, and files that lie
//! (`crosscheck/tiny.py` and `tiny_gguf.py` wrote the files).

use crate::common::close;
use fisherinfo_net::backend::Cpu;
use fisherinfo_net::estimator::{
    Estimation, Estimator, Plan, Reduction, Representation, Settings, Sharing,
};
use fisherinfo_net::pretrained::Pretrained;
use fisherinfo_net::tensors::{BlockType, Gguf, TensorFiles, Tensors};
use fisherinfo_net::text::{classified, stretches};
use fisherinfo_net::{Dataset, Network};
use proptest::prelude::*;
use std::path::{Path, PathBuf};

fn checkpoints() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/checkpoints")
}

const LENGTH: usize = 7;

/// The texts beside a model, as a person's file would be read.
fn data(folder: &Path, name: &str) -> Dataset {
    let text = std::fs::read_to_string(folder.join("tokens.json")).unwrap();
    let value: serde_json::Value = serde_json::from_str(&text).unwrap();
    let tokens: Vec<Vec<u32>> = serde_json::from_value(value["tokens"].clone()).unwrap();
    if name != "bert" {
        return stretches(&tokens, LENGTH).unwrap();
    }
    let labels: Vec<f64> = serde_json::from_value(value["labels"].clone()).unwrap();
    let all: Vec<(Vec<u32>, f64)> = tokens.into_iter().zip(labels).collect();
    classified(&all, LENGTH).unwrap()
}

fn single(model: &Pretrained) -> Network<Cpu<f32>> {
    let architecture = model.architecture(LENGTH).unwrap();
    Network::new(&architecture, Cpu::new(), model.tensors()).unwrap()
}

fn logits_are(network: &Network<Cpu<f32>>, data: &Dataset, expected: &TensorFiles) {
    let there = network.linearise(data, 0..data.len()).unwrap();
    let per = there.coordinates().len() / data.len();
    for example in 0..data.len() {
        let wanted = expected.numbers(&format!("logits.{example}")).unwrap();
        let found = &there.coordinates()[example * per..example * per + wanted.len()];
        let far = found.iter().zip(&wanted).map(|(f, w)| (f - w).abs());
        let far = far.fold(0.0, f64::max);
        assert!(far < 1e-5, "example {example}: {far}");
    }
}

#[test]
fn logits_and_informations_are_those_of_transformers() {
    for name in ["gpt2", "llama", "qwen2", "mistral", "bert"] {
        let folder = checkpoints().join(name);
        let model = Pretrained::open(&folder).unwrap();
        assert_eq!(model.kind(), name);
        let expected = TensorFiles::safetensors(&folder.join("expected.safetensors")).unwrap();
        let data = data(&folder, name);
        logits_are(&single(&model), &data, &expected);
        let architecture = model.architecture(LENGTH).unwrap();
        let double = Network::new(&architecture, Cpu::<f64>::new(), model.tensors()).unwrap();
        let settings = Settings {
            estimator: Estimator::Empirical,
            representation: Representation::Diagonal,
            reduction: Reduction::Sum,
        };
        let fisher = Estimation::whole(&double, &data, settings, 2).unwrap();
        let diagonal = fisher.diagonal();
        // Every tensor that PyTorch has a gradient for, tied ones once.
        let known = expected.names();
        let known = known.iter().filter(|n| n.starts_with("diagonal."));
        assert_eq!(known.count(), double.parameters().len(), "{name}");
        for info in double.parameters() {
            let wanted = expected
                .numbers(&format!("diagonal.{}", info.name))
                .unwrap();
            let found = &diagonal[info.offset..info.offset + info.length()];
            let shape = expected.shape(&format!("diagonal.{}", info.name));
            assert_eq!(shape.unwrap(), info.shape, "{}", info.name);
            // A key's bias moves all scores of a query alike, and has no information.
            if wanted.iter().all(|w| *w < 1e-25) {
                assert!(found.iter().all(|f| *f < 1e-25), "{}", info.name);
            } else {
                // transformers' RMSNorm and rotary embedding are in single precision, come what may.
                let double = matches!(name, "gpt2" | "bert");
                close(found, &wanted, if double { 1e-11 } else { 3e-6 });
            }
        }
    }
}

#[test]
fn a_gguf_file_is_the_folder_it_was_made_of() {
    let model = Pretrained::open(&checkpoints().join("mistral.gguf")).unwrap();
    let folder = checkpoints().join("mistral");
    let expected = TensorFiles::safetensors(&folder.join("expected.safetensors")).unwrap();
    logits_are(&single(&model), &data(&folder, "mistral"), &expected);
    let own = Pretrained::open(&folder).unwrap();
    for name in own.tensors().names() {
        let (a, b) = (own.tensors().numbers(name), model.tensors().numbers(name));
        assert_eq!(a.unwrap(), b.unwrap(), "{name}");
    }
}

#[test]
fn blocks_have_the_numbers_of_the_package_gguf() {
    use safetensors::SafeTensors;
    let bytes = std::fs::read(checkpoints().join("blocks.safetensors")).unwrap();
    let file = SafeTensors::deserialize(&bytes).unwrap();
    let names = [
        "Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q8_0", "Q2_K", "Q3_K", "Q4_K", "Q5_K", "Q6_K",
    ];
    for ((_, kind), name) in BlockType::ALL.into_iter().zip(names) {
        let block = file.tensor(&format!("{name}.bytes")).unwrap();
        let wanted = file.tensor(&format!("{name}.numbers")).unwrap();
        let wanted: Vec<f64> = wanted
            .data()
            .as_chunks::<4>()
            .0
            .iter()
            .map(|b| f32::from_le_bytes(*b).into())
            .collect();
        let found = kind.numbers(block.data());
        assert_eq!(found.len(), kind.size().0);
        close(&found, &wanted, 1e-7);
    }
}

#[test]
fn kfac_of_a_language_model_has_no_square_of_its_vocabulary() {
    // Untied: the embedding's inputs are counts, and a head with a vocabulary of outputs keeps a diagonal.
    let text = "input={tokens={length=2}}\noutput=\"categorical\"\n[[layer]]\nkind=\"embedding\"\nname=\"e\"\nvocabulary=20000\nfeatures=2\n\
        [[layer]]\nkind=\"linear\"\nname=\"head\"\noutputs=20000\nbias=false\n";
    let network = crate::common::network(text, 3);
    let kfac = Representation::Kronecker(Sharing::Expand);
    let plan = Plan::new(&network, kfac);
    assert_eq!(plan.bytes(), 8 * 2 * (20000 + 4));
    let data = Dataset::new(vec![3.0, 19999.0], 2, vec![1.0, 2.0]).unwrap();
    let fisher = crate::common::estimate(&network, &data, Estimator::Empirical, kfac);
    assert!(
        fisher.coverage()[1]
            .note
            .as_ref()
            .unwrap()
            .contains("only the diagonal")
    );
    // One token an example is exact on the diagonal.
    let one = data.clone();
    let diagonal = crate::common::estimate(
        &network,
        &one,
        Estimator::Empirical,
        Representation::Diagonal,
    );
    assert!(fisher.trace() > 0.5 * diagonal.trace() && fisher.trace() < 2.0 * diagonal.trace());
    let bytes = fisherinfo_net::file::fisher_bytes(&fisher, None).unwrap();
    assert_eq!(
        fisherinfo_net::file::parse_fisher(&bytes).unwrap().0,
        fisher
    );
}

#[test]
fn what_cannot_be_computed_is_refused() {
    let refused = |change: &dyn Fn(&mut serde_json::Value)| {
        let folder = tempfile::tempdir().unwrap();
        let from = checkpoints().join("mistral");
        std::fs::copy(
            from.join("model.safetensors"),
            folder.path().join("model.safetensors"),
        )
        .unwrap();
        let text = std::fs::read_to_string(from.join("config.json")).unwrap();
        let mut config = serde_json::from_str(&text).unwrap();
        change(&mut config);
        std::fs::write(folder.path().join("config.json"), config.to_string()).unwrap();
        let model = match Pretrained::open(folder.path()) {
            Err(error) => return error.to_string(),
            Ok(model) => model,
        };
        let architecture = match model.architecture(LENGTH) {
            Err(error) => return error.to_string(),
            Ok(architecture) => architecture,
        };
        let network = Network::new(&architecture, Cpu::<f32>::new(), model.tensors());
        network
            .err()
            .map_or(String::new(), |error| error.to_string())
    };
    assert_eq!(refused(&|_| {}), "");
    assert!(refused(&|c| c["model_type"] = "mamba".into()).contains("`mamba` are unknown"));
    assert!(refused(&|c| c["hidden_act"] = "relu".into()).contains("`hidden_act` is \"relu\""));
    assert!(refused(&|c| c["rope_parameters"]["rope_type"] = "yarn".into()).contains("yarn"));
    assert!(refused(&|c| c["sliding_window"] = 4.into()).contains("back 4 tokens only"));
    assert!(refused(&|c| c["max_position_embeddings"] = 4.into()).contains("1 to 4 tokens"));
    assert!(refused(&|c| c["num_hidden_layers"] = 3.into()).contains("model.layers.2"));
    assert!(refused(&|c| c["vocab_size"] = 14.into()).contains("[13, 8] and should have [14, 8]"));
    assert!(refused(&|c| c["num_attention_heads"] = 0.into()).contains("do not fit tensor"));
    assert!(
        refused(&|c| c["num_hidden_layers"] = u32::MAX.into()).contains("says 4294967295 layers")
    );
    assert!(refused(&|c| c["head_dim"] = (1_u64 << 30).into()).contains("do not fit tensor"));
    assert!(refused(&|c| c["hidden_size"] = u64::MAX.into()).contains("cannot"));
}

#[test]
fn a_weight_the_wrong_way_round_is_said() {
    let gpt2 = Pretrained::open(&checkpoints().join("gpt2")).unwrap();
    let mut architecture = gpt2.architecture(4).unwrap();
    let text = serde_json::to_string(&architecture).unwrap();
    architecture =
        serde_json::from_str(&text.replace("\"transposed\":true", "\"transposed\":false")).unwrap();
    let error = Network::new(&architecture, Cpu::<f32>::new(), gpt2.tensors()).unwrap_err();
    assert!(error.to_string().contains("it is transposed"), "{error}");
}

/// Opens what may be no model at all; anything but a panic is right, and what opens can be read.
fn open(bytes: &[u8], name: &str) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    let tensors = match name {
        "a.gguf" => Gguf::open(&path).map(|gguf| gguf.tensors),
        _ => TensorFiles::safetensors(&path),
    };
    if let Ok(tensors) = tensors {
        assert!(tensors.bytes() <= bytes.len() as u64);
        for tensor in tensors.names() {
            let _ = tensors.numbers(tensor);
        }
    }
    if name == "a.gguf" {
        let _ = Pretrained::open(&path).map(|model| model.architecture(2));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// A file that is cut off, and one with bytes that were changed, chiefly in its header.
    #[test]
    fn damaged_files_are_one_error(cut in 0.0..1.0_f64, changes in prop::collection::vec((0.0..1.0_f64, any::<u8>()), 0..4), gguf in any::<bool>()) {
        let name = if gguf { "mistral.gguf" } else { "gpt2/model.safetensors" };
        let mut bytes = std::fs::read(checkpoints().join(name)).unwrap();
        let header = bytes.len().min(1600) as f64;
        for (place, value) in changes {
            bytes[(place * header) as usize] = value;
        }
        if cut < 0.5 {
            bytes.truncate((cut * 2.0 * bytes.len() as f64) as usize);
        }
        open(&bytes, if gguf { "a.gguf" } else { "a.safetensors" });
    }
}

#[test]
fn lengths_that_lie_are_refused_before_anything_is_allocated() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.gguf");
    let refused = |bytes: &[u8]| {
        std::fs::write(&path, bytes).unwrap();
        Gguf::open(&path).unwrap_err().to_string()
    };
    let header = |tensors: u64, values: u64| {
        let mut bytes = b"GGUF\x03\0\0\0".to_vec();
        bytes.extend(tensors.to_le_bytes());
        bytes.extend(values.to_le_bytes());
        bytes
    };
    let text = |text: &str| {
        let mut bytes = (text.len() as u64).to_le_bytes().to_vec();
        bytes.extend(text.as_bytes());
        bytes
    };
    assert!(refused(b"GGML").contains("does not begin with GGUF"));
    assert!(refused(b"GGUF\x09\0\0\0").contains("version 9"));
    let mut long = header(0, 1);
    long.extend(u64::MAX.to_le_bytes());
    assert!(refused(&long).contains("18446744073709551615 bytes where 0 are left"));
    let mut array = header(0, 1);
    array.extend(text("a"));
    array.extend([9, 0, 0, 0, 8, 0, 0, 0]);
    array.extend((1_u64 << 60).to_le_bytes());
    assert!(refused(&array).contains("cannot be within 0 bytes"));
    for (shape, kind, offset, wanted) in [
        (
            [1_u64 << 40, 1 << 40],
            0_u32,
            0_u64,
            "cannot have the shape",
        ),
        ([4, 4], 0, u64::MAX - 8, "not within the file"),
        ([4, 4], 0, 0, "not within the file"),
        ([4, 4], 8, 0, "cannot have the shape"),
        ([4, 4], 99, 0, "type 99"),
    ] {
        let mut bytes = header(1, 0);
        bytes.extend(text("w"));
        bytes.extend(2_u32.to_le_bytes());
        for size in shape {
            bytes.extend(size.to_le_bytes());
        }
        bytes.extend(kind.to_le_bytes());
        bytes.extend(offset.to_le_bytes());
        let error = refused(&bytes);
        assert!(error.contains(wanted), "{error}");
    }
    // The second begins before the first ends.
    let mut bytes = header(2, 0);
    for (name, offset) in [("v", 0_u64), ("w", 12)] {
        bytes.extend(text(name));
        bytes.extend(1_u32.to_le_bytes());
        bytes.extend(4_u64.to_le_bytes());
        bytes.extend(0_u32.to_le_bytes());
        bytes.extend(offset.to_le_bytes());
    }
    bytes.resize(bytes.len().next_multiple_of(32) + 28, 0);
    let error = refused(&bytes);
    assert!(error.contains("`v` and `w` share bytes"), "{error}");
    let path = folder.path().join("a.safetensors");
    let refused = |header: &str, data: usize| {
        let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
        bytes.extend(header.as_bytes());
        bytes.resize(bytes.len() + data, 0);
        std::fs::write(&path, bytes).unwrap();
        TensorFiles::safetensors(&path).unwrap_err().to_string()
    };
    let one = |shape: &str, begin: u64, end: u64| {
        format!(
            "{{\"w\":{{\"dtype\":\"F32\",\"shape\":{shape},\"data_offsets\":[{begin},{end}]}}}}"
        )
    };
    assert!(refused(&one("[2]", 0, 9), 8).contains("0 to 9 of 8 bytes"));
    assert!(refused(&one("[3]", 0, 8), 8).contains("of shape [3] in F32 has 8 bytes"));
    let huge = "[4294967296, 4294967296, 4294967296]";
    assert!(refused(&one(huge, 0, 8), 8).contains("has 8 bytes"));
    assert!(refused(&one("[1]", 4, 8), 8).contains("begins at 4 and not at 0"));
    assert!(refused(&one("[1]", 0, 4), 8).contains("4 bytes, and 8 are there"));
    std::fs::write(&path, u64::MAX.to_le_bytes()).unwrap();
    let error = TensorFiles::safetensors(&path).unwrap_err().to_string();
    assert!(error.contains("18446744073709551615"), "{error}");
}

#[test]
fn shards_are_one_checkpoint() {
    let folder = tempfile::tempdir().unwrap();
    let from = checkpoints().join("qwen2");
    let whole = fisherinfo_net::file::read_checkpoint(&from.join("model.safetensors")).unwrap();
    let mut map = serde_json::Map::new();
    for (part, name) in ["one.safetensors", "two.safetensors"].iter().enumerate() {
        let half: fisherinfo_net::Checkpoint = whole
            .iter()
            .enumerate()
            .filter(|(i, _)| i % 2 == part)
            .map(|(_, (name, tensor))| (name.clone(), tensor.clone()))
            .collect();
        let bytes = fisherinfo_net::file::checkpoint_bytes::<f32>(&half).unwrap();
        std::fs::write(folder.path().join(name), bytes).unwrap();
        map.extend(half.keys().map(|tensor| (tensor.clone(), (*name).into())));
    }
    let index = |map: &serde_json::Map<String, serde_json::Value>| {
        let text = serde_json::json!({ "weight_map": map }).to_string();
        let path = folder.path().join("model.safetensors.index.json");
        std::fs::write(path, text).unwrap();
    };
    index(&map);
    std::fs::copy(from.join("config.json"), folder.path().join("config.json")).unwrap();
    let model = Pretrained::open(folder.path()).unwrap();
    let expected = TensorFiles::safetensors(&from.join("expected.safetensors")).unwrap();
    logits_are(&single(&model), &data(&from, "qwen2"), &expected);
    map.insert("x".into(), "../model.safetensors".into());
    index(&map);
    let error = Pretrained::open(folder.path()).unwrap_err().to_string();
    assert!(error.contains("is no file beside it"), "{error}");
}
