import type { ServerResponse } from 'node:http';

type WriteHead = (...args: readonly unknown[]) => ServerResponse;

const isConnection = (name: unknown): boolean => typeof name === 'string' && /^connection$/i.test(name);

// What writeHead() takes: names with values as an object, or one after the other in an array; pairs of them, though not where a
// header is set already; a status, a reason.
function withoutConnection(argument: unknown): unknown {
  if (Array.isArray(argument) && Array.isArray(argument[0])) return withoutConnection(argument.flat());
  if (Array.isArray(argument)) return argument.filter((_, index) => !isConnection(argument[index - (index % 2)]));
  if (typeof argument !== 'object' || argument === null) return argument;
  return Object.fromEntries(Object.entries(argument).filter(([name]) => !isConnection(name)));
}

/**
 * Has a response say `Connection: close` if `isLast` gives true in the moment in which it begins, also where its service says
 * keep-alive: a proxy passes on what it was answered, and streams of events like to say it.
 */
export function closeAfter(response: ServerResponse, isLast: () => boolean): void {
  // By this one goes each head, also one that is not written by hand.
  const writeHead = response.writeHead.bind(response) as WriteHead;
  response.writeHead = ((...args) => {
    if (response.headersSent || !isLast()) return writeHead(...args);
    response.setHeader('Connection', 'close');
    return writeHead(...args.map(withoutConnection));
  }) satisfies WriteHead as ServerResponse['writeHead'];
}
