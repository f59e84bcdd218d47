/** What is tried, each in a fresh start of the app, in this order. */
export const scenarioNames = ['term', 'load', 'exec', 'start', 'twice', 'hup', 'int', 'pid1', 'npm', 'sh'] as const;

export type Scenario = (typeof scenarioNames)[number];

/** What each does, for its line of the report. */
export const scenarios: Readonly<Record<Scenario, string>> = {
  term: 'SIGTERM at rest',
  load: 'SIGTERM under load',
  exec: 'SIGTERM right after exec',
  start: 'SIGTERM during the start',
  twice: 'SIGTERM twice',
  hup: 'SIGHUP, then SIGTERM',
  int: 'SIGINT',
  pid1: 'SIGTERM as PID 1',
  npm: 'SIGTERM to npm start',
  sh: 'SIGTERM to sh -c',
};
