import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createIntake } from '../alerts/intake.ts';
import { AlertSettings } from '../config/alert-schema.ts';
import { temporaryDirectory } from '../engine/fixtures/harness.ts';
import { createLog } from '../log.ts';
import { openTestStore } from '../store/fixtures/open-store.ts';
import type { Store } from '../store/store.ts';
import { openWatchdog } from './watchdog.ts';

const settings = AlertSettings.parse({
  channel: 'C0ALERTS1',
  listen: {},
  token: 'env:TOKEN',
  alertmanager: { url: 'http://127.0.0.1:9093' },
});

let directory: ReturnType<typeof temporaryDirectory>;
let store: Store;
beforeEach(() => {
  directory = temporaryDirectory();
  store = openTestStore(directory.path);
});
afterEach(() => {
  store.close();
  directory.remove();
});

/** The bot's own part of it, as long as it runs. */
async function during(work: (answer: () => void) => Promise<void>): Promise<void> {
  let answers = false;
  const log = createLog({ secrets: () => [], level: 'silent' });
  const intake = createIntake({ store, clock: Date.now, log, clean: (text) => text, changed: () => undefined });
  const firing = async () => (answers ? [] : Promise.reject(new Error('Alertmanager does not answer. Look at its pod.')));
  const watchdog = openWatchdog({ settings, firing, memory: store, takeIn: intake.takeIn, clock: Date.now, log, everyMs: 5 });
  intake.start();
  watchdog.start();
  await work(() => (answers = true));
  await watchdog.stop();
  await intake.stop();
}

const until = async (holds: () => boolean) => {
  for (let tries = 0; !holds() && tries < 400; tries += 1) await sleep(10);
  expect(holds()).toBe(true);
};

describe('an Alertmanager that cannot be asked', () => {
  it('is an alert like any other, once also when the bot is started anew, and ends with the first answer', async () => {
    await during(() => until(() => store.openEpisodes().length === 1));
    const [first] = store.openEpisodes();
    expect(first).toMatchObject({ name: 'StoragebotAlertmanagerUnreachable', source: 'alertmanager' });
    expect(first?.annotations['summary']).toContain('Alertmanager does not answer. Look at its pod.');
    await during(async (answer) => {
      await sleep(100);
      expect(store.openEpisodes()).toEqual([first]);
      answer();
      await until(() => store.openEpisodes().length === 0);
    });
    expect(store.episodes()).toHaveLength(1);
  });
});
