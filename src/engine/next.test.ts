import { expect, test } from 'vitest';
import type { StepStatus } from '../core/run.ts';
import type { Journal, JournalRound } from '../store/store.ts';
import { next } from './next.ts';

function roundOf(
  number: number,
  statuses: readonly StepStatus[],
  more: { offers?: boolean; expiresAt?: number | null } = {},
): JournalRound {
  const { offers = true, expiresAt = 1 } = more;
  const step = {
    run: 'r',
    round: number,
    digest: 'd',
    preview: 'p',
    risk: 'normal',
    expiresAt,
    detail: null,
    output: null,
    startedAt: null,
    endedAt: null,
    wordToType: 'x',
    warnedAt: null,
    progress: null,
  } as const;
  return {
    run: 'r',
    number,
    offers,
    lookedMs: 1,
    at: 1,
    holds: [],
    steps: statuses.map((status, index) => ({ ...step, index, status, decisions: [] })),
  };
}

function journal(...rounds: JournalRound[]): Journal {
  const people = { requester: { id: 'U', name: 'operator' }, origin: { kind: 'cli' } } as const;
  const run = { id: 'r', runbook: 'x', ...people, buildVersion: '1', status: 'looking', problem: null } as const;
  const rest = {
    arguments: [],
    startedAt: 0,
    finishedAt: null,
    revision: 1,
    reported: 0,
    follows: null,
    auditHead: null,
    droppedAt: null,
  };
  return { run: { ...run, ...rest, cancelled: null, withdrawn: null }, rounds };
}

const cases: [string, JournalRound[], unknown][] = [
  ['that is new looks', [], { do: 'look', number: 1, offers: true }],
  ['that planned nothing ends', [roundOf(1, [])], { do: 'finish' }],
  ['offers a step that is not on offer', [roundOf(1, ['waiting'], { expiresAt: null })], { do: 'offer', step: { index: 0 } }],
  ['waits for a step on offer', [roundOf(1, ['done', 'waiting'])], { do: 'wait', step: { index: 1 } }],
  ['applies an approved step', [roundOf(1, ['approved', 'waiting'])], { do: 'apply', step: { index: 0 } }],
  ['probes a step that had started', [roundOf(1, ['done', 'started'])], { do: 'probe', step: { index: 1 } }],
  ['looks again after its last step is done', [roundOf(1, ['done', 'done'])], { do: 'look', number: 2, offers: true }],
  ['looks again after the third round, offering nothing', [roundOf(3, ['done'])], { do: 'look', number: 4, offers: false }],
  ['ends after a look that offers nothing', [roundOf(3, ['done']), roundOf(4, [], { offers: false })], { do: 'finish' }],
  ['looks a last time after a failed step', [roundOf(1, ['failed', 'waiting'])], { do: 'look', number: 2, offers: false }],
  ['looks a last time after an unknown step', [roundOf(1, ['unknown'])], { do: 'look', number: 2, offers: false }],
  ['looks a last time after a refused step', [roundOf(1, ['refused'])], { do: 'look', number: 2, offers: false }],
  ['ends at once when nothing was changed before a denial', [roundOf(1, ['denied', 'waiting'])], { do: 'finish' }],
  [
    'looks a last time when something was changed before a denial',
    [roundOf(1, ['done', 'denied'])],
    { do: 'look', number: 2, offers: false },
  ],
  ['ends at once when an offer expires', [roundOf(1, ['expired'])], { do: 'finish' }],
  ['ends at once when its offer is withdrawn', [roundOf(1, ['withdrawn'])], { do: 'finish' }],
];

const cancelled = { actor: { id: 'U', name: 'operator' }, reason: 'not now', at: 1 };

const cancelledCases: [string, JournalRound[], unknown][] = [
  ['ends before its first look', [], { do: 'finish' }],
  ['ends at once when nothing was changed', [roundOf(1, ['cancelled', 'waiting'])], { do: 'finish' }],
  ['looks a last time when something was changed', [roundOf(1, ['done', 'cancelled'])], { do: 'look', number: 2, offers: false }],
  ['offers nothing more, also when a step is done', [roundOf(1, ['done', 'waiting'])], { do: 'look', number: 2, offers: false }],
  ['still brings a change that had started to its end', [roundOf(1, ['started'])], { do: 'probe' }],
  ['is not applied where it was approved', [roundOf(1, ['approved'])], { do: 'finish' }],
];

test.each(cancelledCases)('a cancelled or withdrawn run %s', (_name, rounds, wanted) => {
  const { run } = journal();
  expect(next({ run: { ...run, cancelled }, rounds })).toMatchObject(Object(wanted));
  expect(next({ run: { ...run, withdrawn: 'The alert is resolved.' }, rounds })).toMatchObject(Object(wanted));
});

test.each(cases)('a run %s', (_name, rounds, wanted) => {
  expect(next(journal(...rounds))).toMatchObject(Object(wanted));
});
