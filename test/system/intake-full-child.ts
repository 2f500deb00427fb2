import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { serveWebhooks } from '../../handlers/webhooks/index.ts';
import { createIntake } from '../../src/alerts/intake.ts';
import { openTestStore } from '../../src/store/fixtures/open-store.ts';
import { notification, post } from './notifications.ts';

// A listener of alerts whose state is on a small file system, which is full for a while. Prints what it answered, and what fires at last.
const directory = process.argv[2] ?? '';
const filler = join(directory, 'filler');
const log = { warn: () => undefined, error: () => undefined };
const store = openTestStore(join(directory, 'state'));
const intake = createIntake({ store, clock: Date.now, log, clean: (text) => text, changed: () => undefined });
intake.start();
const { port, close } = await serveWebhooks({
  listen: { address: '127.0.0.1', port: 0 },
  tokens: () => ['token'],
  accept: intake.accept,
  log,
});

function fill(): void {
  const file = openSync(filler, 'a');
  try {
    for (;;) writeSync(file, Buffer.alloc(4_096, 1));
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
  } finally {
    closeSync(file);
  }
}

const large = 'x'.repeat(200_000);
const before = await post(port, notification(1, large));
fill();
const full = await post(port, notification(2, large));
rmSync(filler);
const after = await post(port, notification(2, large));
while (store.backlog().deliveries > 0) await new Promise((done) => setTimeout(done, 20));
process.stdout.write(JSON.stringify({ before, full, after, firing: store.openEpisodes().length }));
await close();
await intake.stop();
store.close();
