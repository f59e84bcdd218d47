import type { Contender, Figures } from '../measure/rounds.js';
import { type Command, inC, inGo, inNode, inPython, inRust, type Program } from './build.js';
import type { Transport } from './transport.js';

/** A program that is sent signals, by the name that the tables give it. */
export interface Receiver {
  readonly name: string;
  find(): Program;
}

function sigkitOver(transport: Transport): Receiver {
  return {
    name: `sigkit ${transport}`,
    find: () => inNode('receiver', transport),
  };
}

export const sigkitThread: Receiver = sigkitOver('thread');
export const sigkitLoop: Receiver = sigkitOver('loop');
export const processOn: Receiver = { name: 'process.on', find: () => inNode('receiver', 'process.on') };
export const sigwaitinfoInC: Receiver = { name: 'C sigwaitinfo', find: () => inC('sigwaitinfo') };
export const signalfdInC: Receiver = { name: 'C signalfd', find: () => inC('signalfd') };
export const handoffInC: Receiver = { name: 'C sigwaitinfo, handed over', find: () => inC('handoff') };
export const osSignalInGo: Receiver = { name: 'Go os/signal', find: () => inGo('os_signal') };
export const tokioInRust: Receiver = { name: 'Rust tokio', find: () => inRust('tokio', 'librust-tokio-dev') };
export const signalHookInRust: Receiver = {
  name: 'Rust signal-hook',
  find: () => inRust('signal-hook', 'librust-signal-hook-dev'),
};
export const sigwaitinfoInPython: Receiver = {
  name: 'Python sigwaitinfo',
  find: () => inPython('receiver', 'sigwaitinfo'),
};
export const asyncioInPython: Receiver = { name: 'Python asyncio', find: () => inPython('receiver', 'asyncio') };

/** As contenders, each measured by its command. */
export function contend(
  receivers: readonly Receiver[],
  measure: (command: Command, receiver: Receiver) => Promise<Figures>,
): Contender[] {
  return receivers.map((receiver) => {
    const { command, missing } = receiver.find();
    return command === undefined
      ? { name: receiver.name, missing, measure: () => ({}) }
      : { name: receiver.name, measure: () => measure(command, receiver) };
  });
}
