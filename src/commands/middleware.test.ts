import { expect, test } from 'vitest';
import { ownerMapping, shares } from './middleware.ts';

const NAS = { name: 'nas', sudo: false };

function printed(value: unknown) {
  return { exitCode: 0, stdout: `${JSON.stringify(value)}\n`, stderr: '' };
}

function settingsOf({ id: _id, ...settings }: { readonly id: number }) {
  return settings;
}

test('a share tells whom it lets in, whether only to read, and what makes the same one again', () => {
  const core = { id: 1, paths: ['/mnt/main/a', '/mnt/main/b'], networks: ['10.0.20.0/24'], enabled: true };
  const scale = { id: 2, path: '/mnt/ssd/c', networks: [], hosts: ['10.0.20.7'], ro: true, enabled: false, comment: '' };
  expect(shares(NAS).parse(printed([core, scale]))).toEqual([
    { ...core, hosts: [], readOnly: false, settings: { ...settingsOf(core), hosts: [], ro: false } },
    {
      id: 2,
      paths: ['/mnt/ssd/c'],
      networks: [],
      hosts: ['10.0.20.7'],
      enabled: false,
      readOnly: true,
      settings: settingsOf(scale),
    },
  ]);
});

test('a share is made again without what only the middleware says of it', () => {
  const given = { path: '/mnt/ssd/c', networks: [], hosts: [], ro: false, enabled: true, mapall_user: null, security: [] };
  const said = { id: 2, locked: false, dataset: 'ssd/c', relative_path: '', tier: null };
  expect(shares(NAS).parse(printed([{ ...said, ...given }]))[0]?.settings).toEqual(given);
});

test('a version of TrueNAS without v4_v3owner does not tell how it maps owners', () => {
  expect(ownerMapping(NAS).parse(printed({ v4_v3owner: true, v4_domain: 'lab.lan' }))).toEqual({
    numericOwners: true,
    domain: 'lab.lan',
  });
  expect(() => ownerMapping(NAS).parse(printed({ v4_domain: 'lab.lan' }))).toThrow('this version of TrueNAS has no v4_v3owner');
});
