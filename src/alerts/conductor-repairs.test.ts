import { describe, expect, it } from 'vitest';
import { ruleOf } from '../core/actors.ts';
import { approver, operator, stranger } from '../engine/fixtures/harness.ts';
import { createWorld } from '../engine/fixtures/switches.ts';
import { alert, rule, type Stage } from './fixtures/stage.ts';
import { GATHER_MS, OFF, offered, only, routes, stageOf, statusOf } from './fixtures/switch-stage.ts';

describe('a repair that an alert led to', () => {
  it('waits for a person unless a rule was written', async () => {
    const stage = await offered();
    expect(statusOf(stage)).toEqual(['waiting']);
  });

  it('is withdrawn while what it stands on is known to be ill', async () => {
    const nas = { kind: 'nas', name: 'box' } as const;
    const hall = [nas, { kind: 'workload', name: 'hall/a' } as const];
    const index = { pods: {}, workloads: {}, claims: {}, namespaces: { hall }, nodes: {}, addresses: {} };
    const stage = await offered({ index: () => index });
    expect(statusOf(stage)).toEqual(['waiting']);
    const first = only(stage);
    expect(first.candidates).toContainEqual(nas);
    const other = alert('Another', { namespace: 'garden' });
    stage.tell(other);
    const cause = { ...nas, because: 'proved' } as const;
    stage.store.addIncident({ id: 'inc-other', cause, candidates: [nas], members: [other], openedAt: stage.now() });
    stage.conductor.look();
    await stage.pass();
    expect(statusOf(stage, first.runs[0])).toEqual(['withdrawn']);
    expect(stage.store.run(first.runs[0] ?? '')?.withdrawn).toContain('inc-other');
  });

  it('is not offered during maintenance, and what was diagnosed is told', async () => {
    const stage = await offered({ conductor: { maintenance: () => 'Maintenance until noon.' } });
    expect(statusOf(stage)).toEqual(['withdrawn']);
    expect(stage.shown.at(-1)?.extras).toMatchObject({ notes: ['Maintenance until noon.'] });
    expect(stage.shown.at(-1)?.extras.diagnosis?.rounds[0]?.diagnosis.findings).toHaveLength(1);
  });

  it('is approved by a rule, which tells who allowed it', async () => {
    const world = createWorld({ a: 'off' });
    const stage = await offered({ world, settings: { autoApply: [rule(1, approver.id)] } });
    expect(world.sent).toEqual(['turn-on a']);
    expect(statusOf(stage)).toEqual(['done']);
    const approvals = stage.shown.at(-1)?.extras.approvals ?? [];
    expect(approvals.map(({ round, step, actor }) => ({ round, step, rule: ruleOf(actor) }))).toEqual([
      { round: 1, step: 0, rule: { runbook: 'switches', allowedBy: approver.id } },
    ]);
  });

  it('is not approved by a rule of another runbook, nor more often than it may within an hour', async () => {
    const world = createWorld({ a: 'off', b: 'off' });
    const stage = await offered({
      world,
      settings: { autoApply: [{ ...rule(9, approver.id), runbook: 'others' }, rule(1, approver.id)] },
    });
    stage.tell(alert('SwitchOff', { namespace: 'garden', switch: 'b' }));
    await stage.pass(GATHER_MS);
    await stage.pass();
    expect(world.sent).toEqual(['turn-on a']);
    const second = stage.store.openIncidents().at(-1);
    expect(statusOf(stage, second?.runs[0])).toEqual(['waiting']);
  });

  it('is not approved by a rule when somebody looks after the incident', async () => {
    const world = createWorld({ a: 'off' });
    const taking: { stage?: Stage } = {};
    const stage = await stageOf({
      world,
      settings: { autoApply: [rule(5, approver.id)] },
      report: async ({ id }) => {
        taking.stage?.store.takeIncident(id, { by: operator, at: 1 });
        return { kind: 'slack', channel: 'CALERTS', thread: id };
      },
    });
    taking.stage = stage;
    stage.tell(OFF);
    await stage.pass(GATHER_MS);
    await stage.pass();
    expect(world.sent).toEqual([]);
    expect(statusOf(stage)).toEqual(['waiting']);
  });

  it('is not approved by a rule when who allowed it may not approve', async () => {
    const world = createWorld({ a: 'off' });
    const stage = await offered({ world, settings: { autoApply: [rule(5, stranger.id)] } });
    expect(world.sent).toEqual([]);
    expect(statusOf(stage)).toEqual(['waiting']);
  });

  it('is not approved by a rule when its risk is higher', async () => {
    const world = createWorld({ a: 'off' });
    const high = [{ ...routes[0], labels: {}, annotations: {}, what: { run: ['switches', '{switch}:high'] } }];
    const stage = await offered({ world, settings: { routes: high, autoApply: [rule(5, approver.id)] } });
    expect(world.sent).toEqual([]);
    expect(statusOf(stage)).toEqual(['waiting']);
  });
});
