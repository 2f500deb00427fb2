import { describe, expect, it } from 'vitest';
import type { Cause } from '../core/incident.ts';
import type { Engine } from '../core/ports.ts';
import { approver, onOffer, operator, policy } from '../engine/fixtures/harness.ts';
import { createWorld } from '../engine/fixtures/switches.ts';
import { alert, ended, rule, type Stage, type StageOptions } from './fixtures/stage.ts';
import { GATHER_MS, OFF, offered, only, routes, SETTLE_MS, stageOf, statusOf } from './fixtures/switch-stage.ts';

const NAS = { kind: 'nas', name: 'box' } as const;
const RULES = [...routes, { alert: 'NFSServerUnresponsive', labels: {}, annotations: {}, what: { run: ['switches', 'b'] } }];
/** Says that the NAS is ill, on which every switch stands. */
const SILENT = alert('NFSServerUnresponsive');

/** An incident of the NAS beside the others, whose alert leads to a look at switch b. */
function nasIncident({ store, tell, now }: Stage, because: Cause['because']): void {
  tell(SILENT);
  store.addIncident({ id: 'inc-nas', cause: { ...NAS, because }, candidates: [NAS], members: [SILENT], openedAt: now() });
}

/** Looks at b do not end before this is called. */
function slowLook(world: ReturnType<typeof createWorld>): () => void {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  world.onRead = (line) => (line.endsWith(' b') ? promise : undefined);
  return () => resolve(undefined);
}

function firstOf({ store }: Stage) {
  const incident = [...store.openIncidents(), ...store.incidentsClosedSince(0)].find(({ id }) => id !== 'inc-nas');
  if (incident === undefined) throw new Error('there is none');
  return incident;
}

function statuses(stage: Stage) {
  return firstOf(stage).runs.map((run) => statusOf(stage, run));
}

async function press(stage: Stage, actor = approver) {
  const run = firstOf(stage).runs.at(-1) ?? '';
  const view = await stage.engine.view(run);
  if (view === undefined) throw new Error('there is no run');
  return stage.engine.decide({ ...onOffer(view), run, actor, verdict: 'approve' });
}

/** Offers stand longer than it takes an incident to end. */
const LASTING = { policy: { ...policy, expiresAfterMs: 600_000 } };

const withRules = (options: Partial<StageOptions> = {}): Partial<StageOptions> => ({
  engine: LASTING,
  ...options,
  settings: { ...options.settings, routes: RULES },
});

describe('what an alert led to', () => {
  it('waits while what it stands on is looked at, for rules and for people, and is made once that is over', async () => {
    const world = createWorld({ a: 'off', b: 'on' });
    const release = slowLook(world);
    const stage = await stageOf(withRules({ world, settings: { autoApply: [rule(5, approver.id)] } }));
    nasIncident(stage, 'shared');
    stage.tell(OFF);
    // The look at b does not end, so nothing may wait for it here.
    await stage.hurry(GATHER_MS);
    expect(statuses(stage)).toEqual([['waiting']]);
    expect(world.sent).toEqual([]);
    expect(await press(stage)).toMatchObject({ accepted: false, says: expect.stringContaining('being looked at (nas box') });
    const notes = stage.shown.filter(({ view }) => view.id !== 'inc-nas').at(-1)?.extras.notes;
    expect(notes).toEqual([expect.stringContaining('The step that is offered waits.')]);
    release();
    await stage.pass();
    expect(world.sent).toEqual(['turn-on a']);
    expect(statuses(stage)).toEqual([['done']]);
  });

  it('is withdrawn before its offer ends unseen, and comes again', async () => {
    const world = createWorld({ a: 'off', b: 'on' });
    const release = slowLook(world);
    const stage = await stageOf(withRules({ world, engine: {} }));
    nasIncident(stage, 'shared');
    stage.tell(OFF);
    await stage.hurry(GATHER_MS);
    expect(statuses(stage)).toEqual([['waiting']]);
    await stage.hurry(45_000);
    expect(statuses(stage)).toEqual([['withdrawn']]);
    release();
    await stage.pass();
    expect(statuses(stage)).toEqual([['withdrawn'], ['waiting']]);
  });

  it('is withdrawn while an alert says that what it stands on is ill, and comes again once a look finds that well', async () => {
    const stage = await offered(withRules({ world: createWorld({ a: 'off', b: 'on' }) }));
    nasIncident(stage, 'named');
    await stage.pass();
    await stage.pass();
    expect(statuses(stage)).toEqual([['withdrawn']]);
    const [run = ''] = firstOf(stage).runs;
    expect(stage.store.run(run)?.withdrawn).toContain('no look has found it well yet');
    const well = { ...NAS, at: stage.now(), by: { run: 'r', round: 1 }, wasIll: false };
    stage.store.setCause('inc-nas', { ...NAS, because: 'named' }, [well]);
    await stage.pass();
    expect(statuses(stage)).toEqual([['withdrawn'], ['waiting']]);
  });

  it('comes again once no alert that fires says so', async () => {
    const stage = await offered(withRules({ world: createWorld({ a: 'off', b: 'on' }) }));
    nasIncident(stage, 'named');
    await stage.pass();
    await stage.pass();
    expect(statuses(stage)).toEqual([['withdrawn']]);
    stage.tell(ended(SILENT));
    await stage.pass();
    expect(statuses(stage)).toEqual([['withdrawn'], ['waiting']]);
  });

  it.each(['demoted', 'closed'])('comes again once what it stands on, found ill, is %s', async (how) => {
    const stage = await offered(withRules({ world: createWorld({ a: 'off', b: 'on' }) }));
    nasIncident(stage, 'proved');
    await stage.pass();
    expect(statuses(stage)).toEqual([['withdrawn']]);
    await stage.pass();
    expect(statuses(stage)).toEqual([['withdrawn']]);
    if (how === 'closed') stage.store.closeIncident('inc-nas', { at: stage.now(), by: operator, because: 'closed' });
    else stage.store.setCause('inc-nas', { ...NAS, because: 'shared' }, []);
    await stage.pass();
    expect(statuses(stage)).toEqual([['withdrawn'], ['waiting']]);
  });

  it('comes again from a bot that was started since, though the incident that was in its way is about another thing by then', async () => {
    const world = createWorld({ a: 'off', b: 'on' });
    const before = await offered(withRules({ world }));
    nasIncident(before, 'proved');
    await before.pass();
    expect(statuses(before)).toEqual([['withdrawn']]);
    await before.stop();
    const stage = await stageOf(withRules({ world }));
    await stage.pass();
    expect(statuses(stage)).toEqual([['withdrawn']]);
    stage.store.setCause('inc-nas', { kind: 'node', name: 'far', because: 'proved' }, []);
    await stage.pass();
    expect(statuses(stage)).toEqual([['withdrawn'], ['waiting']]);
  });

  it('comes again when maintenance ends, and not before', async () => {
    let maintenance: string | undefined = 'Maintenance until noon.';
    const stage = await offered({ conductor: { maintenance: () => maintenance } });
    await stage.pass();
    expect(statuses(stage)).toEqual([['withdrawn']]);
    maintenance = undefined;
    await stage.pass();
    expect(statuses(stage)).toEqual([['withdrawn'], ['waiting']]);
  });

  it('is not approved by a rule when somebody takes the incident over in that instant', async () => {
    const world = createWorld({ a: 'off' });
    const taking: { stage?: Stage } = {};
    const real = (): Engine => {
      if (taking.stage === undefined) throw new Error('It is too early.');
      return taking.stage.engine;
    };
    const engine: StageOptions['conductor'] & {} = {
      engine: {
        start: (request) => real().start(request),
        view: (run) => real().view(run),
        withdraw: (run, because) => real().withdraw(run, because),
        decide(request) {
          taking.stage?.store.takeIncident(only(taking.stage).id, { by: operator, at: 1 });
          return real().decide(request);
        },
      },
    };
    const stage = await stageOf({ world, settings: { autoApply: [rule(5, approver.id)] }, conductor: engine });
    taking.stage = stage;
    stage.tell(OFF);
    await stage.pass(GATHER_MS);
    await stage.pass();
    expect(only(stage)).toHaveProperty('taken');
    expect(world.sent).toEqual([]);
    expect(statuses(stage)).toEqual([['waiting']]);
  });
});

describe('what a closed incident still offers', () => {
  it('is withdrawn when its alerts have ended', async () => {
    const stage = await offered({ engine: LASTING });
    stage.tell(ended(OFF));
    await stage.pass();
    await stage.hurry(SETTLE_MS - 60_000);
    expect(statuses(stage)).toEqual([['waiting']]);
    await stage.pass(60_000);
    expect(only(stage)).toHaveProperty('closed');
    expect(statuses(stage)).toEqual([['withdrawn']]);
    expect(stage.store.run(only(stage).runs[0] ?? '')?.withdrawn).toContain('all its alerts have ended');
  });

  it('is withdrawn when a person closes it, whose name is told, and cannot be approved even before', async () => {
    const stage = await offered();
    const { id } = only(stage);
    await stage.conductor.incidents.close({ incident: id, actor: operator, key: 'k' });
    expect(await press(stage)).toMatchObject({ accepted: false, says: expect.stringContaining('is over') });
    await stage.pass();
    expect(statuses(stage)).toEqual([['withdrawn']]);
    expect(stage.store.run(only(stage).runs[0] ?? '')?.withdrawn).toContain(`${operator.name} closed it`);
  });

  it('is withdrawn also where a bot died before it could remember the run, and cannot be approved', async () => {
    const stage = await stageOf({ engine: LASTING });
    stage.tell(OFF);
    const cause = { kind: 'namespace', name: 'hall', because: 'own' } as const;
    stage.store.addIncident({ id: 'inc-hall', cause, candidates: [cause], members: [OFF], openedAt: stage.now() });
    const { key = '' } = stage.store.wishOf('inc-hall') ?? {};
    const asked = { runbook: 'switches', arguments: ['a'], requester: operator, origin: { kind: 'alert' } } as const;
    const run = await stage.engine.start({ ...asked, key });
    const view = await stage.engine.settled(run);
    stage.store.closeIncident('inc-hall', { at: stage.now(), by: operator, because: 'closed' });
    const approval = { ...onOffer(view), run, actor: approver, verdict: 'approve' } as const;
    expect(await stage.engine.decide(approval)).toMatchObject({ accepted: false, says: expect.stringContaining('is over') });
    await stage.pass();
    expect(statusOf(stage, run)).toEqual(['withdrawn']);
  });
});
