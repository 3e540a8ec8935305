"""A tiny GGUF file and blocks of every quantisation, by the Python package gguf.

    python crosscheck/tiny_gguf.py crates/fisherinfo-net/tests/checkpoints

`mistral.gguf` is the folder `mistral` with the rows of queries and keys in llama.cpp's order (its
`convert_hf_to_gguf.py`, `LlamaModel.permute`); `blocks.safetensors` has random blocks and their numbers.
"""

import importlib.metadata
import json
import sys
from pathlib import Path

import gguf
import numpy as np
from gguf import quants
from safetensors.numpy import save_file
from safetensors.torch import load_file

NAMES = {
    "input_layernorm": "attn_norm", "post_attention_layernorm": "ffn_norm",
    "self_attn.q_proj": "attn_q", "self_attn.k_proj": "attn_k", "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output", "mlp.gate_proj": "ffn_gate", "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
}
# Where a block's halves are, to have scales that are numbers.
SCALES = {
    "Q4_0": [0], "Q4_1": [0, 2], "Q5_0": [0], "Q5_1": [0, 2], "Q8_0": [0],
    "Q2_K": [80, 82], "Q3_K": [108], "Q4_K": [0, 2], "Q5_K": [0, 2], "Q6_K": [208],
}


def name_of(name):
    stem = name.removesuffix(".weight")
    whole = {"model.embed_tokens": "token_embd", "model.norm": "output_norm", "lm_head": "output"}
    if stem in whole:
        return whole[stem] + ".weight"
    _, _, layer, part = stem.split(".", 3)
    return f"blk.{layer}.{NAMES[part]}.weight"


def permuted(weight, heads):
    rows = weight.shape[0]
    return weight.reshape(heads, 2, rows // heads // 2, -1).swapaxes(1, 2).reshape(weight.shape)


def main(folder):
    folder = Path(folder)
    config = json.loads((folder / "mistral/config.json").read_text())
    writer = gguf.GGUFWriter(folder / "mistral.gguf", "llama")
    writer.add_block_count(config["num_hidden_layers"])
    writer.add_context_length(config["max_position_embeddings"])
    writer.add_embedding_length(config["hidden_size"])
    writer.add_feed_forward_length(config["intermediate_size"])
    writer.add_head_count(config["num_attention_heads"])
    writer.add_head_count_kv(config["num_key_value_heads"])
    writer.add_key_length(config["head_dim"])
    writer.add_rope_freq_base(config["rope_parameters"]["rope_theta"])
    writer.add_layer_norm_rms_eps(config["rms_norm_eps"])
    for name, tensor in load_file(folder / "mistral/model.safetensors").items():
        values = tensor.float().numpy()
        for part, heads in (("q_proj", "num_attention_heads"), ("k_proj", "num_key_value_heads")):
            if part in name:
                values = permuted(values, config[heads])
        # Halves where they lose nothing that eight bits of a bfloat16 have.
        half = values.astype(np.float16)
        writer.add_tensor(name_of(name), half if (half == values).all() else values)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    random = np.random.default_rng(3)
    blocks = {}
    for kind, places in SCALES.items():
        quantisation = gguf.GGMLQuantizationType[kind]
        _, size = gguf.GGML_QUANT_SIZES[quantisation]
        data = random.integers(0, 256, (1, size), dtype=np.uint8)
        for place in places:
            data[0, place : place + 2] = random.normal(size=1).astype(np.float16).view(np.uint8)
        blocks[f"{kind}.bytes"] = data[0]
        blocks[f"{kind}.numbers"] = quants.dequantize(data, quantisation)[0].astype(np.float32)
    version = importlib.metadata.version("gguf")
    save_file(blocks, folder / "blocks.safetensors", metadata={"written by": f"gguf {version}"})


if __name__ == "__main__":
    main(sys.argv[1])
