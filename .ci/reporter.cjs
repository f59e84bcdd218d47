// mocha's spec reporter; writes `passes failures`, and a line for each failure, to the file that SIGKIT_COUNTS names.
const { writeFileSync } = require('node:fs');
const { reporters } = require('mocha');

module.exports = class extends reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    const file = process.env.SIGKIT_COUNTS;
    if (file === undefined) return;
    runner.once('end', () => {
      const told = this.failures.map((test) => `${test.fullTitle()}: ${String(test.err?.message).split('\n', 1)[0]}`);
      writeFileSync(file, [`${this.stats.passes} ${this.stats.failures}`, ...told, ''].join('\n'));
    });
  }
};
