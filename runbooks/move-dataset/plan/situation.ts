import type { Flavour } from '../../../src/commands/nas.ts';
import type { DatasetProperties } from '../../../src/commands/zfs-send.ts';
import { propertiesOf } from '../../../src/commands/zfs-send.ts';
import type { Snapshot } from '../../../src/commands/zfs-snapshots.ts';
import { snapshotsOf } from '../../../src/commands/zfs-snapshots.ts';
import { commandLine, show } from '../../../src/core/command.ts';
import type { Finding } from '../../../src/core/finding.ts';
import type { Hold } from '../../../src/core/hold.ts';
import { changes, uses } from '../../../src/core/hold.ts';
import type { Check, Verification } from '../../../src/core/plan.ts';
import { check, within } from '../../../src/core/plan.ts';
import type { Site } from '../../../src/core/site.ts';
import { usesNas, usesPoolOf } from '../../../src/repairs/holds.ts';
import { nobodyUses } from '../../../src/topology/users.ts';
import type { Facts, Place } from '../facts.ts';
import type { Cluster } from '../users.ts';

/** What every step of the move is planned from: all of it was seen. */
export interface Situation {
  readonly site: Site;
  readonly flavour: Flavour;
  readonly facts: Facts;
  readonly place: Place;
  readonly source: DatasetProperties;
  readonly cluster: Cluster;
  readonly because: Finding;
  readonly workName: string;
}

/** What changes on the NAS, and the pools that it goes through. */
export function holdsOf({ site, place }: Situation, changed: 'source' | 'target'): [Hold, ...Hold[]] {
  const [own, other] = changed === 'source' ? [place.source, place.target] : [place.target, place.source];
  return [changes('dataset', own.name), uses('dataset', other.name), usesPoolOf(own.name), usesPoolOf(other.name), usesNas(site)];
}

export function sourceIs(situation: Situation, says: string, holds: (found: DatasetProperties) => boolean): Check {
  return datasetIs(situation, situation.place.source.name, says, holds);
}

export function targetIs(situation: Situation, says: string, holds: (found: DatasetProperties) => boolean): Check {
  return datasetIs(situation, situation.place.target.name, says, holds);
}

function datasetIs({ site }: Situation, name: string, ...[says, holds]: [string, (found: DatasetProperties) => boolean]): Check {
  return check(says, propertiesOf(site.nas.host, name), ({ found }) => found !== undefined && holds(found));
}

export function targetIsAbsent({ site, place }: Situation): Check {
  const { name } = place.target;
  return check(`There is no dataset ${name}`, propertiesOf(site.nas.host, name), ({ found }) => found === undefined);
}

export function hasSnapshot({ site, place }: Situation, short: string, wanted = true): Check {
  const { name } = place.source;
  const says = wanted ? `${name} has the snapshot ${short}` : `There is no snapshot ${name}@${short}`;
  return check(says, snapshotsOf(site.nas.host, name), (all) => all.some((each) => each.short === short) === wanted);
}

export function nobodyLeft({ site, place }: Situation): Check {
  return nobodyUses(place.path, site);
}

/** A received snapshot has the guid of the one that was sent, once all of it has arrived. */
export function hasArrived({ site, place }: Situation, short: string): Verification {
  const { host } = site.nas;
  const [from, to] = [snapshotsOf(host, place.source.name), snapshotsOf(host, place.target.name)];
  const guidOf = (all: readonly Snapshot[]) => all.find((each) => each.short === short)?.guid;
  return {
    says: `${place.target.name} has all of ${place.source.name}@${short}: the snapshot of the same guid`,
    line: `${show(from.command)}; ${commandLine(to.command)}`,
    withinMs: 30_000,
    holds: async (read) => {
      const [own, copied] = await Promise.all([read(from), read(to)]);
      if (!own.known) return { answer: 'unknown', seen: own };
      if (!copied.known) return { answer: 'unknown', seen: copied };
      const guid = guidOf(own.value);
      return { answer: guid !== undefined && guid === guidOf(copied.value) ? 'yes' : 'no', seen: copied };
    },
  };
}

const SLOWEST_BYTES_PER_S = 5_000_000;

/** A slow disk's time for all of it, and an hour. */
export function deadlineFor(bytes: number): number {
  return 3_600 + Math.ceil(bytes / SLOWEST_BYTES_PER_S);
}

export function untilDeadline(deadlineS: number, verification: Verification): Verification {
  return within((deadlineS + 120) * 1_000, verification);
}
