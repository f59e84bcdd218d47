// An application on a terminal: reads keys, and so has the terminal in raw mode, until its end.
import { render, Text, useInput } from 'ink';
import { createElement, useEffect } from 'react';

import { live } from './life.mjs';

function Application({ onReady }) {
  useInput(() => {});
  useEffect(onReady, [onReady]);
  return createElement(Text, null, 'working');
}

const way = process.argv[2];
let application;
await new Promise(
  (resolve) =>
    (application = render(createElement(Application, { onReady: resolve }), { exitOnCtrlC: way === 'ctrl-c' })),
);
if (way === 'ctrl-c') {
  console.log(`ready ${process.pid}`);
  await application.waitUntilExit();
} else {
  await live(way, async () => application.unmount());
  if (way === 'return') application.unmount();
}
