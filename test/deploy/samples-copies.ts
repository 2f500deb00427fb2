import * as copyJobs from '../../src/commands/copy-jobs.ts';
import * as storageClasses from '../../src/commands/storage-classes.ts';
import { commandsOf, type Samples } from './sample-arguments.ts';

const claims = { namespace: 'ebooks', source: 'ebooks-calibre', target: 'ebooks-calibre-storagebot-lvm' } as const;

const copy = {
  ...claims,
  name: 'storagebot-3f2a9c81d0-2-copy',
  deadlineS: 3_600,
  image: 'registry.example.org/storagebot-tools:1',
  hashedBytes: 50 * 2 ** 30,
  stopped: 'Deployment ebooks/calibre 4',
} as const;

/** What copies the files of a claim, and where it may go. */
export const ofCopies: Samples = {
  'copy-jobs.ts': {
    copyClaim: [true, false].flatMap((isAgain) => commandsOf(copyJobs.copyClaim({ ...copy, isAgain }))),
    copyJobs: [copyJobs.copyJobs(claims)],
    copyTold: [copyJobs.copyTold('ebooks', copy.name)],
  },
  'storage-classes.ts': { blockClasses: [storageClasses.blockClasses()] },
};
