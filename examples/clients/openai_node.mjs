// The official OpenAI client for Node: chat, streaming, tools, JSON mode, embeddings, models, errors.
//
//     npm install openai
//     export OPENAI_BASE_URL=http://127.0.0.1:8080/v2/serve OPENAI_API_KEY=sk-lisa-...
//     node openai_node.mjs
//
// LISA_CHAT_MODEL and LISA_EMBEDDING_MODEL name the models that are asked; without, they are the built-in fixtures.

import assert from 'node:assert/strict';
import OpenAI from 'openai';

const chatModel = process.env.LISA_CHAT_MODEL ?? 'fixture-chat';
const embeddingModel = process.env.LISA_EMBEDDING_MODEL ?? 'fixture-embed';
const messages = [{ role: 'user', content: 'Hello' }];

const client = new OpenAI(); // reads OPENAI_BASE_URL and OPENAI_API_KEY

const answer = await client.chat.completions.create({ model: chatModel, messages });
console.log('chat:', answer.choices[0].message.content);
assert(answer.choices[0].message.content && answer.usage.total_tokens > 0);

const words = [];
for await (const chunk of await client.chat.completions.create({ model: chatModel, messages, stream: true })) {
  words.push(chunk.choices[0]?.delta?.content ?? '');
}
console.log('streaming:', words.join(''));
assert(words.length > 2);

const tool = {
  type: 'function',
  function: { name: 'weather', parameters: { type: 'object', properties: { text: { type: 'string' } } } },
};
const asked = await client.chat.completions.create({ model: chatModel, messages, tools: [tool] });
const [call] = asked.choices[0].message.tool_calls;
console.log('tools:', call.function.name, JSON.parse(call.function.arguments));

const format = { type: 'json_object' };
const json = await client.chat.completions.create({ model: chatModel, messages, response_format: format });
console.log('JSON mode:', JSON.parse(json.choices[0].message.content));

const vectors = await client.embeddings.create({ model: embeddingModel, input: ['one text', 'another text'] });
console.log('embeddings:', vectors.data[0].embedding.length, 'numbers');
assert.equal(vectors.data.length, 2);

const names = [];
for await (const model of client.models.list()) names.push(model.id);
console.log('models:', names.join(', '));
assert(names.includes(chatModel) && names.includes(embeddingModel));

await assert.rejects(client.chat.completions.create({ model: 'no-such-model', messages }), (error) => {
  console.log('errors:', error.code, '-', error.status);
  return error instanceof OpenAI.NotFoundError && error.code === 'model_not_found' && Boolean(error.requestID);
});
await assert.rejects(client.withOptions({ apiKey: 'wrong' }).models.list(), OpenAI.AuthenticationError);
