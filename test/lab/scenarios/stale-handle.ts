import { notReady, replaceDirectory, SERVER_PODS, UPLOAD } from './changes.ts';
import type { Scenario } from './scenario.ts';

export const scenario: Scenario = {
  name: 'stale-handle',
  says: "The directory of immich's uploads was replaced: the one pod that had it mounted holds a stale handle.",
  prepare: (world) => {
    replaceDirectory(world, UPLOAD);
    notReady(world, SERVER_PODS);
  },
};
