import { z } from 'zod';
import type { Diagnosis } from '../../src/core/finding.ts';
import type { Plan } from '../../src/core/plan.ts';
import { steps, stop } from '../../src/core/plan.ts';
import { defineRunbook } from '../../src/core/runbook.ts';
import { rollbackStep } from '../../src/repairs/roll-back.ts';
import { nobodyStarts, nobodyUses } from '../../src/topology/users.ts';
import type { Code } from './codes.ts';
import { CODES } from './codes.ts';
import { allLooks, diagnose } from './diagnose.ts';
import type { Facts } from './facts.ts';
import { gather } from './facts.ts';

/** Refused before anything is looked at: nobody may even be offered a rollback of every service at once. */
const Dataset = z
  .string('is missing: main/immich@auto-2026-04-03_00-00')
  .max(200, 'is longer than any name here')
  .regex(/^[A-Za-z][\w.:-]*(\/[\w.:][\w.:-]*)*$/, 'is no name of a dataset, as in main/immich@auto-2026-04-03_00-00')
  .refine(
    (name) => name.includes('/'),
    "is a pool's own dataset: a rollback of it takes every service on it back. This bot never does that.",
  );

const Snapshot = z
  .string('is missing: main/immich@auto-2026-04-03_00-00')
  .max(200, 'is longer than any name here')
  .regex(/^[\w.:][\w.:-]*$/, 'is no name of a snapshot, as in main/immich@auto-2026-04-03_00-00');

export default defineRunbook({
  id: 'rollback-dataset',
  words: ['rollback'],
  usage: '<dataset>@<snapshot>',
  title: 'Take a dataset back to its newest snapshot',
  codes: CODES,
  changes: true,
  params: z.strictObject({ dataset: Dataset, snapshot: Snapshot }),
  fromWords: (words) => {
    const [dataset, ...short] = words.join(' ').split('@');
    return { dataset, snapshot: short.length === 0 ? undefined : short.join('@') };
  },
  gather,
  diagnose,
  plan,
});

function plan({ findings }: Diagnosis<Code>, facts: Facts, workName: string): Plan {
  const obstacle = findings.find(({ code }) => code !== 'changed-since');
  const because = findings.find(({ code }) => code === 'changed-since');
  if (obstacle !== undefined) return stop(obstacle.remedy);
  const { site, zfs, look, snapshot, changed } = facts;
  if (allLooks(facts).some(({ known }) => !known)) return stop(BLIND);
  if (zfs.flavour === undefined || look.place?.path === undefined || snapshot === undefined || !changed?.known)
    return stop(BLIND);
  if (because === undefined) return stop('It is as the snapshot has it: nothing to do.');
  const { dataset } = look.place;
  const unused = [nobodyUses(look.place.path, site), ...nobodyStarts(look.place.path)];
  return steps(
    rollbackStep({ site, flavour: zfs.flavour, dataset, snapshot, changed: changed.value, because, workName, unused }),
  );
}

const BLIND = 'Not everything that a rollback depends on could be seen: no plan is made from what is not known.';
