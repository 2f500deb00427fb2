import { describe, expect, test } from 'vitest';
import { scriptJob } from '../commands/script-job.ts';
import { kubernetes } from './command.ts';
import { noUndo, previewStep, type Step, verify } from './plan.ts';
import { scriptOf } from './script-of.ts';

const { change, work } = scriptJob({
  namespace: 'dbaas',
  name: 'storagebot-1-1-swap',
  deadlineS: 60,
  risk: 'destructive',
  image: 'docker.io/library/postgres:16.4-bullseye',
  script: { name: 'postgres-swap', text: 'set -u\npsql --command "SELECT 1"\n' },
  args: ['links', "it's"],
  claims: [],
  memory: '64Mi',
});

describe('the script of a Job', () => {
  test('is shown as it was written, with what it is called with', () => {
    expect(scriptOf(change.command)).toEqual({
      call: `postgres-swap links 'it'\\''s'`,
      lines: ['set -u', 'psql --command "SELECT 1"'],
    });
  });

  test('stands in the preview that an approver is bound to, each line marked as one of the script', () => {
    const state = { ...work.state, parse: () => true };
    const step: Step = {
      title: 'Swap',
      because: { code: 'a-cause', subject: 'links', says: 'it is so', remedy: 'this', seen: [] as never },
      before: [verify('It is so', state, (so) => so)],
      change,
      after: verify('It is so', state, (so) => so),
      undo: noUndo('nothing'),
      holds: [{ kind: 'database', name: 'dbaas/pg-cluster/links', how: 'changes' }],
    };
    expect(previewStep(step)).toContain(
      `  script   postgres-swap links 'it'\\''s'\n           | set -u\n           | psql --command "SELECT 1"\n  risk     destructive`,
    );
  });

  test('is nothing that another command has', () => {
    const jobs = { apiVersion: 'batch/v1', plural: 'jobs', namespaced: true };
    expect(scriptOf(kubernetes({ verb: 'list', resource: jobs }))).toBeUndefined();
    const plain = { template: { spec: { containers: [{ command: ['sleep', '-c', '60'] }] } } };
    const job = { verb: 'create', resource: jobs, kind: 'Job', namespace: 'a', name: 'b', labels: {}, spec: plain } as const;
    expect(scriptOf(kubernetes(job))).toBeUndefined();
    expect(scriptOf(kubernetes({ ...job, spec: {} }))).toBeUndefined();
  });
});
