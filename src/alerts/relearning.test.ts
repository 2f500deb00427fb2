import { expect, it } from 'vitest';
import { INDEX } from './fixtures/outage.ts';
import { crash, diagnosed, NAMES_NAS, NAS, outageStage } from './fixtures/outage-stage.ts';

it('alerts that came before the cluster was ever seen are of the cause that was proved, once it is known what they stand on', async () => {
  const seen: { index?: typeof INDEX } = {};
  const { stage } = await outageStage({ nas: 'off' }, { index: () => seen.index });
  await diagnosed(stage, crash(1), crash(2), NAMES_NAS);
  await stage.pass();
  expect(stage.store.openIncidents().map(({ cause }) => `${cause.because} ${cause.kind} ${cause.name}`)).toEqual([
    'proved nas nas',
    'own namespace app1',
    'own namespace app2',
  ]);
  seen.index = INDEX;
  await stage.pass(60_000);
  stage.tell(crash(3));
  await stage.pass();
  await stage.pass();
  expect(stage.store.openIncidents()).toMatchObject([{ cause: { ...NAS, because: 'proved' }, members: { length: 4 } }]);
});
