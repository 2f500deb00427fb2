import { expect, it } from 'vitest';
import { show } from '../core/command.ts';
import { jobs, schedules, suspendJob } from './cluster-jobs.ts';
import { nfsdThreads } from './nfsd-threads.ts';

const printed = (value: unknown) => ({ exitCode: 0, stdout: JSON.stringify(value), stderr: '' });
const metadata = { name: 'import', namespace: 'immich', uid: 'u-1', labels: {} };

it('a Job that nobody owns, that is over and says nothing of itself, is neither suspended nor active', () => {
  expect(jobs().parse(printed({ items: [{ metadata, spec: {} }] }))).toEqual([
    { name: 'import', namespace: 'immich', uid: 'u-1', owners: [], suspended: false, active: 0 },
  ]);
});

it('a Job is known with all its owners; one that cannot be read makes the list unknown', () => {
  const ownerReferences = [{ apiVersion: 'batch/v1', kind: 'CronJob', name: 'dump', uid: 'u-2', controller: true }];
  const job = { metadata: { ...metadata, ownerReferences }, spec: { suspend: true }, status: { active: 2 } };
  expect(jobs().parse(printed({ items: [job] }))).toMatchObject([
    { owners: [{ kind: 'CronJob', name: 'dump' }], suspended: true, active: 2 },
  ]);
  expect(() => jobs().parse(printed({ items: [job, { metadata: { name: 'x' } }] }))).toThrow(Error);
});

it('a CronJob says when it runs and when it last did', () => {
  const cron = { metadata, spec: { schedule: '0 0 * * *' }, status: { lastScheduleTime: '2026-04-03T00:00:00Z' } };
  expect(schedules().parse(printed({ items: [cron] }))).toMatchObject([
    { schedule: '0 0 * * *', lastAt: 1_775_174_400, suspended: false, startsMore: true, hasSucceeded: false },
  ]);
  const done = { ...cron, status: { lastSuccessfulTime: '2026-04-03T00:04:00Z' } };
  expect(schedules().parse(printed({ items: [done] }))).toMatchObject([{ hasSucceeded: true }]);
  const alone = { ...cron, spec: { schedule: '0 0 * * *', suspend: true, concurrencyPolicy: 'Forbid' } };
  expect(schedules().parse(printed({ items: [alone] }))).toMatchObject([{ suspended: true, startsMore: false }]);
});

it('suspending is a patch of that one field', () => {
  expect(show(suspendJob({ namespace: 'immich', name: 'import' }, true).command)).toBe(
    `cluster$ kubectl patch jobs.batch/import --namespace=immich --type=merge '--patch={"spec":{"suspend":true}}' --output=json`,
  );
});

it('the number of threads is a number and nothing else', () => {
  const { parse } = nfsdThreads({ name: 'nas', sudo: true });
  expect(parse({ exitCode: 0, stdout: '64\n', stderr: '' })).toBe(64);
  for (const stdout of ['', '\n', '64 8\n', '-1\n']) expect(() => parse({ exitCode: 0, stdout, stderr: '' })).toThrow(Error);
});
