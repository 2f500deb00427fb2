import * as copyJobs from '../../src/commands/copy-jobs.ts';
import * as storageClasses from '../../src/commands/storage-classes.ts';
import { commandsOf, type Samples } from './sample-arguments.ts';

const claims = { namespace: 'ebooks', source: 'ebooks-calibre', target: 'ebooks-calibre-storagebot-lvm' } as const;

const copy = {
  ...claims,
  name: 'storagebot-3f2a9c81d0-2-copy',
  deadlineS: 3_600,
  image: 'registry.example.org/storagebot-tools:1',
  sourceUid: '4b4f16cf-7b05-46db-a868-45d684b2b4e0',
  hashedBytes: 50 * 2 ** 30,
  stopped: 'Deployment ebooks/calibre 4',
} as const;

/** What copies the files of a claim, and where it may go. */
export const ofCopies: Samples = {
  'copy-jobs.ts': {
    copyClaim: [[], [{ name: 'storagebot-3f2a9c81d0-1-copy', failedAt: '2026-04-03T08:40:30Z' }]].flatMap((failed) =>
      commandsOf(copyJobs.copyClaim({ ...copy, failed })),
    ),
    copyJobs: [copyJobs.copyJobs(claims)],
    copyTold: [copyJobs.copyTold('ebooks', copy.name)],
  },
  'storage-classes.ts': { blockClasses: [storageClasses.blockClasses()] },
};
