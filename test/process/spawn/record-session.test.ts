import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { OnTerminal } from '../../support/own-terminal.js';
import { keys } from '../../support/terminal.js';

const program = fileURLToPath(new URL('../../../examples/record-session.js', import.meta.url));

describe('a recorder of sessions, on a terminal', () => {
  it('passes keys and sizes on, and writes down what has been shown', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'sigkit-record-'));
    const file = path.join(folder, 'record');
    try {
      // A trap ends the read during which its signal comes.
      const traps = 'trap "echo caught" INT; trap "stty size" WINCH';
      const script = `${traps}; echo ready; read -r a; read -r b; echo "<$b>"; read -r c; cat; exit 7`;
      await using recorder = new OnTerminal(program, [file, 'sh', '-c', script]);
      await recorder.line(/^ready$/);
      recorder.type(keys.interrupt);
      await recorder.line(/caught$/);
      recorder.type('word\r');
      await recorder.line(/^<word>$/);
      recorder.terminal.resize(101, 31);
      await recorder.line(/^31 101$/);
      // Its echo comes once, as it does without a recorder.
      assert.equal(recorder.text.match(/word/g)?.length, 2, recorder.text);
      recorder.type(keys.endOfFile);
      await recorder.line(/^ended with 7$/);
      assert.deepEqual(await recorder.ended(), { exitCode: 0, termSignal: null });
      // Node's raw mode leaves the ends of lines to the terminal, which has two now.
      assert.equal(`${readFileSync(file, 'utf8')}ended with 7\r\n`, recorder.text.replaceAll('\r\r\n', '\r\n'));
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
