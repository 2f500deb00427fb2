import { LOAD_BESIDE, SAFETY_DUMP, SWAP } from '../../src/commands/mysql-scripts.ts';
import type { Script, ScriptJob } from '../../src/commands/script-job.ts';
import { scriptJob } from '../../src/commands/script-job.ts';
import { show } from '../../src/core/command.ts';

// The lines of Jobs, whose scripts are too long to be written out in each case.

const FROM = ['mysql.dbaas', 'root', 'codimd'] as const;
const BACKUPS = { claim: 'dbaas-mysql-backup', at: '/backup' } as const;

function job(label: string, script: Script, own: Pick<ScriptJob, 'args' | 'deadlineS' | 'risk' | 'claims'>): string {
  const about = { namespace: 'dbaas', image: 'docker.io/library/mysql:8.4.4', memory: '256Mi' };
  const environment = { MYSQL_PWD: { name: 'cluster-secret', key: 'ROOT_PASSWORD' } };
  return show(scriptJob({ ...about, ...own, name: `storagebot-${label}`, script, environment }).change.command);
}

export const SAFETY_LINE = job('safety-copy', SAFETY_DUMP, {
  args: [...FROM, '/backup/pre_restore_codimd_storagebot-copy.sql.gz'],
  deadlineS: 607,
  risk: 'normal',
  claims: [{ ...BACKUPS, readOnly: false }],
});

export const LOAD_LINE = job('load', LOAD_BESIDE, {
  args: [...FROM, '/backup/dump_2026_04_03_00_30.sql.gz', 'codimd_storagebot-restore'],
  deadlineS: 677,
  risk: 'normal',
  claims: [{ ...BACKUPS, readOnly: true }],
});

export const SWAP_LINE = job('swap', SWAP, {
  args: [...FROM, 'codimd_storagebot-3f2a9c81d0-1-restore', 'codimd_storagebot-3f2a9c81d0-1-before'],
  deadlineS: 180,
  risk: 'destructive',
  claims: [],
});

export const STOP_LINE =
  'cluster$ kubectl patch deployments.apps/hackmd --namespace=hackmd --type=merge \'--patch={"metadata":{"annotations":{"storagebot/ran-before":"1","storagebot/stopped-for":"dbaas/mysql-cluster/codimd"}},"spec":{"replicas":0}}\' --output=json';

export const START_LINE =
  'cluster$ kubectl patch deployments.apps/hackmd --namespace=hackmd --type=merge \'--patch={"metadata":{"annotations":{"storagebot/ran-before":null,"storagebot/stopped-for":null}},"spec":{"replicas":1}}\' --output=json';
