import { z } from 'zod';
import type { Diagnosis } from '../../src/core/finding.ts';
import type { Plan, Step } from '../../src/core/plan.ts';
import { steps, stop } from '../../src/core/plan.ts';
import { defineRunbook } from '../../src/core/runbook.ts';
import { snapshotStep } from '../../src/repairs/take-snapshot.ts';
import type { Place, ZfsLook } from '../../src/topology/zfs-look.ts';
import { looksOf } from '../../src/topology/zfs-look.ts';
import type { Code } from './codes.ts';
import { CODES } from './codes.ts';
import { diagnose } from './diagnose.ts';
import type { Facts } from './facts.ts';
import { gather } from './facts.ts';

/** A dataset, a path or a service's name. */
const Target = z
  .string('is missing')
  .max(200, 'is longer than any name or path here')
  .regex(
    /^\/?[A-Za-z0-9][\w.:-]*(\/[\w.:][\w.:-]*)*$/,
    'is no name of a dataset or service and no path: letters, figures, ".", "_", ":", "-" and "/" only',
  );

export default defineRunbook({
  id: 'snapshot-dataset',
  words: ['snapshot'],
  usage: '<dataset, path or service>',
  title: 'Keep what is there now in a ZFS snapshot',
  codes: CODES,
  changes: true,
  params: z.strictObject({ target: Target }),
  fromWords: ([target, ...more]) => (more.length === 0 ? { target } : { target: [target, ...more].join(' ') }),
  gather,
  diagnose,
  plan,
});

function plan({ findings }: Diagnosis<Code>, facts: Facts, workName: string): Plan {
  const obstacle = findings.find(({ code }) => code !== 'unprotected');
  if (obstacle !== undefined) return stop(`First: ${obstacle.remedy}`);
  const { zfs, places } = facts;
  if (zfs.flavour === undefined || places.length === 0 || looksOf(zfs, places).some(({ known }) => !known)) return stop(BLIND);
  const [first, ...more] = findings.flatMap((because): Step[] => {
    const look = places.find(({ place }) => place?.dataset.name === because.subject);
    if (look?.place === undefined || zfs.flavour === undefined) return [];
    const situation = { site: facts.site, flavour: zfs.flavour, dataset: look.place.dataset, because, workName };
    return [snapshotStep({ ...situation, ...extentOf(look.place, zfs) })];
  });
  return first === undefined ? stop(KEPT) : steps(first, ...more);
}

const KEPT = 'A snapshot has all that was written: nothing to do.';
const BLIND = 'Not everything that a snapshot depends on could be seen: no plan is made from what is not known.';

function extentOf({ dataset: { name }, isWhole }: Place, { stored }: ZfsLook): { readonly extent?: string } {
  if (!isWhole)
    return {
      extent: `It is a directory of ${name}: the snapshot keeps all directories of that dataset, those of other services too, and no dataset below it.`,
    };
  const below = stored?.known ? stored.value.filter((each) => each.name.startsWith(`${name}/`)).map((each) => each.name) : [];
  return below.length === 0 ? {} : { extent: `Datasets below it are not in the snapshot: ${below.join(', ')}.` };
}
