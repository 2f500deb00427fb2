import * as copyJobs from '../../src/commands/copy-jobs.ts';
import type { Maker } from './maker.ts';

const claims = { namespace: 'word', source: 'word', target: 'word-storagebot-lvm' };
const copy = {
  ...claims,
  name: 'storagebot-3f2a9c81d0-2-copy',
  deadlineS: 60,
  image: 'word',
  sourceUid: 'word',
  failed: [],
  hashedBytes: 1,
  stopped: '',
};

/** Of copies between claims: what the cluster calls them and who uses them. */
export const ofCopies: Readonly<Record<string, readonly Maker[]>> = {
  copyClaim: [
    (source) => copyJobs.copyClaim({ ...copy, source }).change,
    (target) => copyJobs.copyClaim({ ...copy, target }).change,
    (namespace) => copyJobs.copyClaim({ ...copy, namespace }).change,
    (stopped) => copyJobs.copyClaim({ ...copy, stopped }).change,
    (sourceUid) => copyJobs.copyClaim({ ...copy, sourceUid }).change,
    (name) => copyJobs.copyClaim({ ...copy, failed: [{ name, failedAt: '2026-04-03T08:40:30Z' }] }).change,
  ],
  copyJobs: [(namespace) => copyJobs.copyJobs({ ...claims, namespace })],
  copyTold: [(job) => copyJobs.copyTold('word', job), (namespace) => copyJobs.copyTold(namespace, 'storagebot-1-copy')],
};
