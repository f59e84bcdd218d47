// mocha's spec reporter; writes `passes failures` to the file that SIGKIT_COUNTS names.
const { writeFileSync } = require('node:fs');
const { reporters } = require('mocha');

module.exports = class extends reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    const file = process.env.SIGKIT_COUNTS;
    if (file !== undefined)
      runner.once('end', () => writeFileSync(file, `${this.stats.passes} ${this.stats.failures}\n`));
  }
};
