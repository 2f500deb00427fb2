import { describe, expect, test } from 'vitest';
import { show } from '../core/command.ts';
import type { Output } from '../core/output.ts';
import { understand } from '../core/reading.ts';
import { jobWork } from './work-job.ts';

const NAME = 'storagebot-3f2a9c81d0-1-fsck';
const labels = { 'app.kubernetes.io/managed-by': 'storagebot', 'storagebot/work': NAME };
const { change, work } = jobWork({
  namespace: 'immich',
  name: NAME,
  pod: { containers: [{ name: 'fsck', image: 'example.net/fsck:1', command: ['fsck', '-n', '/dev/sda'] }] },
  deadlineS: 3_600,
  risk: 'high',
});

interface Metadata {
  readonly name?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly deletionTimestamp?: string;
}

function job(status: object | undefined, metadata: Metadata = {}, spec: object = {}): Output {
  const object = {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: NAME, namespace: 'immich', labels: { ...labels, 'batch.kubernetes.io/job-name': NAME }, ...metadata },
    spec: { parallelism: 1, completions: 1, backoffLimit: 0, suspend: false, ...spec },
    ...(status === undefined ? {} : { status }),
  };
  return { exitCode: 0, stdout: `${JSON.stringify(object)}\n`, stderr: '' };
}

const refused = (stderr: string): Output => ({ exitCode: 1, stdout: '', stderr });
const condition = (type: string, more: object = {}) => ({ type, status: 'True', ...more });
const startTime = '2026-11-22T16:15:47Z';

describe('the state of a Job', () => {
  test.each<[string, Output, object]>([
    ['is absent', refused(`Error from server (NotFound): jobs.batch "${NAME}" not found\n`), { is: 'absent' }],
    ['is new', job(undefined), { is: 'running', progress: 'not taken up yet, without a pod' }],
    ['has an empty status', job({}), { is: 'running', progress: 'not taken up yet, without a pod' }],
    [
      'has a pod that is not ready',
      job({ startTime, active: 1, ready: 0 }),
      { is: 'running', progress: `running since ${startTime}, its pod is not ready` },
    ],
    ['runs', job({ startTime, active: 1, ready: 1 }), { is: 'running', progress: `running since ${startTime}` }],
    [
      'is suspended',
      job({ conditions: [condition('Suspended')] }, {}, { suspend: true }),
      { is: 'running', progress: 'is suspended' },
    ],
    [
      'has met its goal and not ended',
      job({ startTime, conditions: [condition('SuccessCriteriaMet')] }),
      { is: 'running', progress: `running since ${startTime}, without a pod` },
    ],
    ['is complete', job({ startTime, succeeded: 1, conditions: [condition('Complete')] }), { is: 'succeeded' }],
    [
      'was complete once, says a condition that is no longer true',
      job({ startTime, active: 1, ready: 1, conditions: [{ type: 'Complete', status: 'False' }] }),
      { is: 'running', progress: `running since ${startTime}` },
    ],
    [
      'is about to fail',
      job({
        startTime,
        conditions: [condition('FailureTarget', { reason: 'DeadlineExceeded', message: 'Job was active longer' })],
      }),
      { is: 'running', progress: 'is being ended: DeadlineExceeded: Job was active longer' },
    ],
    [
      'failed',
      job({ conditions: [condition('Failed', { reason: 'BackoffLimitExceeded', message: 'Job has reached its limit' })] }),
      { is: 'failed', says: 'BackoffLimitExceeded: Job has reached its limit' },
    ],
    [
      'failed without a reason',
      job({ conditions: [condition('Failed')] }),
      { is: 'failed', says: 'Kubernetes gives no reason.' },
    ],
    [
      'failed with a reason that would forge a line',
      job({ conditions: [condition('Failed', { reason: 'X', message: 'a\n\u001b[2Kb' })] }),
      { is: 'failed', says: 'X: a\uFFFD\uFFFD[2Kb' },
    ],
    [
      'is being deleted',
      job({ startTime, active: 1 }, { deletionTimestamp: startTime }),
      { is: 'running', progress: 'is being stopped' },
    ],
    [
      'was complete before it was deleted',
      job({ conditions: [condition('Complete')] }, { deletionTimestamp: startTime }),
      { is: 'succeeded' },
    ],
  ])('%s', (_name, output, state) => {
    expect(understand(work.state, output)).toMatchObject({ known: true, value: state });
  });
});

describe('an answer that is not about this Job is "could not look"', () => {
  test.each<[string, Output]>([
    ['another that is not there', refused('Error from server (NotFound): jobs.batch "other" not found\n')],
    ['an API without Jobs', refused('Error from server (NotFound): the server could not find the requested resource\n')],
    ['a conflict', refused('Error from server (Conflict): x\n')],
    ['a Job of that name that somebody else made', job({ conditions: [condition('Complete')] }, { labels: {} })],
    ['another Job', job({}, { name: 'storagebot-other' })],
    ['another kind', { exitCode: 0, stdout: '{"kind":"Pod","metadata":{"name":"x"},"spec":{}}', stderr: '' }],
    ['a condition of no known form', job({ conditions: [{ type: 'Complete', status: true }] })],
    ['half a document', { exitCode: 0, stdout: '{"kind":"Job"', stderr: '' }],
  ])('%s', (_name, output) => {
    expect(understand(work.state, output)).toMatchObject({ known: false, why: { failed: 'unreadable' } });
  });
});

test('a Job is tried once, kept after its end, ended after its time and labelled as the bot’s', () => {
  const body = {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: NAME, namespace: 'immich', labels },
    spec: {
      backoffLimit: 0,
      completions: 1,
      parallelism: 1,
      activeDeadlineSeconds: 3_600,
      podReplacementPolicy: 'Failed',
      template: {
        metadata: { labels },
        spec: {
          containers: [{ name: 'fsck', image: 'example.net/fsck:1', command: ['fsck', '-n', '/dev/sda'] }],
          restartPolicy: 'Never',
        },
      },
    },
  };
  const path = '/apis/batch/v1/namespaces/immich/jobs';
  expect(show(change.command)).toBe(`cluster$ kubectl create --raw=${path} --filename=- <<< '${JSON.stringify(body)}'`);
  expect(change.risk).toBe('high');
});

test('a Job is watched and stopped by its name', () => {
  expect(work.name).toBe(`immich/${NAME}`);
  expect(show(work.state.command)).toBe(`cluster$ kubectl get jobs.batch/${NAME} --namespace=immich --output=json`);
  expect(show(work.stop.command)).toBe(
    `cluster$ kubectl delete --raw=/apis/batch/v1/namespaces/immich/jobs/${NAME} --filename=- <<< '{"apiVersion":"v1","kind":"DeleteOptions","propagationPolicy":"Foreground"}'`,
  );
});
