import { describe, expect, it } from 'vitest';
import { approver, onOffer, operator, policy } from '../engine/fixtures/harness.ts';
import { createWorld } from '../engine/fixtures/switches.ts';
import { alert, ended, type Stage, type StageOptions } from './fixtures/stage.ts';
import { OFF, offered, SETTLE_MS, statusOf } from './fixtures/switch-stage.ts';

const NAS = { kind: 'nas', name: 'box' } as const;
const SILENT = alert('NFSServerUnresponsive');

/** The incident of the switch. */
function own({ store }: Stage) {
  const found = [...store.openIncidents(), ...store.incidentsClosedSince(0)].find(({ id }) => id !== 'inc-nas');
  if (found === undefined) throw new Error('there is none');
  return found;
}

async function approve(stage: Stage) {
  const run = own(stage).runs[0] ?? '';
  const view = await stage.engine.view(run);
  if (view === undefined) throw new Error('there is no run');
  const answer = await stage.engine.decide({ ...onOffer(view), run, actor: approver, verdict: 'approve' });
  await stage.pass();
  return answer;
}

const statuses = (stage: Stage) => statusOf(stage, own(stage).runs[0]);

/** A plan of two steps, of which the first was made: what it began may have to be ended, as a node that takes no pods. */
async function begun(more: Partial<StageOptions> = {}) {
  const routes = [{ alert: 'SwitchOff', labels: {}, annotations: {}, what: { run: ['switches', '{switch}', 'b'] } }];
  const world = createWorld({ a: 'off', b: 'off' });
  const engine = { policy: { ...policy, expiresAfterMs: 600_000 } };
  const stage = await offered({ world, engine, ...more, settings: { routes } });
  expect(await approve(stage)).toMatchObject({ accepted: true });
  expect(statuses(stage)).toEqual(['done', 'waiting']);
  return { stage, world };
}

describe('the rest of a plan that was begun', () => {
  it('is offered on when maintenance begins', async () => {
    const now: { why?: string } = {};
    const { stage, world } = await begun({ conductor: { maintenance: () => now.why } });
    now.why = 'Maintenance until noon.';
    stage.conductor.look();
    await stage.pass();
    expect(statuses(stage)).toEqual(['done', 'waiting']);
    expect(await approve(stage)).toMatchObject({ accepted: true });
    expect(world.sent).toEqual(['turn-on a', 'turn-on b']);
  });

  it('is offered on when it was enough for the alerts to end, and with them the incident', async () => {
    const { stage, world } = await begun();
    stage.tell(ended(OFF));
    await stage.pass();
    await stage.pass(SETTLE_MS);
    await stage.pass();
    expect(own(stage)).toMatchObject({ closed: { because: 'all-ended' } });
    expect(statuses(stage)).toEqual(['done', 'waiting']);
    expect(await approve(stage)).toMatchObject({ accepted: true });
    expect(world.sent).toEqual(['turn-on a', 'turn-on b']);
  });

  it('waits while what it stands on is ill, and is not withdrawn', async () => {
    const { stage, world } = await begun();
    stage.tell(SILENT);
    const cause = { ...NAS, because: 'proved' } as const;
    stage.store.addIncident({ id: 'inc-nas', cause, candidates: [NAS], members: [SILENT], openedAt: stage.now() });
    stage.store.skipDiagnosis('inc-nas');
    await stage.pass();
    expect(statuses(stage)).toEqual(['done', 'waiting']);
    expect(await approve(stage)).toMatchObject({ accepted: false, says: expect.stringContaining('ill itself') });
    stage.store.closeIncident('inc-nas', { at: stage.now(), by: operator, because: 'closed' });
    expect(await approve(stage)).toMatchObject({ accepted: true });
    expect(world.sent).toEqual(['turn-on a', 'turn-on b']);
  });
});
