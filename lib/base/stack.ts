/** The stack below a function that is being called, whatever others have made of stacks; empty if it is not. */
export function stackBelow(callee: (...args: never[]) => unknown): string {
  // oxlint-disable-next-line typescript/unbound-method -- it is only put back
  const { stackTraceLimit, prepareStackTrace } = Error;
  Object.assign(Error, { stackTraceLimit: 10, prepareStackTrace: undefined });
  const holder = { stack: '' };
  Error.captureStackTrace(holder, callee);
  const { stack } = holder;
  Object.assign(Error, { stackTraceLimit, prepareStackTrace });
  return stack.split('\n').slice(1).join('\n');
}
