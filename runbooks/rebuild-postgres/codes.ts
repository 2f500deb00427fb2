import { STACK_CODES } from '../../src/topology/stack-look.ts';

export const CODES = {
  'cluster-lost': 'The operator has given the cluster up, nothing of it runs, and its volumes are kept.',
  'cluster-gone': 'The cluster is deleted, its volumes are kept, and nothing makes it anew yet.',
  'plan-waits': 'A saved plan waits that makes the cluster anew, and changes nothing else.',
  'plan-differs': 'The saved plan does not do exactly that.',
  'rebuild-needless': 'The cluster is there, or its operator has not given it up.',
  'being-deleted': 'Somebody deleted the cluster, and its object is still there.',
  'data-within-reach': 'A pod, a claim or a bound volume of the cluster is still there.',
  'volume-not-kept': 'A volume of the cluster is not kept once its claim is gone.',
  'volume-unclaimed': 'A volume is free for any claim: a new cluster would get it, and clear it.',
  'backed-up-otherwise': 'The operator may have backups of the cluster.',
  'no-volumes': 'No volume of the cluster is left.',
  'no-dump': 'There is no dump at all.',
  'no-such-dump': 'There is no dump of this name.',
  'dump-broken': 'The dump is cut, or cannot be unpacked.',
  'dump-doubtful': 'The dump is whole, and yet it looks as if it were not what is wanted.',
  'backup-running': 'A job works with the dumps now.',
  'work-announced': 'An alert announces maintenance or a power outage.',
  ...STACK_CODES,
} as const;
export type Code = keyof typeof CODES;

/** How far a rebuild has got; everything else is in its way. */
export const PROGRESS: readonly Code[] = ['cluster-lost', 'cluster-gone', 'plan-waits'];
