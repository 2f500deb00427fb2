import { expect, test } from 'vitest';
import { changed, everyOption, refusal } from '../../test/example-config.ts';
import { parseConfig } from './config.ts';
import { siteOf } from './site.ts';

test('known errors of a pool are a list or a number, and what each device counts', () => {
  const { zfsBaseline } = siteOf(parseConfig(everyOption)).nas;
  expect(zfsBaseline?.['main']).toEqual({
    errors: ['/mnt/main/media/film.mkv', 'main/iscsi/csi-pvc-0f3a:<0x1>'],
    checksums: { 'gptid/5c1d7f0a-3c1e-11ef-9a54-bc2411090000': 112 },
  });
  const counted = changed(({ site }) => {
    site.nas.zfsBaseline = { main: { errors: 56 } };
  });
  expect(siteOf(parseConfig(counted)).nas.zfsBaseline).toEqual({ main: { errors: 56, checksums: {} } });
});

test.each([
  ['a word for the list', { main: { errors: 'many' } }, 'must be entries of "zpool status -v", or how many there are'],
  ['fewer than none', { main: { errors: -1 } }, 'zfsBaseline.main.errors must be 0 or more'],
  ['an empty entry', { main: { errors: [''] } }, 'zfsBaseline.main.errors[0] must not be empty'],
  ['a name that no pool has', { '-main': { errors: 1 } }, 'must be the name of a ZFS pool'],
  ['half an error', { main: { errors: 1, checksums: { sdb: 0.5 } } }, 'must be a whole number'],
  ['nothing', { main: {} }, 'zfsBaseline.main.errors'],
])('%s is refused', (_what, baseline, says) => {
  const text = changed(({ site }) => Object.assign(site.nas, { zfsBaseline: baseline }));
  expect(refusal(text).message).toContain(says);
});
