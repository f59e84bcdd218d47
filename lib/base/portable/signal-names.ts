/** The signals of this platform by name. */
export function platformSignals(): Readonly<Record<string, number>> {
  return process.getBuiltinModule('node:os').constants.signals;
}

/** Under which name process.on takes each of them: the first that the platform has for the number. */
export function namesByNumber(signals: Readonly<Record<string, number>>): ReadonlyMap<number, NodeJS.Signals> {
  const names = new Map<number, NodeJS.Signals>();
  for (const [name, number] of Object.entries(signals))
    if (!names.has(number)) names.set(number, name as NodeJS.Signals);
  return names;
}
