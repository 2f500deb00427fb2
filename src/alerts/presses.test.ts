import { expect, it, vi } from 'vitest';
import { operator } from '../engine/fixtures/harness.ts';
import { offered, only } from './fixtures/switch-stage.ts';

it.each(['acknowledge', 'take', 'close', 'diagnose'] as const)(
  'a press of %s that could not be written counts when it is delivered again, and then only once',
  async (what) => {
    const stage = await offered();
    const write = (
      { acknowledge: 'acknowledgeIncident', take: 'takeIncident', close: 'closeIncident', diagnose: 'wantDiagnosis' } as const
    )[what];
    const press = { incident: only(stage).id, actor: operator, key: 'k1' };
    const failing = vi.spyOn(stage.store, write).mockImplementationOnce(() => {
      throw new Error('the disk is full');
    });
    const act = stage.conductor.incidents[what];
    expect(await act(press)).toMatchObject({ accepted: false, says: expect.stringContaining('the disk is full') });
    expect(await act(press)).toMatchObject({ accepted: true });
    expect(await act(press)).toMatchObject({ accepted: false });
    expect(failing).toHaveBeenCalledTimes(2);
  },
);
