import type { Session } from 'node:inspector';

import { isError } from '../../base/errors.js';
import { threadsLeftInCgroups } from '../inspect/left-in-cgroups.js';

/** Node's, loaded only when it is asked for. Throws if Node was built without. */
export function loadInspector(): typeof import('node:inspector') {
  const inspector: typeof import('node:inspector') | undefined = process.getBuiltinModule('node:inspector');
  if (inspector === undefined) throw new Error('this Node has no inspector');
  return inspector;
}

/** Throws if none can be made, before V8 or Node try: they would end the process. */
export function requireThread(): void {
  if (threadsLeftInCgroups() < 1) throw new Error('the control group of the process may have no more threads');
}

/** A session with the calling thread. @throws ERR_ACCESS_DENIED under Node's permission model */
export function connect(): Session {
  const { Session: OwnSession } = loadInspector();
  const session = new OwnSession();
  session.connect();
  return session;
}

/** Asks the calling thread, which answers before `post` returns. */
export function ask(session: Session, method: string): object {
  let answer: object = {};
  session.post(method, (error, result) => {
    answer = error ?? result ?? {};
  });
  if (isError(answer)) throw answer;
  return answer;
}
