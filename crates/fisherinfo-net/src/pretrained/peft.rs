//! Adapters as PEFT saves them: `adapter_config.json` and `adapter_model.safetensors` beside the folder of the
//! model that they adapt.

use super::config::only;
use crate::description::{AdapterDescription, LayerDescription, Projection};
use crate::tensors::{TensorFiles, Tensors};
use serde::Deserialize;
use std::collections::BTreeMap;

/// `adapter_config.json`, with all that would change what is computed.
#[derive(Deserialize)]
pub(super) struct PeftConfig {
    peft_type: String,
    pub(super) base_model_name_or_path: Option<String>,
    r: usize,
    lora_alpha: f64,
    #[serde(default)]
    use_rslora: bool,
    use_dora: Option<bool>,
    lora_bias: Option<bool>,
    bias: Option<String>,
    modules_to_save: Option<Vec<String>>,
    rank_pattern: Option<BTreeMap<String, serde_json::Value>>,
    alpha_pattern: Option<BTreeMap<String, serde_json::Value>>,
}

/// What PEFT puts before the names of a model.
pub(super) const PREFIX: &str = "base_model.model.";

impl PeftConfig {
    pub(super) fn parse(text: &[u8]) -> Result<Self, String> {
        let config: Self = serde_json::from_slice(text).map_err(|error| error.to_string())?;
        only("peft_type", &Some(&config.peft_type[..]), "LORA")?;
        only("use_dora", &config.use_dora, false)?;
        only("lora_bias", &config.lora_bias, false)?;
        only("bias", &config.bias.as_deref(), "none")?;
        if let Some(saved) = config.modules_to_save.as_ref().filter(|m| !m.is_empty()) {
            return Err(format!(
                "`modules_to_save` is {saved:?}: only A and B of adapters are read here"
            ));
        }
        for (name, pattern) in [
            ("rank_pattern", &config.rank_pattern),
            ("alpha_pattern", &config.alpha_pattern),
        ] {
            if pattern.as_ref().is_some_and(|pattern| !pattern.is_empty()) {
                return Err(format!(
                    "`{name}` is given; one rank and alpha are read here"
                ));
            }
        }
        Ok(config)
    }

    /// r and α, such that α/r is the scale.
    fn description(&self) -> AdapterDescription {
        let root = (self.r as f64).sqrt();
        let by = if self.use_rslora { root } else { 1.0 };
        AdapterDescription {
            rank: self.r,
            alpha: self.lora_alpha * by,
        }
    }

    /// The layers' names that are adapted, as the model has them, and the tensors of both.
    pub(super) fn beside(
        &self,
        base: TensorFiles,
        adapters: TensorFiles,
    ) -> Result<(TensorFiles, BTreeMap<String, AdapterDescription>), String> {
        let mut names = BTreeMap::new();
        let mut adapted = BTreeMap::new();
        for name in adapters.names() {
            let inner = name.strip_prefix(PREFIX).unwrap_or(name);
            let parts = [".lora_A.weight", ".lora_B.weight"];
            let part = parts.iter().find(|part| inner.ends_with(*part));
            let part = part.ok_or(format!("tensor `{name}` is no A or B of an adapter"))?;
            let module = &inner[..inner.len() - part.len()];
            // A base model may be saved without what its head puts before the names.
            let candidates = [Some(module), module.split_once('.').map(|(_, rest)| rest)];
            let mut candidates = candidates.into_iter().flatten();
            let known = candidates.find(|m| base.shape(&format!("{m}.weight")).is_some());
            let known = known.ok_or(format!(
                "tensor `{name}` adapts `{module}`, which the model has not"
            ))?;
            names.insert(name.to_owned(), format!("{known}{part}"));
            adapted.insert(known.to_owned(), self.description());
        }
        if adapted.is_empty() {
            return Err("it has no adapters".into());
        }
        let renamed = adapters.renamed(|name| names.get(name).cloned());
        Ok((base.beside(renamed), adapted))
    }
}

/// Puts adapters into layers; those that found no place are left over.
pub(super) fn adapt(
    layers: &mut [LayerDescription],
    left: &mut BTreeMap<String, AdapterDescription>,
) {
    for layer in layers {
        match layer {
            LayerDescription::Linear { name, adapter, .. } => *adapter = left.remove(name),
            LayerDescription::Residual { layer } => adapt(layer, left),
            LayerDescription::Product {
                left: first, right, ..
            } => {
                adapt(first, left);
                adapt(right, left);
            }
            LayerDescription::Attention {
                projections: Some(maps),
                ..
            } => {
                let all = maps.inputs.iter_mut().chain([&mut maps.output]);
                for Projection { name, adapter, .. } in all {
                    *adapter = left.remove(name);
                }
            }
            _ => {}
        }
    }
}
