"""Tiny language models and a classifier with random numbers, written by transformers itself.

    python crosscheck/tiny.py crates/fisherinfo-net/tests/checkpoints

Beside each model are `tokens.json` and `expected.safetensors`: logits in single precision, and for each tensor
the sum over examples of the squares of its gradients (the diagonal of the empirical Fisher information, one
example at a time, in double precision).
"""

import json
import sys
from pathlib import Path

import torch
import transformers
from safetensors.torch import load_file, save_file

VOCABULARY, HIDDEN, LENGTH = 13, 8, 6

COMMON = dict(vocab_size=VOCABULARY)
LLAMA = dict(
    hidden_size=HIDDEN, intermediate_size=12, num_hidden_layers=2, num_attention_heads=4,
    num_key_value_heads=2, max_position_embeddings=16, rms_norm_eps=1e-5, **COMMON,
)


def models():
    t = transformers
    gpt2 = t.GPT2Config(n_embd=HIDDEN, n_layer=2, n_head=2, n_positions=10, resid_pdrop=0, embd_pdrop=0, attn_pdrop=0, bos_token_id=0, eos_token_id=0, **COMMON)
    bert = t.BertConfig(
        hidden_size=HIDDEN, num_hidden_layers=2, num_attention_heads=2, intermediate_size=12,
        max_position_embeddings=10, num_labels=3, hidden_dropout_prob=0, attention_probs_dropout_prob=0,
        pad_token_id=0, **COMMON,
    )
    yield "gpt2", t.GPT2LMHeadModel(gpt2), torch.float32
    yield "llama", t.LlamaForCausalLM(t.LlamaConfig(rope_theta=1000.0, tie_word_embeddings=True, **LLAMA)), torch.float32
    yield "qwen2", t.Qwen2ForCausalLM(t.Qwen2Config(tie_word_embeddings=False, **LLAMA)), torch.float16
    yield "mistral", t.MistralForCausalLM(t.MistralConfig(head_dim=4, sliding_window=None, **LLAMA)), torch.bfloat16
    yield "bert", t.BertForSequenceClassification(bert), torch.float32


def texts(generator):
    """The last is shorter than the others."""
    lengths = [LENGTH + 1, LENGTH + 1, 4]
    return [torch.randint(1, VOCABULARY, (n,), generator=generator).tolist() for n in lengths]


def main(folder):
    for place, (name, model, dtype) in enumerate(models()):
        generator = torch.Generator().manual_seed(100 + place)
        for tensor in model.state_dict().values():
            if tensor.is_floating_point():
                tensor.copy_(torch.randn(tensor.shape, generator=generator) * 0.4 + 0.1 * (tensor.dim() == 1))
        at = Path(folder) / name
        model.to(dtype).save_pretrained(at)
        # What the file says, in double precision.
        model = type(model).from_pretrained(at, dtype=torch.float32).double().eval()
        tokens = texts(generator)
        labels = [0, 2, 1]
        logits, squares = {}, {}
        for i, text in enumerate(tokens):
            ids = torch.tensor([text if name == "bert" else text[:-1]])
            model.zero_grad()
            out = model(input_ids=ids).logits[0]
            target = torch.tensor([labels[i]] if name == "bert" else text[1:])
            log_density = torch.log_softmax(out.reshape(len(target), -1), -1)
            log_density[torch.arange(len(target)), target].sum().backward()
            logits[f"logits.{i}"] = out.detach().float().reshape(len(target), -1).contiguous()
            for tensor, parameter in model.named_parameters():
                total = squares.get(tensor, 0)
                squares[tensor] = total + parameter.grad.detach() ** 2
        diagonal = {f"diagonal.{k}": v.contiguous() for k, v in squares.items()}
        save_file({**logits, **diagonal}, at / "expected.safetensors", metadata={"written by": f"transformers {transformers.__version__}, torch {torch.__version__}"})
        (at / "tokens.json").write_text(json.dumps({"tokens": tokens, "labels": labels}))
        for extra in ("generation_config.json",):
            (at / extra).unlink(missing_ok=True)
        sizes = {p.name: p.stat().st_size for p in at.iterdir()}
        print(name, sizes, list(load_file(at / "model.safetensors"))[:3])


if __name__ == "__main__":
    torch.manual_seed(0)
    main(sys.argv[1])
