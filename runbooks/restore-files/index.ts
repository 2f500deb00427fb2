import { z } from 'zod';
import type { Diagnosis } from '../../src/core/finding.ts';
import type { Plan } from '../../src/core/plan.ts';
import { steps, stop } from '../../src/core/plan.ts';
import { isPrintable } from '../../src/core/quote.ts';
import { defineRunbook } from '../../src/core/runbook.ts';
import { copyStep } from '../../src/repairs/copy-tree.ts';
import { looksOf } from '../../src/topology/zfs-look.ts';
import type { Code } from './codes.ts';
import { CODES } from './codes.ts';
import { diagnose } from './diagnose.ts';
import type { Facts } from './facts.ts';
import { gather } from './facts.ts';

const Target = z
  .string('is missing')
  .max(200, 'is longer than any name or path here')
  .regex(/^(\/[\w.:-]+)+$|^[A-Za-z][\w.:-]*(\/[\w.:-]+)*$/, 'is neither a dataset (main/immich) nor a path (/mnt/main/immich)');

const Snapshot = z
  .string()
  .max(200, "is longer than any snapshot's name")
  .regex(/^[\w.:][\w.:-]*$/, 'is no name of a snapshot: "latest", or what follows the "@"');

/** What a file may be called, as long as the path stays below its target. */
const Below = z
  .string()
  .min(1, 'is missing: which file or directory below it?')
  .max(1_000, 'is longer than a path may be')
  .refine(
    (path) => path.split('/').every((part) => part !== '' && part !== '.' && part !== '..'),
    'must stay below its dataset, without "..", "." and empty parts',
  )
  .refine(isPrintable, 'has characters that cannot be shown')
  .refine((path) => !path.split('/').includes('.zfs'), 'must not lead into .zfs: the snapshot is named before it');

export default defineRunbook({
  id: 'restore-files',
  words: ['restore', 'files'],
  usage: '<dataset or path> <snapshot or latest> <file or directory below it>',
  title: 'Copy files out of a ZFS snapshot, beside what is there now',
  codes: CODES,
  changes: true,
  params: z.strictObject({ target: Target, snapshot: Snapshot.optional(), below: Below.optional() }),
  fromWords: ([target, snapshot, ...below]) => ({ target, ...(snapshot !== undefined && { snapshot, below: below.join(' ') }) }),
  gather,
  diagnose,
  plan,
});

function plan({ findings }: Diagnosis<Code>, facts: Facts, workName: string): Plan {
  const obstacle = findings.find(({ code }) => code !== 'not-restored');
  const because = findings.find(({ code }) => code === 'not-restored');
  if (obstacle !== undefined) return stop(obstacle.remedy);
  const { site, zfs, look, snapshot, paths, entries, kept, now, copy, statuses } = facts;
  const looks = [...looksOf(zfs, [look]), entries, kept, statuses, ...(now === undefined ? [] : [now])];
  if (looks.some((each) => each?.known !== true)) return stop(BLIND);
  if (because === undefined) return stop(copy?.known === true ? DONE : BLIND);
  const { flavour } = zfs;
  if (flavour === undefined || look.place === undefined || snapshot === undefined || paths === undefined || kept?.known !== true)
    return stop(BLIND);
  const { dataset } = look.place;
  const warnings = warningsOf(facts);
  return steps(
    copyStep({
      site,
      flavour,
      dataset,
      snapshot,
      tree: kept.value,
      from: paths.kept,
      to: paths.copy,
      ways: paths.waysNow,
      because,
      workName,
      warnings,
    }),
  );
}

const DONE = 'The copy is there and has all that the snapshot has: nothing to do.';
const BLIND = 'Not everything that the copy depends on could be seen: no plan is made from what is not known.';

function warningsOf({ zfs, paths, now }: Facts): readonly string[] {
  const all = zfs.stored?.known ? zfs.stored.value : [];
  const below = all.filter(({ mountPoint }) => mountPoint.startsWith(`${paths?.now}/`)).map(({ name }) => name);
  return [
    `What is at ${paths?.now} now is not touched${now === undefined ? ': nothing is there' : ''}. A person compares, and moves back what is missing.`,
    ...(below.length === 0 ? [] : [`Datasets of their own below it are not in this snapshot: ${below.join(', ')}.`]),
    ...(zfs.flavour === 'core'
      ? ['Files that are one under several names (hard links) become several, and extended attributes stay behind.']
      : []),
  ];
}
