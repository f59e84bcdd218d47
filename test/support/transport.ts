const transports = (process.env['SIGKIT_TEST_TRANSPORTS'] ?? 'thread loop').split(' ');

/** A suite that runs once over each transport, which its child processes learn from the environment (test/fixtures/transport.ts). */
export function describeTransports(title: string, suite: (transport: string) => void): void {
  for (const transport of transports) {
    describe(`${title}, over the ${transport}`, () => {
      before(() => void (process.env['SIGKIT_TEST_TRANSPORT'] = transport));
      after(() => void delete process.env['SIGKIT_TEST_TRANSPORT']);
      suite(transport);
    });
  }
}
