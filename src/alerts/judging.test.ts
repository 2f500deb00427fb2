import { expect, it } from 'vitest';
import { operator } from '../engine/fixtures/harness.ts';
import { crash, diagnosed, outageStage } from './fixtures/outage-stage.ts';
import { only, statusOf, WINDOW_MS } from './fixtures/switch-stage.ts';

it('an incident that lasts for long is judged by its last run and by those that wait, and not by all that ever ended', async () => {
  const { stage } = await outageStage({ app: 'off' });
  await diagnosed(stage, crash(1));
  const { id } = only(stage);
  for (let times = 0; times < 3; times += 1) {
    await stage.engine.withdraw(only(stage).runs.at(-1) ?? '', 'A person does it by hand.');
    await stage.pass(WINDOW_MS);
    await stage.conductor.incidents.diagnose({ incident: id, actor: operator, key: `again ${times}` });
    await stage.pass();
  }
  const { runs } = only(stage);
  expect(runs).toHaveLength(4);
  const viewed = new Set<string>();
  const view = stage.engine.view.bind(stage.engine);
  stage.engine.view = (run) => {
    viewed.add(run);
    return view(run);
  };
  stage.conductor.look();
  await stage.pass();
  expect([...viewed]).toEqual(runs.slice(-1));
  expect(statusOf(stage)).toEqual(['waiting']);
});
