import { expect, test } from 'vitest';
import { show } from '../core/command.ts';
import { parseActivity, unitActivity } from './host-units.ts';

test.each([
  ['LoadState=loaded\nActiveState=activating\n', 'runs'],
  ['LoadState=loaded\nActiveState=active\n', 'runs'],
  ['LoadState=loaded\nActiveState=deactivating\n', 'runs'],
  ['LoadState=loaded\nActiveState=inactive\n', 'rests'],
  ['LoadState=loaded\nActiveState=failed\n', 'rests'],
  ['LoadState=masked\nActiveState=inactive\n', 'rests'],
  ['LoadState=not-found\nActiveState=inactive\n', 'absent'],
] as const)('a service of which systemd says %j %s', (text, activity) => {
  expect(parseActivity(text)).toBe(activity);
});

test.each([
  '',
  'ActiveState=inactive\n',
  'LoadState=error\nActiveState=inactive\n',
  'LoadState=loaded\nActiveState=maintenance\n',
])('%j is no answer', (text) => {
  expect(() => parseActivity(text)).toThrow(text);
});

test('only a service is asked for', () => {
  expect(show(unitActivity({ name: 'pve', sudo: false }, 'daily-backup.service').command)).toBe(
    'pve$ timeout -k 1 4 systemctl show daily-backup.service --property=LoadState,ActiveState',
  );
  expect(() => unitActivity({ name: 'pve', sudo: false }, '--all')).toThrow('is no name of a service');
});
