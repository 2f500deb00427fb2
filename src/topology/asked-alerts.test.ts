import { describe, expect, test } from 'vitest';
import silence from '../../runbooks/silence/index.ts';
import unsilence from '../../runbooks/unsilence/index.ts';
import { askerName } from './asked-alerts.ts';

function read(text: string, runbook = silence) {
  return runbook.params.safeParse(runbook.fromWords(text.split(' ')));
}

describe('what is to be silenced', () => {
  test('is names and values, and for how long and why', () => {
    expect(
      read('PVFillingUp,PVPredictedFull namespace=dbaas,redis pod=a=b and MySQLDown for 4h because it is known').data,
    ).toEqual({
      each: [
        {
          alerts: ['PVFillingUp', 'PVPredictedFull'],
          labels: [
            { name: 'namespace', values: ['dbaas', 'redis'] },
            { name: 'pod', values: ['a=b'] },
          ],
        },
        { alerts: ['MySQLDown'], labels: [] },
      ],
      durationMs: 14_400_000,
      untilResolved: false,
      reason: 'it is known',
    });
    expect(read('MySQLDown until resolved').data).toMatchObject({ durationMs: 86_400_000, untilResolved: true });
    expect(read('MySQLDown severity=critical', unsilence).data).toMatchObject({ each: [{ alerts: ['MySQLDown'] }] });
  });

  test.each([
    ['PVFillingUp', 'is missing: end with for 1h'],
    ['PVFillingUp for', 'is missing: end with for 1h'],
    ['PVFillingUp for ever', 'is missing: end with for 1h'],
    ['PVFillingUp 4h', 'is missing: end with for 1h'],
    ['PVFillingUp for 8d', 'is longer than 7 days'],
    ['for 1h', 'is missing: the name of an alert comes first'],
    ['.* for 1h', 'is no name of an alert'],
    ['NFS.*, for 1h', 'is no name of an alert'],
    ['PVFillingUp alertname=MySQLDown for 1h', 'alertname is what comes first'],
    ['PVFillingUp namespace for 1h', 'has no value: write label=value'],
    ['PVFillingUp namespace= for 1h', 'has no value'],
    ['PVFillingUp name-space=a for 1h', 'is no name of a label'],
    ['PVFillingUp namespace=a namespace=b for 1h', 'have one twice'],
    ['PVFillingUp namespace=a\u202eb for 1h', 'a character that is not shown'],
    ['PVFillingUp and for 1h', 'is missing: the name of an alert comes first'],
    ['and MySQLDown for 1h', 'is missing: the name of an alert comes first'],
    [`${'A and '.repeat(40)}A for 1h`, 'are more than 40'],
    ['PVFillingUp for 1h because', 'is missing: write because'],
    ['PVFillingUp for 1h because a\nb', 'a character that is not shown'],
  ])('%j is refused', (text, says) => {
    expect(
      read(text)
        .error?.issues.map(({ message }) => message)
        .join(),
    ).toContain(says);
  });
});

test('who asked stands by name where the name is plain, else by id', () => {
  const id = 'U012AB3CDEF';
  const names = ['viktor', 'Zoë van der Berg', 'x (storagebot-1)', '\u202etxt', ''];
  expect(names.map((name) => askerName({ id, name }))).toEqual(['viktor', 'Zoë van der Berg', id, id, id]);
  expect(askerName(undefined)).toBeUndefined();
});
