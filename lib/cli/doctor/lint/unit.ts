import { milliseconds } from '../options.js';
import { between, killsIn, type Said, wordsIn } from './words.js';

/** Reads a systemd unit. */
export function readUnit(text: string, graceMs: number): readonly Said[] {
  return text.split(/\r?\n/).flatMap((line, at, lines): readonly Said[] => {
    const [, name = '', value = ''] = /^(\w+)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
    const said = (rule: Said[0]): readonly Said[] => [[rule, at + 1, line.trim()]];
    const explained = /^\s*[#;]/.test(lines[at - 1] ?? '');
    if (name === 'KillMode' && (value === 'process' || value === 'none')) return said('kill-mode');
    if (name === 'KillSignal' && !/^(?:SIG)?TERM$|^15$/.test(value) && !explained) return said('stop-signal');
    if (name === 'TimeoutStopSec' || name === 'TimeoutSec')
      return milliseconds(value.replace('sec', 's'), 1000) < graceMs ? said('short-grace') : [];
    // Its prefixes say how it is run.
    const command = value.replace(/^[-@:+!|]+/, '');
    if (name === 'ExecStart') return [...between(wordsIn(command), at + 1), ...killsIn(command, at + 1)];
    return name.startsWith('Exec') ? killsIn(value, at + 1) : [];
  });
}
