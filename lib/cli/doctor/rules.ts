/** The sections of docs/runbooks.md. */
type Section =
  | 'a-signal-got-lost'
  | 'it-does-not-stop'
  | 'it-stops-too-early'
  | 'zombies'
  | 'it-hangs'
  | 'too-many-descriptors'
  | 'children-left-behind';

export type RuleId =
  | 'term-ignored'
  | 'term-late'
  | 'bad-status'
  | 'children-left'
  | 'output-cut'
  | 'lock-left'
  | 'zombies'
  | 'requests-lost'
  | 'load-hangs'
  | 'ready-while-draining'
  | 'start-ignored'
  | 'start-crashes'
  | 'twice-hangs'
  | 'twice-crashes'
  | 'hup-breaks'
  | 'int-ignored'
  | 'pid1-ignored'
  | 'npm-swallows'
  | 'shell-form'
  | 'npm-command'
  | 'start-script'
  | 'stop-signal'
  | 'no-init'
  | 'two-inits'
  | 'short-grace'
  | 'no-prestop'
  | 'kill-9'
  | 'kill-mode';

type Rule = readonly [section: Section, advice: string];

const lost: Section = 'a-signal-got-lost';
const stuck: Section = 'it-does-not-stop';
const early: Section = 'it-stops-too-early';
const left: Section = 'children-left-behind';

/** What each rule says to do, and where it is explained; docs/commands.md has the same table. */
export const rules: Readonly<Record<RuleId, Rule>> = {
  'term-ignored': [lost, 'handle SIGTERM: close what is open, then end'],
  'term-late': [stuck, 'close idle connections and timers, and give the shutdown a budget shorter than the grace'],
  'bad-status': [early, 'end with status 0 after a signal that asks for it, and handle errors of the shutdown'],
  'children-left': [left, 'end the children first and wait for them, or run them in a group and end that'],
  'output-cut': [early, 'let the output be flushed before the end: set process.exitCode in place of process.exit()'],
  'lock-left': [early, 'remove it in the shutdown, on each way out'],
  zombies: ['zombies', 'run it under an init: sigkit-init, docker run --init'],
  'requests-lost': [early, 'close the server and wait for the requests in flight before the end'],
  'load-hangs': [stuck, 'close connections once their requests are answered; those that are idle, at once'],
  'ready-while-draining': [early, 'let the readiness page say 503 from the signal on'],
  'start-ignored': [lost, 'handle signals before anything else, and stop a start that is under way'],
  'start-crashes': [early, 'let the shutdown cope with what has not been started yet'],
  'twice-hangs': [stuck, 'let a second signal end it at once, or leave it without effect'],
  'twice-crashes': [early, 'begin the shutdown only once'],
  'hup-breaks': [lost, 'handle SIGHUP (reload), or leave it alone: then it ends the app'],
  'int-ignored': [lost, 'handle SIGINT as SIGTERM: it is what Ctrl-C sends'],
  'pid1-ignored': [
    lost,
    'install a handler that ends the process, or run it under an init: PID 1 does not die of a signal',
  ],
  'npm-swallows': [lost, 'start the program itself, not npm: ["node", "server.js"]'],
  'shell-form': [lost, 'write a list, ["node", "server.js"], or exec before the program: the shell keeps the signal'],
  'npm-command': [lost, 'name the program itself: npm and its shell stand between it and the signal'],
  'start-script': [
    lost,
    'leave one command in the script, or exec before the last: the shell in between keeps the signal',
  ],
  'stop-signal': [lost, 'leave SIGTERM, or say in a comment why the app wants another one'],
  'no-init': ['zombies', 'name an init in the image: ["/sbin/sigkit-init", "--"]'],
  'two-inits': [lost, 'keep one init: that of the image, or the one of the runtime'],
  'short-grace': [early, 'give it more time to stop than it needs, or lower its budget'],
  'no-prestop': [early, 'add a preStop sleep of some seconds, or go on serving so long after the signal'],
  'kill-9': [early, 'send SIGTERM, wait, and SIGKILL only then'],
  'kill-mode': [left, 'leave KillMode=control-group, or take mixed'],
};

/** Something that a rule has seen. */
export interface Finding {
  readonly rule: RuleId;
  /** The scenarios, or the file and its line. */
  readonly where: string;
  readonly text: string;
}
