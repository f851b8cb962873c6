#!/usr/bin/env bash
# Serves SmolLM2 from the environment that setup.sh has made, without a GPU, on http://127.0.0.1:PORT:
#   infra/vllm/serve_cpu.sh VENV PORT
set -euo pipefail

export VLLM_CPU_KVCACHE_SPACE=1 # GiB
export VLLM_CPU_OMP_THREADS_BIND="0-$(($(nproc) - 1))"
export HF_HUB_OFFLINE=1 TRANSFORMERS_OFFLINE=1 VLLM_NO_USAGE_STATS=1

# Eager: compiling takes longer than the tests. The template: the model's own ignores tools. No white space
# in JSON: a model this small writes little else once it may.
exec "$1/bin/vllm" serve "$1/smollm2" \
    --host 127.0.0.1 --port "$2" \
    --served-model-name smollm2 \
    --dtype bfloat16 \
    --max-model-len 2048 \
    --max-num-seqs 64 \
    --block-size 32 \
    --enable-prefix-caching \
    --enable-auto-tool-choice --tool-call-parser hermes \
    --chat-template "$(dirname "$0")/smollm2_tools.jinja" \
    --structured-outputs-config '{"backend": "xgrammar", "disable_any_whitespace": true}' \
    --enable-force-include-usage \
    --enable-prompt-tokens-details \
    --enforce-eager
