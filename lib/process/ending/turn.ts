export interface Turn {
  /** Until then it is somebody else's; undefined if it has come. */
  readonly come: Promise<void> | undefined;
  /** Lets the next one begin. */
  readonly release: () => void;
}

let last: Promise<void> | undefined;

/**
 * Endings in this thread take turns as long as one has anybody stopped, or has just sent somebody what ends it: the end of a
 * parent whose children are stopped orphans their group, and the kernel hangs that up.
 */
export function takeTurn(): Turn {
  const come = last;
  let release = (): void => {};
  const own = new Promise<void>((resolve) => {
    release = () => {
      if (last === own) last = undefined;
      resolve();
    };
  });
  last = own;
  return { come, release };
}
