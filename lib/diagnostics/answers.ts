import { performAction } from './actions/perform.js';
import type { Answerer, DiagnosticRequest } from './answering.js';
import { askedOf } from './dump/asked.js';
import { type DumpSettings, dumpText } from './dump/collect.js';

const usualSeconds = 10;

/** What JavaScript does for those who ask. The native side writes the file of a dump, as a slow disk must not stop the loop. */
export function answererOf(settings: DumpSettings): Answerer {
  return async (request: DiagnosticRequest) => {
    const { folder } = settings;
    const { action } = request;
    if (action === 'dump') return { text: await dumpText(request, settings) };
    if (action === 'stacks' || folder === undefined) return {};
    const { signal, pid, uid, value } = askedOf(request);
    const outcome = await performAction(
      { action, seconds: request.seconds || usualSeconds, asked: { signal, pid, uid, value } },
      folder,
    );
    return { ...outcome, text: outcome.note ?? '' };
  };
}
