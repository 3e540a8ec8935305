//! A GGUF file under the names, and in the order, of the Hugging Face form.

use super::config::Config;
use super::llama::Llama;
use crate::tensors::{Gguf, TensorFiles, Tensors};
use serde_json::json;

/// What the header says, in the form of `config.json`.
pub(super) fn config(gguf: &Gguf) -> Result<Config, String> {
    let architecture = gguf
        .text("general.architecture")
        .ok_or("it does not say its architecture")?;
    if !matches!(architecture, "llama" | "qwen2") {
        return Err(format!(
            "GGUF files of `{architecture}` are not read; those of llama and qwen2 are, and folders in Hugging Face form of more"
        ));
    }
    let key = |part: &str| format!("{architecture}.{part}");
    let whole = |part: &str| {
        let key = key(part);
        gguf.whole(&key).ok_or(format!("it has no `{key}`"))
    };
    if let Some(kind) = gguf.text(&key("rope.scaling.type"))
        && kind != "none"
    {
        return Err(format!(
            "a `rope.scaling.type` of {kind} is not computed here"
        ));
    }
    if gguf.tensors.shape("rope_freqs.weight").is_some() {
        return Err("rotary embedding with `rope_freqs` is not computed here".into());
    }
    if gguf.whole(&key("expert_count")).is_some_and(|n| n > 0) {
        return Err("mixtures of experts are not computed here".into());
    }
    let heads = whole("attention.head_count")?;
    let embedding = gguf.tensors.shape("token_embd.weight");
    let embedding = embedding.ok_or("it has no tensor `token_embd.weight`")?;
    let hidden = whole("embedding_length")?;
    let size = gguf.whole(&key("attention.key_length"));
    let turned = gguf.whole(&key("rope.dimension_count"));
    let of_head = size.or(hidden.checked_div(heads));
    if turned.is_some() && turned != of_head {
        return Err("rotary embedding of part of a head is not computed here".into());
    }
    let epsilon = key("attention.layer_norm_rms_epsilon");
    let llama = Llama {
        vocab_size: embedding[0],
        hidden_size: hidden,
        intermediate_size: whole("feed_forward_length")?,
        num_hidden_layers: whole("block_count")?,
        num_attention_heads: heads,
        num_key_value_heads: gguf.whole(&key("attention.head_count_kv")),
        head_dim: size,
        hidden_act: None,
        max_position_embeddings: whole("context_length")?,
        rms_norm_eps: gguf
            .real(&epsilon)
            .ok_or(format!("it has no `{epsilon}`"))?,
        rope_theta: gguf.real(&key("rope.freq_base")),
        rope_parameters: None,
        rope_scaling: None,
        partial_rotary_factor: None,
        tie_word_embeddings: gguf.tensors.shape("output.weight").is_none(),
        attention_bias: gguf.tensors.shape("blk.0.attn_output.bias").is_some(),
        mlp_bias: false,
        sliding_window: gguf.whole(&key("attention.sliding_window")),
        use_sliding_window: None,
        type_name: String::new(),
    };
    Ok(Config::Llama(llama.checked(architecture)?))
}

/// The tensors under Hugging Face's names. llama.cpp turns neighbours of a head together where Hugging Face
/// turns halves, and has the rows of queries and keys of llama in another order for that.
pub(super) fn renamed(gguf: Gguf, config: &Config) -> Result<TensorFiles, String> {
    let Config::Llama(llama) = config else {
        return Err("it is no llama".into());
    };
    let mut tensors = gguf.tensors;
    if llama.kind() != "qwen2" {
        let heads = llama.num_attention_heads;
        let groups = llama.num_key_value_heads.unwrap_or(heads);
        for (name, entry) in &mut tensors.entries {
            for (part, heads) in [(".attn_q.weight", heads), (".attn_k.weight", groups)] {
                if name.ends_with(part) {
                    let rows = entry.shape[0];
                    if heads == 0 || !rows.is_multiple_of(2 * heads) {
                        return Err(format!("tensor `{name}` has {rows} rows and {heads} heads"));
                    }
                    entry.paired_heads = Some(heads);
                }
            }
        }
    }
    Ok(tensors.renamed(hugging_face))
}

fn hugging_face(name: &str) -> Option<String> {
    let (stem, end) = name.rsplit_once('.')?;
    let new = match stem {
        "token_embd" => "model.embed_tokens".to_owned(),
        "output_norm" => "model.norm".to_owned(),
        "output" => "lm_head".to_owned(),
        _ => {
            let (layer, part) = stem.strip_prefix("blk.")?.split_once('.')?;
            let part = match part {
                "attn_norm" => "input_layernorm",
                "ffn_norm" => "post_attention_layernorm",
                "attn_q" => "self_attn.q_proj",
                "attn_k" => "self_attn.k_proj",
                "attn_v" => "self_attn.v_proj",
                "attn_output" => "self_attn.o_proj",
                "ffn_gate" => "mlp.gate_proj",
                "ffn_up" => "mlp.up_proj",
                "ffn_down" => "mlp.down_proj",
                _ => return None,
            };
            format!("model.layers.{layer}.{part}")
        }
    };
    Some(format!("{new}.{end}"))
}

/// The byte-pair tokenizer of the header in the form of `tokenizer.json`; none for other kinds.
pub(super) fn tokenizer(gguf: &Gguf) -> Option<String> {
    if gguf.text("tokenizer.ggml.model")? != "gpt2" {
        return None;
    }
    let tokens = gguf.texts("tokenizer.ggml.tokens")?;
    let merges = gguf.texts("tokenizer.ggml.merges")?;
    let types = gguf.wholes("tokenizer.ggml.token_type").unwrap_or_default();
    let bytes = |regex: bool| json!({ "type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": regex });
    // Llama 3's expression, and Qwen2's, which takes digits one by one.
    let split = |digits: &str| {
        let words = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|";
        let rest = r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";
        json!({
            "type": "Split",
            "pattern": { "Regex": format!("{words}{digits}{rest}") },
            "behavior": "Isolated",
            "invert": false,
        })
    };
    let parts = match gguf.text("tokenizer.ggml.pre")? {
        "smollm" => vec![
            json!({ "type": "Digits", "individual_digits": true }),
            bytes(true),
        ],
        "gpt-2" => vec![bytes(true)],
        "llama-bpe" => vec![split(r"\p{N}{1,3}"), bytes(false)],
        "qwen2" => vec![split(r"\p{N}"), bytes(false)],
        _ => return None,
    };
    // Types 3 and 4 are tokens of control and of the user, which no text is merged to.
    let added: Vec<_> = tokens
        .iter()
        .zip(&types)
        .enumerate()
        .filter(|(_, (_, kind))| matches!(kind, 3 | 4))
        .map(|(id, (token, kind))| {
            json!({
                "id": id, "content": token, "special": *kind == 3, "single_word": false,
                "lstrip": false, "rstrip": false, "normalized": false,
            })
        })
        .collect();
    let vocabulary: serde_json::Map<String, serde_json::Value> = tokens
        .iter()
        .enumerate()
        .map(|(id, token)| ((*token).to_owned(), json!(id)))
        .collect();
    let begin = match gguf.flag("tokenizer.ggml.add_bos_token") {
        Some(true) => gguf
            .whole("tokenizer.ggml.bos_token_id")
            .and_then(|id| Some((id, *tokens.get(id)?))),
        _ => None,
    };
    let processor = begin.map(|(id, token)| {
        json!({
            "type": "TemplateProcessing",
            "single": [
                { "SpecialToken": { "id": token, "type_id": 0 } },
                { "Sequence": { "id": "A", "type_id": 0 } },
            ],
            "pair": [{ "Sequence": { "id": "A", "type_id": 0 } }, { "Sequence": { "id": "B", "type_id": 1 } }],
            "special_tokens": { token: { "id": token, "ids": [id], "tokens": [token] } },
        })
    });
    let whole = json!({
        "version": "1.0", "truncation": null, "padding": null, "added_tokens": added,
        "normalizer": null,
        "pre_tokenizer": { "type": "Sequence", "pretokenizers": parts },
        "post_processor": processor,
        "decoder": { "type": "ByteLevel", "add_prefix_space": true, "trim_offsets": true, "use_regex": true },
        "model": {
            "type": "BPE", "dropout": null, "unk_token": null, "continuing_subword_prefix": null,
            "end_of_word_suffix": null, "fuse_unk": false, "byte_fallback": false,
            "vocab": vocabulary, "merges": merges,
        },
    });
    Some(whole.to_string())
}
