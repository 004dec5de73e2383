#!/usr/bin/env bash
# curl: chat, a stream, the models. Usage:
#
#     export OPENAI_BASE_URL=http://127.0.0.1:8080/v2/serve OPENAI_API_KEY=sk-lisa-...
#     ./curl.sh
set -euo pipefail
model="${LISA_CHAT_MODEL:-fixture-chat}"

curl -sS --fail "$OPENAI_BASE_URL/models" -H "Authorization: Bearer $OPENAI_API_KEY"
echo
curl -sS --fail "$OPENAI_BASE_URL/chat/completions" -H "Api-Key: $OPENAI_API_KEY" \
  -H 'Content-Type: application/json' \
  -d "{\"model\": \"$model\", \"messages\": [{\"role\": \"user\", \"content\": \"Hello\"}]}"
echo
curl -sS --fail -N "$OPENAI_BASE_URL/chat/completions" -H "Authorization: Bearer $OPENAI_API_KEY" \
  -d "{\"model\": \"$model\", \"stream\": true, \"messages\": [{\"role\": \"user\", \"content\": \"Hello\"}]}"
