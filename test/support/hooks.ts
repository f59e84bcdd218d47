import type { Hook, HookContext, HookResult, Participant } from 'sigkit/shutdown';

/** What the hooks of a stage get, for calling them without a shutdown. Aborts with the controller. */
export function contextOf(stage: string, controller: AbortController = new AbortController()): HookContext {
  return {
    signal: controller.signal,
    info: null,
    reason: 'test',
    stage,
    results: [],
    remainingMs: () => Infinity,
    extend: () => {},
  };
}

/** Calls a participant's hooks, stage by stage. */
export async function runStages(participant: Participant, controller?: AbortController): Promise<void> {
  for (const [stage, hook] of Object.entries(participant)) await hook(contextOf(stage, controller));
}

export type { Hook, HookContext, HookResult, Participant };
