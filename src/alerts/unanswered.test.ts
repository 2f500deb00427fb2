import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { root } from '../../test/tree.ts';
import { temporaryDirectory } from '../engine/fixtures/harness.ts';
import { openTestStore } from '../store/fixtures/open-store.ts';
import type { Store } from '../store/store.ts';
import { createIntake, type Intake } from './intake.ts';

const recorded = (file: string) => readFileSync(join(root, 'test/fixtures/alertmanager', file), 'utf8');
const firing = recorded('alertmanager-webhook-03-firing-3alerts.json');
const resolved = recorded('alertmanager-webhook-04-resolved-3alerts.json');
const source = 'alertmanager';

let directory: ReturnType<typeof temporaryDirectory>;
let store: Store;
let intake: Intake;
let isAnswering: boolean;

beforeEach(() => {
  directory = temporaryDirectory();
  store = openTestStore(directory.path);
  isAnswering = true;
  intake = createIntake({
    store,
    clock: Date.now,
    log: { warn: () => undefined, error: () => undefined },
    clean: (text) => text,
    changed: () => undefined,
    ask: () => Promise.reject(new Error('Nothing answers.')),
    isAnswering: () => isAnswering,
  });
  intake.start();
});
afterEach(async () => {
  await intake.stop();
  store.close();
  directory.remove();
});

async function hear(...bodies: readonly string[]): Promise<void> {
  for (const body of bodies) {
    expect(await intake.accept({ source, body })).toEqual({ kind: 'kept' });
    await vi.waitFor(() => expect(store.backlog().deliveries).toBe(0));
  }
}

test('what fires again waits for a peer of Alertmanager that answers, since it may be late', async () => {
  await hear(firing, resolved, firing);
  expect(store.openEpisodes()).toEqual([]);
  expect(store.questions()).toHaveLength(1);
});

test('what fires again is believed where none has answered for a while, since an alert that is lost is worse', async () => {
  isAnswering = false;
  await hear(firing, resolved, firing);
  expect(store.openEpisodes()).toHaveLength(3);
});

test('what was left out of a notification is asked for as ever where none has answered for a while', async () => {
  isAnswering = false;
  await hear(firing.replace('"truncatedAlerts":0', '"truncatedAlerts":7'));
  expect(store.questions()).toMatchObject([{ receiver: 'bot' }]);
});
