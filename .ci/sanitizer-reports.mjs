// sanitizer-reports.mjs FOLDER: fails if a sanitizer's report in there is about sigkit.
//
// Node itself is not built for sanitizers, so V8 and libuv make reports of their own: locks that are not seen, memory
// that is left at exit. A suppression by function name would hide ours too, as all our frames stand on top of Node's.
// So the rule is: a report is ours if, in one of its stacks, the first frame outside the sanitizer's own runtime is.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const folder = process.argv[2];
const runtime = /libsanitizer|lib[atlu]b?san\.so|__interceptor_/;
const ours = /sigkit/;

// libuv closes descriptors by the bare system call, so that ThreadSanitizer thinks them open for ever, and every later use of
// the number by another thread a race.
const descriptorReuse = /Location is file descriptor/;

function stacksOf(report) {
  return report
    .split(/\n\s*\n|\n(?=\s*#0 )/)
    .map((part) => part.split('\n').filter((line) => /^\s*#\d+ /.test(line)))
    .filter((frames) => frames.length > 0);
}

function isOurs(report) {
  if (descriptorReuse.test(report)) return false;
  return stacksOf(report).some((frames) => {
    const first = frames.find((frame) => !runtime.test(frame));
    return first !== undefined && ours.test(first);
  });
}

let found = 0;
let seen = 0;
for (const file of readdirSync(folder)) {
  const text = readFileSync(path.join(folder, file), 'utf8');
  for (const report of text.split(/\n(?==+\n)|\n(?=(?:Direct|Indirect) leak)|\n(?=.*runtime error:)/)) {
    if (!/#0 /.test(report)) continue;
    seen += 1;
    if (!isOurs(report)) continue;
    found += 1;
    console.error(report);
  }
}
console.log(`${seen} reports, ${found} of them about sigkit`);
process.exit(found > 0 ? 1 : 0);
