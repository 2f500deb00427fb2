import { expect, test } from 'vitest';
import { show } from '../core/command.ts';
import { scriptJob } from './script-job.ts';

const { change, work } = scriptJob({
  namespace: 'dbaas',
  name: 'storagebot-1-1-dump',
  deadlineS: 600,
  risk: 'normal',
  image: 'docker.io/library/postgres:16.4-bullseye',
  script: { name: 'postgres-dump', text: 'pg_dump "$1" > "$2"' },
  args: ["it's; rm -rf /", '/backup/x.sql'],
  environment: { PGHOST: 'pg-cluster-rw.dbaas', PGPASSWORD: { name: 'pg-cluster-superuser', key: 'password' } },
  claims: [
    { claim: 'dbaas-postgresql-backup', at: '/backup', readOnly: false },
    { claim: 'other', at: '/other', readOnly: true },
  ],
  memory: '256Mi',
  user: 999,
});

function podSpec() {
  const [, body = ''] = show(change.command).split(' <<< ');
  return JSON.parse(body.replace(/^'|'$/g, '').replaceAll(`'\\''`, "'")).spec.template.spec;
}

test('a script gets its values as arguments, behind a text that never differs', () => {
  expect(podSpec().containers[0].command).toEqual([
    '/bin/bash',
    '-euo',
    'pipefail',
    '-c',
    'pg_dump "$1" > "$2"',
    'postgres-dump',
    "it's; rm -rf /",
    '/backup/x.sql',
  ]);
});

test('a secret is named in the Job and not written into it', () => {
  expect(podSpec().containers[0].env).toEqual([
    { name: 'PGHOST', value: 'pg-cluster-rw.dbaas' },
    { name: 'PGPASSWORD', valueFrom: { secretKeyRef: { name: 'pg-cluster-superuser', key: 'password' } } },
  ]);
});

test('a claim that is only read is mounted so, and the Job may not speak to the API server', () => {
  const spec = podSpec();
  expect(spec.volumes).toEqual([
    { name: 'dbaas-postgresql-backup', persistentVolumeClaim: { claimName: 'dbaas-postgresql-backup' } },
    { name: 'other', persistentVolumeClaim: { claimName: 'other', readOnly: true } },
  ]);
  expect(spec.containers[0].volumeMounts).toEqual([
    { name: 'dbaas-postgresql-backup', mountPath: '/backup' },
    { name: 'other', mountPath: '/other', readOnly: true },
  ]);
  expect(spec).toMatchObject({ automountServiceAccountToken: false, securityContext: { runAsUser: 999, runAsGroup: 999 } });
});

test('what it wrote last is read from its pod', () => {
  const { lastWords } = work;
  expect(lastWords === undefined ? '' : show(lastWords.command)).toBe(
    'cluster$ kubectl get pods --namespace=dbaas --selector=storagebot/work=storagebot-1-1-dump --output=json',
  );
  const status = { containerStatuses: [{ state: { terminated: { exitCode: 1, message: 'a\nb\nc\n\nd\n' } } }] };
  const printed = (items: readonly unknown[]) => ({ exitCode: 0, stdout: JSON.stringify({ items }), stderr: '' });
  expect(lastWords?.parse(printed([{ status }]))).toBe('b / c / d');
  expect(lastWords?.parse(printed([]))).toBe('');
});
