// Tells how far a compilation is: on a terminal in one line that changes, else in one at its beginning and one at its end. Nothing if there was
// nothing to compile.

/** `all`: how many files there are, undefined if only some of them will be compiled. */
export function showProgress(all, output = process.stderr) {
  const started = performance.now();
  const seconds = () => `${Math.round((performance.now() - started) / 1000)} s`;
  let done = 0;
  let timer;
  const show = () =>
    output.write(`\r\x1b[Ksigkit: compiling, ${done}${all === undefined ? '' : `/${all}`} files, ${seconds()}`);
  const begin = () => {
    if (!output.isTTY) output.write(`sigkit: compiling${all === undefined ? '' : ` ${all} files`}\n`);
    else timer = setInterval(show, 1000);
  };
  return {
    /** Another file is being compiled. */
    file() {
      if (done === 0) begin();
      done += 1;
      if (output.isTTY) show();
    },
    end(succeeded) {
      clearInterval(timer);
      if (done === 0) return;
      if (output.isTTY) output.write('\r\x1b[K');
      if (succeeded) output.write(`sigkit: compiled ${done} files in ${seconds()}\n`);
    },
  };
}
