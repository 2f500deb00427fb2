import { mountOf, notReady, replaceDirectory, replacePod, SERVER_PODS, UPLOAD } from './changes.ts';
import type { Scenario } from './scenario.ts';

export const scenario: Scenario = {
  name: 'stuck-terminating',
  says: 'A pod of immich that was deleted does not end: its stale mount does not let go.',
  prepare: (world) => {
    replaceDirectory(world, UPLOAD);
    notReady(world, SERVER_PODS);
    mountOf(world, SERVER_PODS, 'immich-upload').umountHangs = true;
    replacePod(world, SERVER_PODS, { withinMs: 600_000 });
  },
};
