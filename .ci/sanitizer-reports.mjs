// sanitizer-reports.mjs FOLDER: fails if a sanitizer's report in there is about sigkit.
//
// Node itself is not built for sanitizers, so V8 and libuv make reports of their own: locks that are not seen, memory
// that is left at exit. A suppression by function name would hide ours too, as all our frames stand on top of Node's.
// So the rule is: a report is ours if, in one of its stacks, a frame of ours comes before any of Node's. Everything else,
// like the standard library and the sanitizer itself, works for whoever comes next. So does Node-API: what it allocates
// for us is ours to give back.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const ours = /\bsigkit\.node\b|\bsigkit-init\b|\bsigkit::|\bnative\/(addon|hub|init|posix)\/|\bnode-addon-api\//;
const nodes = /\bnode\+0x|\blib(node|uv|v8)[\w-]*\.so|\.\.\/deps\/|<unknown module>/;
const nodeApi = /\bnapi_\w+|\bv8impl::/;

// The addon alone is built for UBSan; and a sanitizer that has given up would find nothing. LeakSanitizer stops the other threads at the end by
// ptrace(2), which fails now and then while one of them ends: of thousands of processes one is not looked into.
const always = /runtime error:|FATAL|CHECK failed|(?<!LeakSanitizer has )encountered a fatal error/;

// libuv closes descriptors by the bare system call, so that ThreadSanitizer thinks them open for ever, and every later use
// of the number by another thread a race. Such a report, known by its location or by a call that makes a descriptor, counts
// only if both sides are ours, and one of them more than the making: who is given a number that another call has been given
// knows that it was closed in between.
const descriptor = /Location is file descriptor/;
const makesDescriptor =
  /#0 (?:open(?:64|at)?|creat|dup[23]?|eventfd|fopen(?:64)?|opendir|epoll_create1?|pipe2?|socketpair|accept4?) /;
const access = /(read|write) of size/i;
// Who has made a lock or a thread has no part in a race: a thread of ours asks V8 for stacks, under locks that are not seen.
const beside = /^\s*(?:Mutex|Thread) /;

// What napi_create_external makes beside the value is Node's, and only the garbage collector frees it, not the end of the
// environment. What the value points to is ours, and reported by itself.
const nodesWrapper = /leak of .*\n\s*#0 .*\n\s*#1 .*\bnapi_create_external /;

function isOurs(frames) {
  const owner = frames.find((frame) => ours.test(frame) || (nodes.test(frame) && !nodeApi.test(frame)));
  return owner !== undefined && ours.test(owner);
}

function stacksOf(report) {
  const stacks = [];
  let title = '';
  for (const line of report.split('\n')) {
    if (!/^\s*#\d+ /.test(line)) title = line;
    else if (/^\s*#0 /.test(line)) stacks.push({ title, frames: [line] });
    else stacks.at(-1)?.frames.push(line);
  }
  return stacks;
}

const isOneOurs = (stacks) => stacks.some(({ frames }) => isOurs(frames));

function isAboutUs(report) {
  if (always.test(report)) return true;
  if (nodesWrapper.test(report)) return false;
  const stacks = stacksOf(report);
  const accesses = stacks.filter(({ title }) => access.test(title));
  const isMaking = ({ frames }) => makesDescriptor.test(frames[0]);
  if (!descriptor.test(report) && !accesses.some(isMaking))
    return isOneOurs(accesses.length > 0 ? stacks.filter(({ title }) => !beside.test(title)) : stacks);
  return accesses.length > 1 && accesses.every(({ frames }) => isOurs(frames)) && !accesses.every(isMaking);
}

let found = 0;
let seen = 0;
for (const file of readdirSync(process.argv[2])) {
  const text = readFileSync(path.join(process.argv[2], file), 'utf8');
  for (const report of text.split(/\n(?==+\n)|\n(?=(?:Direct|Indirect) leak)|\n(?=.*runtime error:)/)) {
    if (!/#0 /.test(report) && !always.test(report)) continue;
    seen += 1;
    if (!isAboutUs(report)) continue;
    found += 1;
    console.error(report);
  }
}
console.log(`${seen} reports, ${found} of them about sigkit`);
process.exit(found > 0 ? 1 : 0);
