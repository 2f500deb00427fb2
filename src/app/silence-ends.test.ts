import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import silence from '../../runbooks/silence/index.ts';
import unsilence from '../../runbooks/unsilence/index.ts';
import { scenarioNamed } from '../../test/lab/scenarios/index.ts';
import { fire, resolve, stateOf } from '../../test/lab/site/alerts.ts';
import { labSite, labTargets, worldOf } from '../../test/lab/site/index.ts';
import { firingAt } from '../commands/alertmanager.ts';
import { AlertSettings } from '../config/alert-schema.ts';
import type { AutoApply } from '../core/alert-settings.ts';
import type { Engine, Origin } from '../core/ports.ts';
import { readerOver } from '../core/reading.ts';
import type { RunView } from '../core/run.ts';
import { createEngine } from '../engine/engine.ts';
import { approver, operator, temporaryDirectory } from '../engine/fixtures/harness.ts';
import { lockState } from '../engine/lock.ts';
import { createLog } from '../log.ts';
import { openTestStore } from '../store/fixtures/open-store.ts';
import { openSilenceEnds, type SlackOrigin } from './silence-ends.ts';

const tier = { approvers: [approver.id], selfApproval: false, differentGroups: false, count: 1 };
const rule: AutoApply = { runbook: 'unsilence', perHour: 4, allowedBy: approver.id };
const settings = AlertSettings.parse({
  channel: 'C0ALERTS1',
  listen: {},
  token: 'env:TOKEN',
  alertmanager: { url: 'http://127.0.0.1:9093' },
});

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** Two claims fill up; somebody silenced them until that is over, and it is over. */
async function silencedAndOver(autoApply: readonly AutoApply[], origin: Origin = { kind: 'cli' }) {
  const world = worldOf({ scenario: scenarioNamed('alerts-fire'), hangScale: 0.001 });
  const directory = temporaryDirectory();
  const lock = lockState(directory.path);
  const store = openTestStore(directory.path);
  const engine = await createEngine({
    runbooks: [silence, unsilence],
    site: labSite(world),
    targets: labTargets(world),
    store,
    state: { directory: directory.path, release: () => (store.close(), lock.release()) },
    policy: { tiers: { read: {}, normal: tier, high: tier, destructive: tier }, expiresAfterMs: 60_000, warnBeforeMs: 0 },
    autoApply,
    report: async () => undefined,
    buildVersion: '1',
    clean: (text) => text,
  });
  closers.push(async () => {
    await engine.stop();
    directory.remove();
  });
  const words = ['PVFillingUp', 'until', 'resolved'];
  const run = await engine.start({ runbook: 'silence', arguments: words, requester: operator, origin });
  await approve(engine, await engine.settled(run));
  expect(active(world)).toEqual([`${operator.name} (storagebot-${run}-1)`]);
  resolve(world, { alertname: 'PVFillingUp' });
  return { world, engine, store };
}

type Stage = Awaited<ReturnType<typeof silencedAndOver>>;
type World = ReturnType<typeof worldOf>;

function active({ alerting, time }: World): readonly string[] {
  return alerting.silences.filter((each) => stateOf(each, time.nowMs) === 'active').map(({ createdBy }) => createdBy);
}

async function approve(engine: Engine, { id: run, rounds }: RunView): Promise<RunView> {
  const round = rounds.at(-1);
  const digest = round?.steps[0]?.digest ?? '';
  const about = { run, round: round?.number ?? 0, step: 0, digest };
  expect(await engine.decide({ ...about, actor: approver, verdict: 'approve' })).toMatchObject({ accepted: true });
  return engine.settled(run);
}

/** What it needs; its clock goes on with each look. */
function partsOf({ world, engine, store }: Stage) {
  let nowMs = 0;
  const targets = labTargets(world);
  const told: { says: string; where: SlackOrigin | undefined }[] = [];
  return {
    settings,
    engine,
    store,
    targets,
    firing: async () => {
      const seen = await readerOver(targets.read)(firingAt());
      return seen.known ? seen.value : Promise.reject(new Error(seen.why.says));
    },
    doubt: async () => undefined,
    tell: async (says: string, where?: SlackOrigin) => void told.push({ says, where }),
    told,
    clock: () => (nowMs += 10_000),
    log: createLog({ secrets: () => [], level: 'silent' }),
    everyMs: 5,
  };
}

/** Runs that it starts. */
function watched(stage: Stage, more: Partial<ReturnType<typeof partsOf>> = {}) {
  const started: string[] = [];
  const { engine } = stage;
  const spied: Engine = {
    ...engine,
    start: async (request) => (started.push(await engine.start(request)), started.at(-1) ?? ''),
  };
  const parts = { ...partsOf(stage), engine: spied, ...more };
  const ends = openSilenceEnds(parts);
  ends?.start();
  closers.push(async () => ends?.stop());
  return { started, told: parts.told };
}

const until = async (holds: () => boolean) => {
  for (let tries = 0; !holds() && tries < 1_000; tries += 1) await sleep(10);
  expect(holds()).toBe(true);
};

test('a silence until resolved is offered to be ended, once, when its alerts are over', async () => {
  const stage = await silencedAndOver([]);
  const { started } = watched(stage);
  await until(() => started.length > 0);
  const view = await stage.engine.settled(started[0] ?? '');
  expect(view).toMatchObject({ status: 'waiting', runbook: { id: 'unsilence' } });
  await sleep(50);
  expect(started).toHaveLength(1);
  expect(active(stage.world)).toHaveLength(1);
  await approve(stage.engine, view);
  expect(active(stage.world)).toEqual([]);
});

test('a rule of the configuration ends it without a person', async () => {
  const stage = await silencedAndOver([rule]);
  const { started } = watched(stage, { settings: { ...settings, autoApply: [rule] } });
  await until(() => active(stage.world).length === 0);
  expect(await stage.engine.settled(started[0] ?? '')).toMatchObject({
    status: 'finished',
    rounds: [{ steps: [{ status: 'done' }] }, {}],
  });
});

test('nothing is watched where Alertmanager cannot be asked', async () => {
  const stage = await silencedAndOver([]);
  const { alertmanager: _none, ...without } = settings;
  expect(openSilenceEnds({ ...partsOf(stage), settings: without })).toBeUndefined();
});

test('nothing is concluded while the alert that always fires is not there', async () => {
  const stage = await silencedAndOver([]);
  resolve(stage.world, { alertname: 'Watchdog' });
  const { started } = watched(stage, { settings: { ...settings, watchdog: { alert: 'Watchdog', everyMs: 60_000 } } });
  await sleep(300);
  expect(started).toEqual([]);
});

test('who silenced it is told where that was asked, an hour before it ends by itself', async () => {
  const stage = await silencedAndOver([], { kind: 'slack', channel: 'C0ALERTS1', thread: '1775206800.000100' });
  const { world } = stage;
  fire(world, { alertname: 'PVFillingUp', namespace: 'dbaas' });
  for (const each of world.alerting.silences) each.endsAtMs = world.time.nowMs + 3_000_000;
  const { told } = watched(stage);
  await until(() => told.length > 0);
  expect(told).toEqual([
    {
      says: expect.stringContaining('To go on: /storage silence PVFillingUp'),
      where: { kind: 'slack', channel: 'C0ALERTS1', thread: '1775206800.000100' },
    },
  ]);
});
