import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { crash, diagnosed, NAMES_NAS, NAS, outageStage } from './fixtures/outage-stage.ts';
import { alert } from './fixtures/stage.ts';
import { GATHER_MS, only, statusOf, WINDOW_MS } from './fixtures/switch-stage.ts';

/** The NAS was found ill and was turned on by a rule, or was not; then time passed. */
async function later(end: 'one ends' | 'all fire', state: 'on' | 'off') {
  const { stage, world } = await outageStage({ nas: 'off' });
  await diagnosed(stage, NAMES_NAS, crash(1));
  const [run] = stage.store.openIncidents()[0]?.runs ?? [];
  await stage.engine.withdraw(run ?? '', 'A person does it by hand.');
  world.states.set('nas', state);
  if (end === 'one ends') stage.tell({ ...NAMES_NAS, endsAt: stage.now() + 60_000 });
  await stage.pass(WINDOW_MS);
  await stage.pass(GATHER_MS);
  await stage.pass(GATHER_MS);
  return stage.store.openIncidents();
}

it('what is left when others ended is looked at anew, and is no more of a cause that is well', async () => {
  expect(await later('one ends', 'on')).toMatchObject([{ cause: { kind: 'workload', name: 'app1/web', because: 'own' } }]);
});

it('what is left when others ended is of the same cause when that is ill still', async () => {
  const [incident] = await later('one ends', 'off');
  expect(incident).toMatchObject({ cause: { ...NAS, because: 'proved' }, runs: { length: 2 } });
});

it('while nothing ends nothing is looked at again', async () => {
  const [incident] = await later('all fire', 'off');
  expect(incident).toMatchObject({ cause: { ...NAS, because: 'proved' }, runs: { length: 1 } });
});

it('what was offered for it and is not needed any more, because a person did it, is looked at at once', async () => {
  const { stage, world } = await outageStage({ nas: 'off' }, { engine: { recheckMs: 20 } });
  await diagnosed(stage, NAMES_NAS, crash(1), crash(2));
  expect(only(stage)).toMatchObject({ cause: { ...NAS, because: 'proved' }, runs: { length: 1 } });
  world.states.set('nas', 'on');
  await stage.pass(1_000);
  await sleep(100);
  await stage.pass(1_000);
  const { cause, cleared, runs } = only(stage);
  expect(statusOf(stage, runs[0])).toEqual(['withdrawn']);
  expect(cause).toEqual({ ...NAS, because: 'named' });
  expect(cleared).toMatchObject([{ ...NAS, wasIll: true, by: { run: runs[1] } }]);
});

it('what could not be seen is looked at again after the window, though no more has ended since', async () => {
  const { stage, world } = await outageStage({ nas: 'off' });
  await diagnosed(stage, NAMES_NAS, crash(1), crash(2));
  await stage.engine.withdraw(only(stage).runs[0] ?? '', 'A person does it by hand.');
  stage.tell({ ...NAMES_NAS, endsAt: stage.now() + 60_000 });
  world.states.set('nas', 'on');
  world.onRead = () => ({ failed: 'unreachable', says: 'It does not answer.', toDo: 'Look.' });
  await stage.pass(WINDOW_MS);
  await stage.pass(GATHER_MS);
  expect(only(stage)).toMatchObject({ cause: { ...NAS, because: 'proved' }, runs: { length: 2 } });
  world.onRead = undefined;
  await stage.pass(WINDOW_MS / 2);
  expect(only(stage).runs).toHaveLength(2);
  await stage.pass(WINDOW_MS / 2);
  await stage.pass(GATHER_MS);
  expect(only(stage)).toMatchObject({ cause: { ...NAS, because: 'shared' }, cleared: [{ ...NAS, wasIll: true }] });
});

it('what was found well is looked at again when an alert says anew that it is ill', async () => {
  const { stage, world } = await outageStage({});
  await diagnosed(stage, NAMES_NAS);
  await stage.pass(60_000);
  expect(only(stage)).toMatchObject({ cleared: [NAS], runs: { length: 2 } });
  world.states.set('nas', 'off');
  stage.tell({ ...NAMES_NAS, endsAt: stage.now() });
  stage.tell(alert(NAMES_NAS.name, {}, stage.now()));
  await stage.pass();
  await stage.pass();
  expect(only(stage)).toMatchObject({ cause: { ...NAS, because: 'proved' }, runs: { length: 3 } });
});

it('what was found well and is called ill anew is looked at once for that, also when the look tells nothing', async () => {
  const { stage, world } = await outageStage({});
  await diagnosed(stage, NAMES_NAS);
  await stage.pass(WINDOW_MS / 2);
  expect(only(stage)).toMatchObject({ cleared: [NAS], runs: { length: 2 } });
  // It is slow, which is no proof, and not well either.
  world.states.set('10.0.10.15', 'off');
  stage.tell({ ...NAMES_NAS, endsAt: stage.now() });
  stage.tell(alert(NAMES_NAS.name, {}, stage.now()));
  await stage.pass();
  await stage.pass();
  const [, , run = ''] = only(stage).runs;
  await stage.engine.withdraw(run, 'A person does it by hand.');
  for (let times = 0; times < 4; times += 1) await stage.pass(WINDOW_MS);
  expect(only(stage)).toMatchObject({ cause: { ...NAS, because: 'named' }, runs: { length: 3 } });
});
