import { serveWebhooks } from '../../handlers/webhooks/index.ts';
import { createIntake } from '../../src/alerts/intake.ts';
import { openTestStore } from '../../src/store/fixtures/open-store.ts';

// A listener of alerts with its state in this directory, until it is killed. Prints its port. `keep`: nothing is taken in.
const [directory = '', mode] = process.argv.slice(2);
const log = { warn: () => undefined, error: () => undefined };
const intake = createIntake({
  store: openTestStore(directory),
  clock: Date.now,
  log,
  clean: (text) => text,
  changed: () => undefined,
});
if (mode !== 'keep') intake.start();
const { port } = await serveWebhooks({
  listen: { address: '127.0.0.1', port: 0 },
  tokens: () => ['token'],
  accept: intake.accept,
  log,
});
process.stdout.write(`${port}\n`);
