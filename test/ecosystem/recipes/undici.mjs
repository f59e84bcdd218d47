import { Agent, fetch, setGlobalDispatcher } from 'undici';

import { closeResource, collector, ready, start } from './common.mjs';

const shutdown = start();
const agent = new Agent();
setGlobalDispatcher(agent);
// The recipe:
shutdown.add('undici', closeResource(agent));
// Its end.
// Nobody awaits it.
const send = async (name) => {
  const response = await fetch(`${collector}/${name}`, { method: 'POST', body: 'x'.repeat(100_000) });
  console.log(name, await response.text());
};
shutdown.add('last words', () => void send('last-words'), { stage: 'stop-work' });
ready();
