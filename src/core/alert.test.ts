import { expect, test } from 'vitest';
import { severityOf } from './alert.ts';

test.each([
  ['critical', 'critical'],
  ['page', 'critical'],
  ['error', 'critical'],
  ['high', 'critical'],
  ['P1', 'critical'],
  ['Warning', 'warning'],
  ['minor', 'warning'],
  ['', 'warning'],
  ['info', 'info'],
  ['none', 'info'],
])('an alert with severity %j is held to be %s', (severity, held) => {
  expect(severityOf({ labels: { severity } })).toBe(held);
});

test('an alert that says nothing of its severity is a warning', () => {
  expect(severityOf({ labels: {} })).toBe('warning');
});
