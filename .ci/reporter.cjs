// mocha's spec reporter; writes `passes failures`, and what failed with the first lines of why, to the file that SIGKIT_COUNTS names.
const { writeFileSync } = require('node:fs');
const { reporters } = require('mocha');

module.exports = class extends reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    const file = process.env.SIGKIT_COUNTS;
    if (file === undefined) return;
    runner.once('end', () => {
      const told = this.failures.map((test) => `${test.fullTitle()}:\n${headOf(test.err?.message)}`);
      writeFileSync(file, [`${this.stats.passes} ${this.stats.failures}`, ...told, ''].join('\n'));
    });
  }
};

// What a child process has said is in the message, and may begin with empty lines.
function headOf(message) {
  const lines = String(message)
    .split('\n')
    .filter((line) => line.trim() !== '');
  return lines
    .slice(0, 30)
    .map((line) => `    ${line}`)
    .join('\n');
}
