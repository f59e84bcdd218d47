import { exchanged, native, takenRecords } from '../base/native.js';
import { readRecord, type SignalInfo } from '../signals/signal-info.js';
import type { SignalStream } from '../signals/stream.js';
import { actionOf, type DiagnosticAction } from './requestable.js';

/** What a signal asks for. */
export interface DiagnosticRequest {
  readonly action: DiagnosticAction;
  /** Of profiles; 0 if not said. */
  readonly seconds: number;
  readonly info: SignalInfo;
  /** How many have asked for the same since. */
  readonly merged: number;
  /** Of the sender, as they were when the signal came; empty where that was gone already, or is hidden. */
  readonly name: string;
  readonly command: readonly string[];
}

/** What has become of a request: the text of a dump, else a file or an error, and what there is to say beside it. */
export interface Answer {
  readonly text?: string;
  readonly file?: string | null;
  readonly error?: string | null;
}

export type Answerer = (request: DiagnosticRequest) => Promise<Answer>;

function commandIn(text: string): readonly string[] {
  return text === '' ? [] : text.replace(/\0$/, '').split('\0');
}

async function answer(id: number, request: DiagnosticRequest, answerer: Answerer): Promise<void> {
  const done = await answerer(request).catch((error: unknown): Answer => ({ error: String(error) }));
  native().finishDiagnosticRequest(id, done.text ?? '', done.file ?? '', done.error ?? '');
}

/** Has those requests answered that need JavaScript, until the stream is closed, which wakes it. */
export async function answerRequests(stream: SignalStream, answerer: Answerer): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const takeAll = (): void => {
    clearTimeout(timer);
    if (stream.closed) return;
    const rows = native().takeDiagnosticRequests();
    const waitMs = exchanged(0);
    const records = takenRecords();
    const requests = rows.map(([id, action, seconds, merged, name, command], index) => ({
      id,
      request: {
        action: actionOf(action),
        seconds,
        info: readRecord(records, index),
        merged,
        name,
        command: commandIn(command),
      },
    }));
    for (const { id, request } of requests) void answer(id, request, answerer).then(takeAll);
    // What has come too soon after the one before.
    if (waitMs > 0) timer = setTimeout(takeAll, waitMs).unref();
  };
  for await (const _ of stream) takeAll();
  clearTimeout(timer);
}
