//! `fisher net` on checkpoints of others, and on adapters beside them.

use crate::net::{net, refused_at};
use std::path::Path;

fn checkpoint(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fisherinfo-net/tests/checkpoints");
    folder.join(name).display().to_string()
}

fn lines(folder: &Path, lines: &str) {
    std::fs::write(folder.join("texts.jsonl"), lines).unwrap();
}

const TOKENS: &str = "{\"input_ids\": [1, 5, 3, 3, 12]}\n{\"input_ids\": [2, 2, 7]}\n";

#[test]
fn checkpoints_of_others_are_estimated_inspected_and_pruned() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    lines(at, TOKENS);
    for model in ["llama", "gpt2", "mistral.gguf"] {
        let model = checkpoint(model);
        let common = [
            "--data",
            "texts.jsonl",
            "--length",
            "4",
            "-o",
            "f.safetensors",
        ];
        for form in ["diagonal", "kfac"] {
            let mut arguments = vec!["estimate", &model, "--representation", form];
            arguments.extend(common);
            let answer = net(at, &arguments, "");
            assert_eq!(answer["about"]["examples"], 2);
            assert_eq!(answer["about"]["observations"], 6);
            assert_eq!(answer["about"]["dtype"], "F32");
            assert!(answer["trace"].as_f64().unwrap() > 0.0);
        }
        let pruned = net(
            at,
            &[
                "prune",
                &model,
                "f.safetensors",
                "--sparsity",
                "0.25",
                "-o",
                "pruned",
            ],
            "",
        );
        assert!(pruned["zeros"].as_u64().unwrap() > 100, "{pruned}");
        // What was written is a model again, and another one.
        let arguments = [
            "estimate",
            "pruned",
            "--data",
            "texts.jsonl",
            "--length",
            "4",
            "-o",
            "p.safetensors",
        ];
        let again = net(at, &arguments, "");
        let before = net(at, &["inspect", "f.safetensors"], "");
        assert_ne!(again["about"]["model"], before["about"]["model"]);
        assert_eq!(again["parameters"], before["parameters"]);
        std::fs::remove_dir_all(at.join("pruned")).unwrap();
    }
}

#[test]
fn what_is_wrong_with_texts_is_one_error() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let llama = checkpoint("llama");
    let wrong = |text: &str, length: &str| {
        lines(at, text);
        let arguments = [
            "estimate",
            &llama,
            "--data",
            "texts.jsonl",
            "--length",
            length,
            "-o",
            "f.safetensors",
        ];
        let error = refused_at(at, &arguments);
        assert!(!at.join("f.safetensors").exists());
        error
    };
    assert!(wrong("{\"input_ids\": [13, 1]}\n", "4").contains("outside the vocabulary of 13"));
    assert!(wrong("{\"input_ids\": [1]}\n", "4").contains("no text with two tokens"));
    assert!(wrong("{\"words\": 1}\n", "4").contains("line 1: it has neither a `text`"));
    assert!(wrong("\n{\"input_ids\": [1, -1]}\n", "4").contains("line 2: invalid value"));
    assert!(wrong(TOKENS, "99").contains("1 to 16 tokens"));
    let text = wrong("{\"text\": \"a b\"}\n", "4");
    let wanted = if cfg!(feature = "text") {
        "no tokenizer"
    } else {
        "without tokenizers"
    };
    assert!(text.contains(wanted), "{text}");
    let bare = format!("{llama}/model.safetensors");
    lines(at, TOKENS);
    let error = refused_at(
        at,
        &[
            "estimate",
            &bare,
            "--data",
            "texts.jsonl",
            "-o",
            "f.safetensors",
        ],
    );
    assert!(error.contains("does not say what is computed"), "{error}");
}

/// A LoRA adapter as PEFT saves it: its own tensors are estimated, trained and saved again.
#[test]
fn adapters_are_estimated_and_trained_by_command() {
    use fisherinfo_net::file::checkpoint_bytes;
    use fisherinfo_net::{Checkpoint, Tensor};
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    lines(at, TOKENS);
    let adapter = at.join("adapter");
    std::fs::create_dir(&adapter).unwrap();
    let llama = checkpoint("llama");
    let config = serde_json::json!({
        "peft_type": "LORA", "r": 2, "lora_alpha": 4, "base_model_name_or_path": llama,
    });
    std::fs::write(adapter.join("adapter_config.json"), config.to_string()).unwrap();
    let mut tensors = Checkpoint::new();
    for layer in 0..2 {
        for (part, shape, value) in [("A", vec![2, 8], 0.1), ("B", vec![8, 2], 0.05)] {
            let name = format!(
                "base_model.model.model.layers.{layer}.self_attn.q_proj.lora_{part}.weight"
            );
            let values = (0..16).map(|i| value * f64::from(i % 5) - 0.1).collect();
            tensors.insert(name, Tensor { shape, values });
        }
    }
    let bytes = checkpoint_bytes::<f32>(&tensors).unwrap();
    std::fs::write(adapter.join("adapter_model.safetensors"), bytes).unwrap();
    let estimate = |model: &str, output: &str, representation: &str| {
        let arguments = [
            "estimate",
            model,
            "--data",
            "texts.jsonl",
            "--length",
            "4",
            "--estimator",
            "empirical",
            "--representation",
            representation,
            "-o",
            output,
        ];
        net(at, &arguments, "")
    };
    let diagonal = estimate("adapter", "f.safetensors", "diagonal");
    assert_eq!(diagonal["parameters"], 64);
    let first = &diagonal["blocks"][0]["tensors"][0];
    assert_eq!(first, "model.layers.0.self_attn.q_proj.lora_A.weight");
    let scores = estimate("adapter", "s.safetensors", "low-rank");
    let ratio = scores["trace"].as_f64().unwrap() / diagonal["trace"].as_f64().unwrap();
    assert!((ratio - 1.0).abs() < 1e-5, "{ratio}");
    // Trained and saved it is an adapter again, of the same model.
    let arguments = [
        "train",
        "adapter",
        "--data",
        "texts.jsonl",
        "--length",
        "4",
        "--epochs",
        "1",
        "--rate",
        "0.05",
        "-o",
        "more",
    ];
    net(at, &arguments, "");
    let saved = fisherinfo_net::file::read_checkpoint(&at.join("more/adapter_model.safetensors"));
    let saved = saved.unwrap();
    assert!(saved.keys().eq(tensors.keys()));
    assert_ne!(
        saved.values().next().unwrap().values,
        tensors.values().next().unwrap().values
    );
    assert_eq!(
        estimate("more", "m.safetensors", "diagonal")["parameters"],
        64
    );
    // It goes on from its own numbers: no epoch changes none.
    let arguments = [
        "train",
        "adapter",
        "--data",
        "texts.jsonl",
        "--length",
        "4",
        "--epochs",
        "0",
        "-o",
        "same",
    ];
    net(at, &arguments, "");
    let read = |folder: &str| {
        let file = at.join(folder).join("adapter_model.safetensors");
        fisherinfo_net::file::read_checkpoint(&file).unwrap()
    };
    assert_eq!(read("same"), read("adapter"));
    let error = refused_at(
        at,
        &[
            "estimate",
            &llama,
            "--weights",
            "adapter",
            "--data",
            "texts.jsonl",
            "-o",
            "no.safetensors",
        ],
    );
    assert!(error.contains("they would change nothing"), "{error}");
    assert!(!at.join("no.safetensors").exists());
}
