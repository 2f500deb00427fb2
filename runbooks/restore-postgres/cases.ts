import { POSTGRES_RESTORE, POSTGRES_SAFETY_COPY, POSTGRES_SWAP } from '../../src/commands/postgres-scripts.ts';
import { type Script, scriptJob } from '../../src/commands/script-job.ts';
import { type Risk, show } from '../../src/core/command.ts';
import { obstacles } from './cases-of-obstacles.ts';

const DUMP = 'dump_2026_04_03_00_00.sql.gz';
const from = (database: string, file = DUMP) => ({ words: [database, 'from', file] });

interface Expected {
  readonly script: Script;
  readonly args: readonly string[];
  readonly deadlineS: number;
  readonly risk?: Risk;
  readonly writes?: true;
}

/** The line of the Job; all of its pod but what differs is here. */
function job(label: string, { script, args, deadlineS, risk = 'normal', writes }: Expected): string {
  const { change } = scriptJob({
    namespace: 'dbaas',
    name: `storagebot-${label}`,
    deadlineS,
    risk,
    image: 'docker.io/library/postgres:16.4-bullseye',
    script,
    args,
    environment: {
      PGHOST: 'pg-cluster-rw.dbaas',
      PGUSER: 'postgres',
      PGPASSWORD: { name: 'pg-cluster-superuser', key: 'password' },
    },
    claims: [{ claim: 'dbaas-postgresql-backup', at: '/backup', readOnly: writes !== true }],
    memory: '256Mi',
  });
  return show(change.command);
}

const safetyCopy = (database: string, deadlineS: number) =>
  job('safety-copy', {
    script: POSTGRES_SAFETY_COPY,
    args: [database, `/backup/pre_restore_${database}_storagebot-copy.sql.gz`],
    deadlineS,
    writes: true,
  });
const restore = (database: string, { file = DUMP, bytes = 11_540_112, deadlineS = 716 } = {}) =>
  job('restore', {
    script: POSTGRES_RESTORE,
    args: [
      `/backup/${file}`,
      `${bytes}`,
      database,
      `${database}_storagebot-restore`,
      database,
      `storagebot: ${database} of ${file}, ${bytes} bytes, oid `,
    ],
    deadlineS,
  });
const RESTORE = [safetyCopy('linkwarden', 626), restore('linkwarden')];

const MADE = 'linkwarden_storagebot-3f2a9c81d0-1-restore';
const SWAP = job('swap', {
  script: POSTGRES_SWAP,
  args: ['linkwarden', 'linkwarden_storagebot-broken', '16409', MADE, '17001', 'shut'],
  deadlineS: 300,
  risk: 'destructive',
});

const scale = (annotations: string, replicas: number) =>
  `cluster$ kubectl patch deployments.apps/linkwarden --namespace=linkwarden --type=merge '--patch={"metadata":{"annotations":${annotations}},"spec":{"replicas":${replicas}}}' --output=json`;
const STOP = scale('{"storagebot/ran-before":"1","storagebot/stopped-for":"dbaas/pg-cluster/linkwarden"}', 0);
const START = scale('{"storagebot/ran-before":null,"storagebot/stopped-for":null}', 1);

const ill = (finding: string, changes: readonly string[]) =>
  ({ verdict: 'ill', findings: [`${finding} linkwarden`], changes }) as const;
const NOTHING = { verdict: 'well', findings: [], changes: [] } as const;

/** What each recorded situation must lead to. Scenarios are those of the simulated site. */
export const cases = [
  { scenario: 'postgres-restore-offered', ...from('linkwarden'), ...ill('not-restored', RESTORE) },
  { scenario: 'postgres-restore-offered', name: 'postgres-restore-databases', words: [], ...NOTHING },
  { scenario: 'postgres-restore-offered', name: 'postgres-restore-dumps', words: ['linkwarden'], ...NOTHING },
  { scenario: 'postgres-restore-cut', name: 'postgres-restore-dumps-one-cut', words: ['linkwarden'], ...NOTHING },
  { scenario: 'postgres-restore-beside', ...from('linkwarden'), ...ill('restored-beside', [STOP, SWAP]) },
  { scenario: 'postgres-restore-beside-stopped', ...from('linkwarden'), ...ill('restored-beside', [SWAP]) },
  { scenario: 'postgres-restore-swapped', ...from('linkwarden'), ...ill('not-started', [START]) },
  { scenario: 'postgres-restore-given-back', ...from('linkwarden'), ...ill('not-started', [START]) },
  { scenario: 'postgres-restore-done', ...from('linkwarden'), ...NOTHING },
  { scenario: 'postgres-restore-half-made', ...from('linkwarden'), ...ill('not-restored', RESTORE) },
  { scenario: 'postgres-restore-dropped', ...from('linkwarden'), ...ill('not-restored', [restore('linkwarden')]) },
  {
    scenario: 'postgres-restore-older',
    name: 'postgres-restore-older-anyway',
    words: ['linkwarden', 'from', DUMP, 'anyway'],
    ...ill('not-restored', RESTORE),
  },
  {
    scenario: 'postgres-restore-offered',
    name: 'postgres-restore-all',
    ...from('all'),
    verdict: 'ill',
    findings: ['not-restored affine'],
    changes: [safetyCopy('affine', 632), restore('affine')],
  },
  ...obstacles,
] as const;
