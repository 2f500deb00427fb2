import { describe, expect, test } from 'vitest';
import { parseFiring, parseUptime } from './alerts.ts';

const NOW = 1_775_207_000;
const answer = (...result: readonly (readonly [labels: object, value: string])[]) => ({
  exitCode: 0,
  stderr: '',
  stdout: JSON.stringify({ resultType: 'vector', result: result.map(([metric, value]) => ({ metric, value: [NOW, value] })) }),
});
const began = (agoS: number, instance = 'localhost:9090') =>
  [{ __name__: 'process_start_time_seconds', instance, job: 'prometheus' }, `${NOW - agoS}.25`] as const;
const alert = (more: object) =>
  [{ __name__: 'ALERTS', alertname: 'NodeDown', alertstate: 'firing', severity: 'critical', ...more }, '1'] as const;

describe('alerts that fire', () => {
  test('are told with their labels, and how long Prometheus runs', () => {
    expect(parseFiring(answer(alert({ instance: '10.0.20.103:9100' }), began(3_600)))).toEqual({
      alerts: [{ name: 'NodeDown', labels: { severity: 'critical', instance: '10.0.20.103:9100' } }],
      upS: 3_599.75,
    });
  });

  test('of two servers mean nothing before the younger one has run for a while', () => {
    expect(parseFiring(answer(began(3_600), began(60, 'other:9090')))).toEqual({ alerts: [], upS: 59.75 });
  });

  test.each([
    ['nothing at all', answer(), 'since when it runs'],
    ['no word of the server itself', answer(alert({})), 'since when it runs'],
    ['an alert that is pending', answer(alert({ alertstate: 'pending' }), began(60)), 'no alert that fires'],
    ['an alert without a name', answer([{ __name__: 'ALERTS', alertstate: 'firing' }, '1'], began(60)), 'no alert that fires'],
    ['another series', answer([{ __name__: 'up' }, '1'], began(60)), 'not asked for'],
    ['a warning', { ...answer(began(60)), stderr: 'warning: a rule group failed\n' }, 'may not be whole'],
  ])('are not read out of %s', (_what, output, says) => {
    expect(() => parseFiring(output)).toThrow(says);
  });
});

describe('how long Prometheus runs', () => {
  test('is told by its own clock, of the younger of two', () => {
    expect(parseUptime(answer(began(3_600), began(60, 'other:9090')))).toBe(59.75);
  });

  test.each([
    ['nothing', answer(), 'since when it runs'],
    ['what may not be whole', { ...answer(began(60)), stderr: 'warning: remote read\n' }, 'may not be whole'],
  ])('is not read out of %s', (_what, output, says) => {
    expect(() => parseUptime(output)).toThrow(says);
  });
});
