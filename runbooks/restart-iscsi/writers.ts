import { volumeAttachments } from '../../src/commands/block-attachments.ts';
import { persistentVolumeClaims } from '../../src/commands/cluster.ts';
import type { User, UserState } from '../../src/commands/workload-volumes.ts';
import { setUser } from '../../src/commands/workload-volumes.ts';
import { commandLine } from '../../src/core/command.ts';
import type { Finding } from '../../src/core/finding.ts';
import type { Hold } from '../../src/core/hold.ts';
import { changes, uses } from '../../src/core/hold.ts';
import type { Check, Step } from '../../src/core/plan.ts';
import { check } from '../../src/core/plan.ts';
import type { Claim } from '../../src/topology/claim-users.ts';
import { nameOf, noPodLeft, podsReady, runsNow, userRuns } from '../../src/topology/stopped-users.ts';

const STOPS_WITHIN_MS = 240_000;
const STARTS_WITHIN_MS = 300_000;

export interface Stop {
  readonly because: Finding;
  readonly user: User;
  readonly iqn: string;
  readonly warnings: readonly string[];
  /** A claim that somebody deleted goes with the last pod that uses it. */
  readonly claims: readonly Claim[];
  /** Volumes that must be attached nowhere once it is stopped. */
  readonly released: readonly string[];
  /** What must be so before it may run again, when this is taken back. */
  readonly backOnlyIf: readonly Check[];
}

/** Scaled to nothing, or suspended; how it ran before is noted at the workload itself, where a later run finds it. */
export function stopWriter({ because, user, iqn, warnings, claims, released, backOnlyIf }: Stop): Step {
  // A note at what runs is of an earlier stop: somebody has started it since, perhaps otherwise.
  const [running, stopped] = [runsNow(user), { runs: 0, ranBefore: user.runs }];
  return {
    title: `Stop ${nameOf(user)}`,
    because,
    before: [userRuns(user, running), ...claims.map(stays)],
    change: setUser(user, stopped),
    after: { ...andReleased(noPodLeft(user, stopped), released), withinMs: STOPS_WITHIN_MS },
    undo: {
      change: setUser(user, running),
      before: [userRuns(user, stopped), ...backOnlyIf],
      after: { ...podsReady(user, running), withinMs: STARTS_WITHIN_MS },
    },
    holds: holdsOf(user, iqn),
    warnings,
  };
}

function stays({ namespace, name }: Claim): Check {
  return check(`Nobody has deleted the claim ${namespace}/${name}`, persistentVolumeClaims(), (all) =>
    all.some((claim) => claim.namespace === namespace && claim.name === name && !claim.isGoing),
  );
}

export interface Start {
  readonly because: Finding;
  readonly user: User;
  readonly iqn: string;
  /** Beside that it is stopped still. */
  readonly before: readonly Check[];
  /** What must still be so, beside that it runs, when this is taken back. */
  readonly backOnlyIf: readonly Check[];
}

/** Runs as the note says that it ran. */
export function startWriter({ because, user, iqn, before, backOnlyIf }: Start): Step {
  const stopped = runsNow(user);
  const running: UserState = { runs: user.ranBefore ?? user.runs };
  return {
    title: `Let ${nameOf(user)} run ${running.runs} again`,
    because,
    before: [userRuns(user, stopped), ...before],
    change: setUser(user, running),
    after: { ...podsReady(user, running), withinMs: STARTS_WITHIN_MS },
    undo: {
      change: setUser(user, stopped),
      before: [userRuns(user, running), ...backOnlyIf],
      after: { ...noPodLeft(user, stopped), withinMs: STOPS_WITHIN_MS },
    },
    holds: holdsOf(user, iqn),
  };
}

function holdsOf({ namespace, name }: User, iqn: string): readonly [Hold, ...Hold[]] {
  return [changes('workload', `${namespace}/${name}`), uses('target', iqn)];
}

/** The attachment goes when the driver has unstaged the volume: until then it may still unmount, or log out by itself. */
function andReleased(gone: Check, volumes: readonly string[]): Check {
  if (volumes.length === 0) return gone;
  const attachments = volumeAttachments();
  return {
    says: `${gone.says}; ${volumes.join(', ')} ${volumes.length === 1 ? 'is' : 'are'} attached nowhere`,
    line: `${gone.line}; ${commandLine(attachments.command)}`,
    holds: async (read) => {
      const first = await gone.holds(read);
      if (first.answer !== 'yes') return first;
      const seen = await read(attachments);
      if (!seen.known) return { answer: 'unknown', seen };
      const isFree = seen.value.every(
        ({ persistentVolume }) => persistentVolume === undefined || !volumes.includes(persistentVolume),
      );
      return { answer: isFree ? 'yes' : 'no', seen };
    },
  };
}
