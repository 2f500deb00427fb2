import { describe, expect, it } from 'vitest';
import { createMemory } from './fixtures/memory.ts';
import { settings, stand, start } from './fixtures/watchdog.ts';
import { createWatchdog } from './watchdog.ts';

describe('a watchdog that is told to have ended', () => {
  it('says that no other end is to be believed, also after a restart, until it fires again', () => {
    const { hear, restart, doubt } = stand();
    expect(doubt()).toBeUndefined();
    hear();
    expect(doubt()).toBeUndefined();
    hear({ endsAt: start });
    expect(doubt()).toContain('Watchdog');
    restart();
    expect(doubt()).toContain('silence of alerts proves nothing');
    hear();
    expect(doubt()).toBeUndefined();
    restart();
    expect(doubt()).toBeUndefined();
  });

  it('says so as well while Alertmanager is asked and has lost it, and no longer once it has it', async () => {
    const { hear, pass, answers, doubt } = stand();
    answers({ names: ['NodeDown'] });
    await pass(1);
    // Nobody knows whether there is such an alert.
    expect(doubt()).toBeUndefined();
    hear();
    // What answers may be a peer that Prometheus does not reach.
    await pass(5);
    expect(doubt()).toBeUndefined();
    await pass(1);
    expect(doubt()).toContain('Alertmanager does not have Watchdog');
    answers({ why: 'Nothing answers.' });
    await pass(1);
    expect(doubt()).toContain('Alertmanager does not have Watchdog');
    answers({ names: ['Watchdog'] });
    await pass(1);
    expect(doubt()).toBeUndefined();
  });

  it('says nothing where it is another alert, or one of several that fires on', () => {
    const memory = createMemory();
    const watchdog = createWatchdog({ settings, memory, tell: async () => {}, clock: () => start, log: { error: () => {} } });
    const ended = { source: 'alertmanager', name: 'Watchdog', endsAt: start } as const;
    watchdog.heard(
      [
        { ...ended, name: 'NodeDown' },
        { ...ended, source: 'grafana' },
      ],
      start,
    );
    watchdog.heard([ended, { source: 'alertmanager', name: 'Watchdog' }], start);
    expect(watchdog.doubt()).toBeUndefined();
  });
});
