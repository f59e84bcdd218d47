import { describeTransports } from '../support/transport.js';
import { runFixture } from './scenario.js';

describeTransports('order in the process', () => {
  it('leaves masks and dispositions of every thread as before, after 1,000 random claims and closes under a storm', async function () {
    this.timeout(240_000);
    await runFixture('claim-cycles', [], 220_000);
  });

  it('lets child_process and cluster work with everything claimed, and their children inherit nothing', async () => {
    await runFixture('children', [], 50_000);
  });

  it('survives 300 Workers that claim and are terminated at random under a storm, and main loses nothing', async function () {
    this.timeout(400_000);
    // A sanitizer makes each Worker last half a second, and the receiver hardly faster than the storm.
    const sizes = process.env['SIGKIT_NODE'] === undefined ? [300, 200_000] : [60, 20_000];
    await runFixture('worker-churn', sizes, 380_000);
  });
});
