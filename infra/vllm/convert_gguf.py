"""Writes a GGUF file's Llama model as the folder of safetensors that vLLM reads.

python infra/vllm/convert_gguf.py MODEL.gguf FOLDER
"""

import sys
from pathlib import Path


def convert(gguf: Path, folder: Path) -> None:
    """Reads the GGUF file and writes configuration, tokenizer and bfloat16 weights into the folder."""
    from transformers import AutoModelForCausalLM, AutoTokenizer

    loaded = AutoModelForCausalLM.from_pretrained(gguf.parent, gguf_file=gguf.name)
    # A model loaded from GGUF refuses to be saved, and says that it is still quantized: its weights go into
    # a fresh one of the same shape.
    del loaded.config.quantization_config
    fresh = type(loaded)(loaded.config)
    fresh.load_state_dict(loaded.state_dict())
    fresh.bfloat16().save_pretrained(folder)
    AutoTokenizer.from_pretrained(gguf.parent, gguf_file=gguf.name).save_pretrained(folder)


if __name__ == "__main__":
    convert(Path(sys.argv[1]), Path(sys.argv[2]))
