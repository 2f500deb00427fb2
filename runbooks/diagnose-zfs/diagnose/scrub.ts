import type { Scan } from '../../../src/commands/zfs-scan.ts';
import type { PoolStatus } from '../../../src/commands/zfs-status.ts';
import { isWorking } from '../../../src/commands/zfs-status.ts';
import type { Finding } from '../../../src/core/finding.ts';
import { ok } from '../../../src/core/finding.ts';
import type { Seen } from '../../../src/core/reading.ts';
import type { Code } from '../codes.ts';
import type { Part, Statuses } from './errors.ts';
import { NOTHING, oneFinding, plural } from './errors.ts';

const DAY_S = 86_400;
const OLD_DAYS = 35;
/** A list of new errors is only as whole as the last scrub is young. */
const OLD_WITH_NEW_ERRORS_DAYS = 7;

export interface ScrubLook {
  readonly statuses: Statuses;
  readonly clock: Seen<number>;
  readonly hasNewErrors: boolean;
}

export function scrubs(pool: PoolStatus, { statuses, clock, hasNewErrors }: ScrubLook): Part {
  const { name, scan } = pool;
  if (!isWorking(pool)) return NOTHING;
  const well = (says: string): Part => ({ evidence: [ok(says, statuses)], findings: [] });
  const limitDays = hasNewErrors ? OLD_WITH_NEW_ERRORS_DAYS : OLD_DAYS;
  switch (scan.is) {
    case 'running':
      return well(runningSays(name, scan));
    case 'paused':
      return paused(name, scan, statuses);
    case 'none':
      return due(name, 'never had a scrub', [statuses]);
    case 'canceled':
      return due(name, `had its last ${scan.what} ended before it was through, on ${dayOf(scan.at)}`, [statuses]);
    case 'finished': {
      if (scan.what === 'resilver')
        return due(name, `was rebuilt on ${dayOf(scan.at)}, and ZFS keeps no older date: when it was scrubbed is not known`, [
          statuses,
        ]);
      if (!clock.known) return NOTHING;
      const days = Math.max(0, Math.floor((clock.value - scan.at) / DAY_S));
      const says = `was scrubbed last on ${dayOf(scan.at)}, ${plural(days, 'day')} ago, with ${plural(scan.errors, 'error')}`;
      if (days <= limitDays) return { evidence: [ok(`Pool ${name} ${says}`, statuses, clock)], findings: [] };
      const why = hasNewErrors ? ', and there are new errors' : '';
      return due(name, `${says}${why}`, [statuses, clock]);
    }
  }
}

function runningSays(name: string, { what, percent, figures, toGo, since }: Extract<Scan, { is: 'running' }>): string {
  const rest = toGo === undefined ? 'no estimate of its end' : `${toGo} to go`;
  return `A ${what} of pool ${name} runs since ${dayOf(since)}: ${percent} % done, ${rest} (${figures}); reading is slower meanwhile`;
}

function paused(name: string, { since, percent }: Extract<Scan, { is: 'paused' }>, statuses: Statuses): Part {
  return oneFinding({
    code: 'scrub-paused',
    subject: name,
    says: `The scrub of pool ${name} is paused since ${dayOf(since)} at ${percent} %`,
    remedy: `Go on with it outside the hours of backups: zpool scrub ${name} takes it up where it was.`,
    doNot: 'Do not stop it with -s: what it has read would have to be read again.',
    seen: [statuses],
  });
}

function due(name: string, says: string, seen: Finding['seen']): Part {
  const finding: Finding<Code> = {
    code: 'scrub-due',
    subject: name,
    says: `Pool ${name} ${says}`,
    remedy: `Scrub it outside the hours of backups: zpool scrub ${name}. Only a scrub finds errors in what nobody reads.`,
    seen,
  };
  return oneFinding(finding);
}

/** Of the NAS's own clock. */
function dayOf(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(0, 16).replace('T', ' ');
}
