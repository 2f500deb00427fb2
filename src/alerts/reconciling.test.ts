import { beforeEach, describe, expect, test } from 'vitest';
import { alert, episode, MINUTE_MS, SECOND_MS, START, stage } from './fixtures/reconciling.ts';
import { WATCHDOG_SILENT } from './watchdog.ts';

let { site, shown, reconciling, minutes, ended, watchdog } = stage();
beforeEach(() => {
  ({ site, shown, reconciling, minutes, ended, watchdog } = stage());
});

describe('an alert that Alertmanager does not have any more', () => {
  test('for five minutes has ended, and who listens is told', async () => {
    site.there = () => [shown('a')];
    const it = reconciling();
    await minutes(it, 5);
    expect(ended()).toEqual([]);
    await minutes(it, 1);
    expect(ended()).toEqual([{ ...alert('b'), endsAt: START + 5 * MINUTE_MS }]);
    expect(site.told).toEqual([{ source: 'alertmanager', fingerprint: 'b', startsAt: START - 1 }]);
  });

  test('and is told again in time has not', async () => {
    const it = reconciling();
    site.there = () => [shown('a')];
    await minutes(it, 4);
    site.there = () => [shown('a'), shown('b')];
    await minutes(it, 1);
    site.there = () => [shown('a')];
    await minutes(it, 4);
    expect(ended()).toEqual([]);
  });

  test('and that fires anew meanwhile is another one', async () => {
    site.there = () => [shown('a')];
    const it = reconciling();
    await minutes(it, 4);
    site.open = [episode('a'), episode('b', { startsAt: START + MINUTE_MS })];
    await minutes(it, 4);
    expect(ended()).toEqual([]);
  });

  test('has not ended where Alertmanager was sent nothing lately, since a list that is empty or old proves nothing', async () => {
    const it = reconciling();
    site.there = () => [];
    await minutes(it, 20);
    const updatedAt = site.now - 6 * MINUTE_MS;
    site.there = () => [shown('a', { updatedAt })];
    await minutes(it, 20);
    expect(ended()).toEqual([]);
    expect(site.warned).toHaveLength(1);
    expect(site.warned[0]).toContain('sent lately');
  });

  test('has ended also where the clocks of the two are minutes apart, as long as Alertmanager is sent anything', async () => {
    const it = reconciling();
    site.there = () => [shown('a', { updatedAt: site.now - 9 * MINUTE_MS })];
    await minutes(it, 8);
    expect(ended()[0]).toMatchObject({ fingerprint: 'b' });
    expect(site.problems).toEqual([]);
  });

  test('and may not have ended is told after a quarter of an hour, so that nobody waits for its end', async () => {
    const it = reconciling();
    site.there = () => [];
    await minutes(it, 10);
    site.there = () => [shown('a'), shown('b')];
    await minutes(it, 1);
    site.there = () => [];
    await minutes(it, 15);
    expect(site.problems).toEqual([]);
    await minutes(it, 1);
    expect(site.problems[0]).toMatch(/^Alerts that Alertmanager does not have any more stay open.* alerts\.watchdog/);
  });

  test('has not ended where the configured watchdog is missing too, whatever else fires, and has five minutes after that came', async () => {
    const it = reconciling('Watchdog');
    site.there = () => [shown('a')];
    await minutes(it, 20);
    expect(ended()).toEqual([]);
    expect(site.warned).toEqual([expect.stringContaining('Watchdog always fires, and Alertmanager does not have it.')]);
    expect(site.problems).toEqual([]);
    site.there = () => [watchdog()];
    await minutes(it, 5);
    expect(ended()).toEqual([]);
    await minutes(it, 1);
    expect(ended()).toHaveLength(2);
  });

  test('has not ended while silence of alerts proves nothing', async () => {
    site.doubt = 'Prometheus was restarted.';
    site.there = () => [shown('a')];
    const it = reconciling();
    await minutes(it, 20);
    expect(ended()).toEqual([]);
    site.doubt = undefined;
    await minutes(it, 6);
    expect(ended()).toHaveLength(1);
  });

  test('has ended shortly after Alertmanager said so in a channel, if it is still missing, also when nothing else fires', async () => {
    site.open = [episode('b')];
    site.there = () => [shown('b')];
    const it = reconciling();
    await minutes(it, 1);
    site.there = () => [];
    it.saidToHaveEnded(['ThingDown']);
    site.now += 10 * SECOND_MS;
    await it.check();
    expect(ended()).toEqual([]);
    site.now += 15 * SECOND_MS;
    await it.check();
    expect(ended()).toMatchObject([{ fingerprint: 'b' }]);
  });

  test('of which it says so during a look is looked for anew', async () => {
    const it = reconciling();
    let says = () => it.saidToHaveEnded(['ThingDown']);
    site.there = () => {
      says();
      says = () => undefined;
      return [shown('a'), shown('b')];
    };
    await it.check();
    site.there = () => [shown('a')];
    await minutes(it, 1);
    expect(ended()[0]).toMatchObject({ fingerprint: 'b' });
  });

  test('of which it said so has not ended while silence of alerts proves nothing', async () => {
    site.doubt = 'Prometheus was restarted.';
    site.there = () => [shown('a')];
    const it = reconciling();
    it.saidToHaveEnded(['ThingDown']);
    await minutes(it, 10);
    expect(ended()).toEqual([]);
  });

  test('of which it said so in a channel has not ended while it has forgotten all', async () => {
    const it = reconciling('Watchdog');
    site.there = () => [];
    it.saidToHaveEnded(['ThingDown']);
    await minutes(it, 10);
    expect(ended()).toEqual([]);
    expect(site.asked).toHaveLength(10);
  });

  test('may be one of Grafana or of the bot itself, of which it never knew', async () => {
    site.open = [episode('a', { source: 'grafana' }), episode('b', { name: WATCHDOG_SILENT })];
    site.there = () => [watchdog()];
    await minutes(reconciling('Watchdog'), 20);
    expect(ended()).toEqual([]);
  });
});

describe('what could not be asked', () => {
  test('ends nothing, and that time does not count', async () => {
    const it = reconciling();
    site.there = () => [shown('a')];
    await minutes(it, 2);
    site.there = () => new Error('Nothing answers.');
    await minutes(it, 10);
    site.there = () => [shown('a')];
    await minutes(it, 5);
    expect(ended()).toEqual([]);
    expect(site.warned[0]).toContain('Nothing answers.');
  });

  test('is asked each minute as long as it is not answered', async () => {
    site.there = () => new Error('Nothing answers.');
    const it = reconciling();
    it.saidToHaveEnded(['ThingDown']);
    await minutes(it, 5);
    expect(site.asked).toHaveLength(5);
  });

  test('is asked each minute, and anew within ten seconds after something changed', async () => {
    const it = reconciling();
    await minutes(it, 3);
    expect(site.asked).toEqual([true, false, false]);
    it.soon();
    await minutes(it, 1);
    expect(site.asked).toEqual([true, false, false, true]);
  });
});
