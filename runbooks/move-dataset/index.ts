import { z } from 'zod';
import { defineRunbook } from '../../src/core/runbook.ts';
import { CODES } from './codes.ts';
import { diagnose } from './diagnose.ts';
import type { Facts } from './facts.ts';
import { gather } from './gather.ts';
import { plan } from './plan/index.ts';
import { clusterOf, nameOf, usersOn } from './users.ts';

const DatasetName = z
  .string('is missing')
  .max(150, 'is longer than the bot takes')
  .regex(/^[A-Za-z][\w.:-]*(\/[\w.:][\w.:-]*)*$/, 'is no name of a dataset, as main/immich is');

/** Volumes in Kubernetes are named after it. */
const PoolName = z.string('is missing').regex(/^[a-z][a-z0-9-]{0,30}$/, 'is no name of a pool, as ssd is: a-z, 0-9 and "-" only');

export default defineRunbook({
  id: 'move-dataset',
  words: ['move', 'dataset'],
  usage: '<dataset> <pool>',
  title: 'Move a dataset to another pool',
  codes: CODES,
  changes: true,
  params: z.strictObject({ dataset: DatasetName, pool: PoolName }),
  fromWords: ([dataset, pool, ...more]) => ({ dataset, pool: more.length === 0 ? pool : [pool, ...more].join(' ') }),
  gather,
  diagnose,
  plan,
  changed,
});

/** Who worked where, before and after. */
function changed(before: Facts, after: Facts): readonly string[] {
  const [then, now] = [placesOf(before), placesOf(after)];
  const moved = now.filter((line) => !then.includes(line)).map((line) => `+ ${line}`);
  return [...then.filter((line) => !now.includes(line)).map((line) => `- ${line}`), ...moved];
}

function placesOf({ cluster, place }: Facts): readonly string[] {
  const seen = clusterOf(cluster);
  if (seen === undefined || place === undefined) return [];
  return [place.path, place.newPath].flatMap((path) =>
    path.startsWith('/') ? usersOn(path, seen).map((user) => `${nameOf(user)} (${user.runs}) on ${path}`) : [],
  );
}
