//! Adapters as PEFT saves them, against the same model with A and B multiplied into its weights.

use crate::common::close;
use fisherinfo_net::backend::Cpu;
use fisherinfo_net::estimator::{Estimator, Representation};
use fisherinfo_net::file::{checkpoint_bytes, read_checkpoint};
use fisherinfo_net::pretrained::Pretrained;
use fisherinfo_net::tensors::Tensors;
use fisherinfo_net::text::stretches;
use fisherinfo_net::{Checkpoint, Network, Tensor};
use std::path::{Path, PathBuf};

fn base(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/checkpoints/{name}"))
}

fn config(base: &Path, more: &str) -> String {
    format!(
        "{{\"peft_type\": \"LORA\", \"task_type\": \"CAUSAL_LM\", \"r\": 2, \"lora_alpha\": 6, \"bias\": \"none\",\n\
          \"base_model_name_or_path\": {:?}, \"fan_in_fan_out\": false, \"target_modules\": [\"q_proj\"],\n\
          \"use_dora\": false, \"rank_pattern\": {{}}, \"modules_to_save\": null{more}}}",
        base.display().to_string()
    )
}

/// A and B of each of these modules, out × in.
fn adapters(modules: &[(String, usize, usize)]) -> Checkpoint {
    let mut all = Checkpoint::new();
    for (i, (module, outputs, inputs)) in modules.iter().enumerate() {
        for (part, shape) in [("A", vec![2, *inputs]), ("B", vec![*outputs, 2])] {
            let n = shape.iter().product();
            let seed = 40 + 2 * i as u64 + u64::from(part == "A");
            let values = crate::common::numbers(n, seed);
            let name = format!("base_model.model.{module}.lora_{part}.weight");
            all.insert(name, Tensor { shape, values });
        }
    }
    all
}

fn write(folder: &Path, config: &str, adapters: &Checkpoint) {
    std::fs::write(folder.join("adapter_config.json"), config).unwrap();
    let bytes = checkpoint_bytes::<f64>(adapters).unwrap();
    std::fs::write(folder.join("adapter_model.safetensors"), bytes).unwrap();
}

#[test]
fn a_model_with_adapters_is_the_model_with_their_product_added() {
    let tokens = [vec![1, 5, 3, 3, 12], vec![2, 2, 7, 0]];
    let data = stretches(&tokens, 4).unwrap();
    for (name, scaling, scale) in [
        ("llama", "", 3.0),
        ("gpt2", ", \"use_rslora\": true", 6.0 / 2.0_f64.sqrt()),
    ] {
        let base = base(name);
        let plain = Pretrained::open(&base).unwrap();
        let shape = |module: &str| plain.tensors().shape(&format!("{module}.weight"));
        let modules: Vec<(String, usize, usize)> = (0..2)
            .flat_map(|layer| match name {
                // GPT-2's are in × out.
                "gpt2" => vec![format!("transformer.h.{layer}.attn.c_attn")],
                _ => ["q", "v"]
                    .map(|p| format!("model.layers.{layer}.self_attn.{p}_proj"))
                    .to_vec(),
            })
            .map(|module| {
                let shape = shape(&module).unwrap();
                let (out, into) = if name == "gpt2" { (1, 0) } else { (0, 1) };
                (module, shape[out], shape[into])
            })
            .collect();
        let adapters = adapters(&modules);
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), &config(&base, scaling), &adapters);
        let adapted = Pretrained::open(folder.path()).unwrap();
        assert_eq!(adapted.kind(), name);
        let architecture = adapted.architecture(4).unwrap();
        let network = Network::new(&architecture, Cpu::<f64>::new(), adapted.tensors()).unwrap();
        // A and B are all that is learnt.
        let names: Vec<String> = network
            .parameters()
            .iter()
            .map(|p| p.name.clone())
            .collect();
        let wanted: Vec<String> = adapters
            .keys()
            .map(|name| name.replace("base_model.model.", ""))
            .collect();
        let sorted = {
            let mut names = names.clone();
            names.sort();
            names
        };
        assert_eq!(sorted, wanted);

        let mut merged = read_checkpoint(&base.join("model.safetensors")).unwrap();
        for (module, outputs, inputs) in &modules {
            let of =
                |part: &str| &adapters[&format!("base_model.model.{module}.lora_{part}.weight")];
            let weight = merged.get_mut(&format!("{module}.weight")).unwrap();
            for i in 0..*outputs {
                for j in 0..*inputs {
                    let product: f64 = (0..2)
                        .map(|k| of("B").values[i * 2 + k] * of("A").values[k * inputs + j])
                        .sum();
                    let place = match name {
                        "gpt2" => j * outputs + i,
                        _ => i * inputs + j,
                    };
                    weight.values[place] += scale * product;
                }
            }
        }
        let architecture = plain.architecture(4).unwrap();
        let whole = Network::new(&architecture, Cpu::<f64>::new(), &merged).unwrap();
        let out = |net: &Network<Cpu<f64>>| {
            let there = net.linearise(&data, 0..data.len()).unwrap();
            there.coordinates().to_vec()
        };
        close(&out(&network), &out(&whole), 1e-12);
        // The gradient of A and B by the chain rule from the weight's: s·Bᵀ(∂W) and s·(∂W)Aᵀ.
        let u = crate::common::numbers(out(&whole).len(), 60);
        let all = whole.linearise(&data, 0..data.len()).unwrap().gradient(&u);
        let own = network
            .linearise(&data, 0..data.len())
            .unwrap()
            .gradient(&u);
        for (module, outputs, inputs) in &modules {
            let info = |infos: &[fisherinfo_net::ParameterInfo], name: String| {
                infos.iter().find(|info| info.name == name).unwrap().offset
            };
            let from = info(whole.parameters(), format!("{module}.weight"));
            let slope = |i: usize, j: usize| match name {
                "gpt2" => all[from + j * outputs + i],
                _ => all[from + i * inputs + j],
            };
            let b = &adapters[&format!("base_model.model.{module}.lora_B.weight")].values;
            let to = info(network.parameters(), format!("{module}.lora_A.weight"));
            let wanted: Vec<f64> = (0..2 * inputs)
                .map(|e| {
                    let (k, j) = (e / inputs, e % inputs);
                    let sum: f64 = (0..*outputs).map(|i| b[i * 2 + k] * slope(i, j)).sum();
                    scale * sum
                })
                .collect();
            close(&own[to..to + 2 * inputs], &wanted, 1e-11);
        }
        let fisher = crate::common::estimate(
            &network,
            &data,
            Estimator::Empirical,
            Representation::Diagonal,
        );
        assert_eq!(fisher.diagonal().len(), network.dimension());
        assert!(fisher.trace() > 0.0);
    }
}

#[test]
fn adapters_that_would_compute_something_else_are_refused() {
    let base = base("llama");
    let good = adapters(&[("model.layers.0.self_attn.q_proj".into(), 8, 8)]);
    let refused = |config: &str, adapters: &Checkpoint| {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), config, adapters);
        let opened = Pretrained::open(folder.path());
        match opened {
            Err(error) => error.to_string(),
            Ok(model) => model.architecture(4).unwrap_err().to_string(),
        }
    };
    let plain = config(&base, "");
    for (old, new, said) in [
        ("LORA", "IA3", "peft_type"),
        ("\"use_dora\": false", "\"use_dora\": true", "use_dora"),
        ("\"bias\": \"none\"", "\"bias\": \"all\"", "`bias` is"),
        (
            "\"rank_pattern\": {}",
            "\"rank_pattern\": {\"q\": 3}",
            "rank_pattern",
        ),
        (
            "\"modules_to_save\": null",
            "\"modules_to_save\": [\"lm_head\"]",
            "modules_to_save",
        ),
    ] {
        let error = refused(&plain.replace(old, new), &good);
        assert!(error.contains(said), "{error}");
    }
    let error = refused(&config(Path::new("no/such/model"), ""), &good);
    assert!(
        error.contains("`no/such/model` is no folder here"),
        "{error}"
    );
    let nowhere = adapters(&[("model.layers.9.self_attn.q_proj".into(), 8, 8)]);
    assert!(refused(&plain, &nowhere).contains("which the model has not"));
    let embedding = adapters(&[("model.embed_tokens".into(), 13, 8)]);
    let error = refused(&plain, &embedding);
    assert!(
        error.contains("`model.embed_tokens` is adapted, and no linear map"),
        "{error}"
    );
    assert!(refused(&plain, &Checkpoint::new()).contains("no adapters"));
    let mut odd = good.clone();
    odd.insert(
        "base_model.model.x.magnitude".into(),
        good.values().next().unwrap().clone(),
    );
    assert!(refused(&plain, &odd).contains("is no A or B"));
    // Another rank than the configuration says is a shape that does not fit.
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), &plain.replace("\"r\": 2", "\"r\": 3"), &good);
    let model = Pretrained::open(folder.path()).unwrap();
    let made = Network::new(
        &model.architecture(4).unwrap(),
        Cpu::<f64>::new(),
        model.tensors(),
    );
    let error = made.unwrap_err().to_string();
    assert!(
        error.contains("lora_A.weight` has the shape [2, 8] and should have [3, 8]"),
        "{error}"
    );
}
