import { z } from 'zod';
import type { Diagnosis } from '../../src/core/finding.ts';
import type { Plan } from '../../src/core/plan.ts';
import { steps, stop } from '../../src/core/plan.ts';
import { defineRunbook } from '../../src/core/runbook.ts';
import { cloneStep } from '../../src/repairs/clone-snapshot.ts';
import { nobodyUses } from '../../src/topology/users.ts';
import { looksOf } from '../../src/topology/zfs-look.ts';
import type { Code } from './codes.ts';
import { CODES } from './codes.ts';
import { diagnose } from './diagnose.ts';
import type { Facts } from './facts.ts';
import { gather } from './facts.ts';
import { parentOf } from './parent.ts';

const Dataset = z
  .string('is missing')
  .max(120, 'is longer than the name of a clone may be')
  .regex(/^(\/[\w.:-]+)+$|^[A-Za-z][\w.:-]*(\/[\w.:-]+)*$/, 'is neither a dataset (main/immich) nor a path (/mnt/main/immich)');

const Snapshot = z
  .string()
  .max(200, "is longer than any snapshot's name")
  .regex(/^[\w.:][\w.:-]*$/, 'is no name of a snapshot: "latest", or what follows the "@"');

export default defineRunbook({
  id: 'clone-snapshot',
  words: ['clone'],
  usage: '<dataset> <snapshot or latest>',
  title: 'Make a read-only clone of a ZFS snapshot, to look into and copy from',
  codes: CODES,
  changes: true,
  params: z.strictObject({ dataset: Dataset, snapshot: Snapshot.optional() }),
  fromWords: ([dataset, ...rest]) => ({ dataset, ...(rest.length > 0 && { snapshot: rest.join(' ') }) }),
  gather,
  diagnose,
  plan,
});

function plan({ findings }: Diagnosis<Code>, { site, zfs, look, snapshot }: Facts, workName: string): Plan {
  const obstacle = findings.find(({ code }) => code !== 'not-cloned');
  const because = findings.find(({ code }) => code === 'not-cloned');
  if (obstacle !== undefined) return stop(obstacle.remedy);
  const { flavour, stored } = zfs;
  if (looksOf(zfs, [look]).some(({ known }) => !known) || flavour === undefined || stored?.known !== true) return stop(BLIND);
  if (look.place === undefined || snapshot === undefined) return stop(BLIND);
  if (because === undefined) return stop('The clone is there: nothing to do.');
  const { dataset } = look.place;
  const above = parentOf(stored.value, dataset);
  if (above === undefined) return stop(BLIND);
  return steps(
    cloneStep({ site, flavour, dataset, snapshot, above, because, workName, unused: (path) => nobodyUses(path, site) }),
  );
}

const BLIND = 'Not everything that a clone depends on could be seen: no plan is made from what is not known.';
