import { killsIn, type Said, staysShell } from './words.js';

/** Reads a package.json. */
export function readManifest(text: string): readonly Said[] {
  const { scripts = {} } = JSON.parse(text) as { readonly scripts?: Readonly<Record<string, unknown>> };
  const lines = text.split('\n');
  const lineOf = (name: string): number => lines.findIndex((line) => line.includes(`"${name}":`)) + 1;
  const { start } = scripts;
  const kills = Object.entries(scripts).flatMap(([name, script]) => killsIn(String(script), lineOf(name)));
  return typeof start === 'string' && staysShell(start) ? [['start-script', lineOf('start'), start], ...kills] : kills;
}
