// What readelf(1) tells of a binary.
import { execFileSync } from 'node:child_process';

/** Functions of the process that loads an addon. */
export const ofNode = /^(?:napi|node|uv)_/;

export const readelf = (file, ...options) => execFileSync('readelf', ['-W', ...options, file], { encoding: 'utf8' });

/** The symbols of an addon: those it shows, and those it wants from others, without their versions. */
export function symbolsOf(file) {
  const rows = readelf(file, '--dyn-syms')
    .split('\n')
    .map((line) => line.trim().split(/\s+/));
  const named = rows.filter((row) => row.length >= 8 && row[4] !== 'LOCAL' && row[0] !== 'Num:');
  const having = (wanted) => named.filter((row) => (row[6] === 'UND') === wanted).map((row) => row[7].split('@')[0]);
  const weak = named.filter((row) => row[6] === 'UND' && row[4] === 'WEAK').map((row) => row[7].split('@')[0]);
  return { shown: having(false).sort(), wanted: having(true).filter((name) => !weak.includes(name)) };
}
