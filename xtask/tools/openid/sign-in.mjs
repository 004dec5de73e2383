// Signs a person in at the provider of provider.mjs as a browser does: authorization code with PKCE, its login page, its
// consent page. Usage: node sign-in.mjs ISSUER PERSON. Prints the answer of the token endpoint.

import { createHash, randomBytes } from 'node:crypto';

const [issuer, person] = process.argv.slice(2);
const cookies = new Map();

async function go(url, form) {
  const headers = { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') };
  const options = { headers, redirect: 'manual' };
  if (form) Object.assign(options, { method: 'POST', body: new URLSearchParams(form) });
  const answer = await fetch(url, options);
  for (const line of answer.headers.getSetCookie()) {
    const [pair] = line.split(';');
    const at = pair.indexOf('=');
    if (pair.slice(at + 1)) cookies.set(pair.slice(0, at), pair.slice(at + 1));
    else cookies.delete(pair.slice(0, at));
  }
  return answer;
}

const verifier = randomBytes(32).toString('base64url');
const state = randomBytes(16).toString('base64url');
const back = 'http://127.0.0.1:9/back';
const query = new URLSearchParams({
  client_id: 'lisa', response_type: 'code', scope: 'openid', redirect_uri: back, state, nonce: state,
  code_challenge: createHash('sha256').update(verifier).digest('base64url'), code_challenge_method: 'S256',
});
let url = `${issuer}/auth?${query}`;
for (let step = 0; step < 12 && !url.startsWith(back); step += 1) {
  let answer = await go(url);
  if (answer.status === 200) {
    const consent = (await answer.text()).includes('value="consent"');
    answer = await go(url, consent ? { prompt: 'consent' } : { prompt: 'login', login: person, password: 'any' });
  }
  const next = answer.headers.get('location');
  if (!next) throw new Error(`${answer.status} at ${url}: ${await answer.text()}`);
  url = new URL(next, url).href;
}
const came = new URL(url).searchParams;
if (came.get('state') !== state) throw new Error(`another state came back: ${url}`);
const answer = await go(`${issuer}/token`, {
  grant_type: 'authorization_code', client_id: 'lisa', code: came.get('code'), redirect_uri: back, code_verifier: verifier,
});
process.stdout.write(await answer.text());
