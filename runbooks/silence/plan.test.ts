import { describe, expect, test } from 'vitest';
import { parseConfig } from '../../src/config/config.ts';
import { siteOf } from '../../src/config/site.ts';
import type { Step } from '../../src/core/plan.ts';
import { stepsOf } from '../../src/core/plan.ts';
import { readerOver } from '../../src/core/reading.ts';
import { everyOption } from '../../test/example-config.ts';
import { scenarioNamed } from '../../test/lab/scenarios/index.ts';
import { fire } from '../../test/lab/site/alerts.ts';
import { labSite, labTargets, type World, worldOf } from '../../test/lab/site/index.ts';
import runbook from './index.ts';

const worldNow = () => worldOf({ scenario: scenarioNamed('alerts-fire'), hangScale: 0.001 });

async function look(world: World, words: string, watchdogAlert?: string) {
  const site = { ...labSite(world), ...(watchdogAlert !== undefined && { watchdogAlert }) };
  return runbook.look(runbook.fromWords(words.split(' ')), readerOver(labTargets(world).read), site);
}

async function stepOf(world: World): Promise<Step> {
  const [step] = stepsOf(
    (await look(world, 'PVFillingUp namespace=ebooks and MySQLDown for 1h')).planAs('storagebot-3f2a9c81d0-1'),
  );
  if (step === undefined) throw new Error('there is no step');
  return step;
}

/** The words of the conditions that do not hold. */
async function objections(world: World, { before }: Step): Promise<readonly string[]> {
  const read = readerOver(labTargets(world).read);
  const answers = await Promise.all(before.map(async (check) => ({ says: check.says, ...(await check.holds(read)) })));
  return answers.filter(({ answer }) => answer !== 'yes').map(({ says }) => says);
}

describe('what was approved', () => {
  test('is not done once more would be muted than was shown', async () => {
    const world = worldNow();
    const step = await stepOf(world);
    expect(await objections(world, step)).toEqual([]);
    fire(world, { alertname: 'PVFillingUp', namespace: 'dbaas', severity: 'warning' });
    expect(await objections(world, step)).toEqual([]);
    fire(world, { alertname: 'PVFillingUp', namespace: 'ebooks', persistentvolumeclaim: 'new', severity: 'warning' });
    expect(await objections(world, step)).toEqual(['Nothing else fires with these labels than what this plan shows (3)']);
  });

  test('is done where less fires meanwhile', async () => {
    const world = worldNow();
    const step = await stepOf(world);
    world.alerting.alerts.splice(-1);
    expect(await objections(world, step)).toEqual([]);
    world.alerting.alerts.splice(0);
    expect(await objections(world, step)).toEqual(['PVFillingUp of namespace=ebooks, and MySQLDown fires']);
  });
});

describe('it is done', () => {
  const holds = async (world: World, { after }: Pick<Step, 'after'>) =>
    (await after.holds(readerOver(labTargets(world).read))).answer;

  test('once there is each silence, for exactly its labels and for as long as was asked', async () => {
    const world = worldNow();
    const step = await stepOf(world);
    expect(await holds(world, step)).toBe('no');
    await labTargets(world).change(step.change.command);
    expect(await holds(world, step)).toBe('yes');
    const [first, second] = world.alerting.silences;
    if (first === undefined || second === undefined) throw new Error('there are no two silences');
    const { silences } = world.alerting;
    for (const other of [
      [first],
      [first, { ...second, matchers: [...second.matchers, { name: 'pod', value: 'a', isRegex: false, isEqual: true }] }],
      [first, { ...second, endsAtMs: second.endsAtMs - 600_000 }],
      [first, { ...second, endsAtMs: second.endsAtMs + 600_000 }],
      [first, { ...second, createdBy: 'admin' }],
    ]) {
      silences.splice(0, 2, ...other);
      expect(await holds(world, step)).toBe('no');
      silences.splice(0, silences.length, first, second);
    }
  });

  test('and taken back, that of its author for other labels stays', async () => {
    const world = worldNow();
    const step = await stepOf(world);
    await labTargets(world).change(step.change.command);
    const { silences } = world.alerting;
    const [first] = silences;
    if (first === undefined || 'none' in step.undo) throw new Error('it cannot be taken back');
    const edited = { ...first, id: '1d3c1f9e-0000-4000-8000-000000000009', matchers: first.matchers.slice(0, 1) };
    silences.push(edited);
    await labTargets(world).change(step.undo.change.command);
    expect(await holds(world, step.undo)).toBe('yes');
    expect(silences.filter(({ endsAtMs }) => endsAtMs > world.time.nowMs)).toEqual([edited]);
  });
});

describe('the alert that always fires', () => {
  test('is known by the name that the site gives it, also while it does not fire', async () => {
    const { watchdogAlert } = siteOf(parseConfig(everyOption));
    expect(watchdogAlert).toBe('Watchdog');
    const world = worldNow();
    expect((await look(world, 'PVFillingUp,AlwaysOn for 1h', 'AlwaysOn')).diagnosis.findings).toMatchObject([
      { code: 'mutes-watchdog', subject: 'AlwaysOn' },
    ]);
    expect((await look(world, 'PVFillingUp,AlwaysOn for 1h')).diagnosis.findings).toMatchObject([{ code: 'heard' }]);
  });
});
