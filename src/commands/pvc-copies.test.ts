import { describe, expect, test } from 'vitest';
import { commandLine, show } from '../core/command.ts';
import { understand } from '../core/reading.ts';
import { contentOf, copiedWeeks, copyPath, fillVolume } from './pvc-copies.ts';

const PVE = { name: 'pve', sudo: false };
const CLAIM = { root: '/mnt/backup/pvc-data', namespace: 'vaultwarden', claim: 'vaultwarden-data-proxmox' };

describe('copies of files', () => {
  const seen = (stdout: string, exitCode = 0, stderr = '') => understand(copiedWeeks(PVE, CLAIM), { exitCode, stdout, stderr });

  test('are those of this very claim and namespace, by their weeks', () => {
    const rows = [
      '2026-14/vaultwarden/vaultwarden-data-proxmox',
      '2026-13/vaultwarden/vaultwarden-data-proxmox',
      '2026-14/other/vaultwarden-data-proxmox',
      'lost+found/vaultwarden/vaultwarden-data-proxmox',
    ];
    expect(seen(rows.map((row) => `/mnt/backup/pvc-data/${row}\n`).join(''))).toMatchObject({ value: ['2026-13', '2026-14'] });
    expect(seen('')).toMatchObject({ known: true, value: [] });
  });

  test('are not known where the disk for them is not mounted', () => {
    expect(seen('', 1, 'find: ‘/mnt/backup/pvc-data’: No such file or directory\n')).toMatchObject({ known: false });
    expect(seen('what\n')).toMatchObject({ known: false });
  });

  test('lie in a directory for each week, and no name leads out of it', () => {
    expect(copyPath(CLAIM, '2026-14')).toBe('/mnt/backup/pvc-data/2026-14/vaultwarden/vaultwarden-data-proxmox');
    expect(() => copyPath({ ...CLAIM, claim: '..' }, '2026-14')).toThrow('is no name of a namespace or claim');
    expect(() => copiedWeeks(PVE, { ...CLAIM, claim: 'a*' })).toThrow('is no name of a namespace or claim');
  });
});

test('what is on a volume is told by its device; silence is told from "nothing is there"', () => {
  const read = contentOf(PVE, { vg: 'pve', name: 'vm-9999-pvc-1' });
  expect(show(read.command)).toBe('pve$ timeout -k 1 8 blkid -p -s TYPE -o value /dev/pve/vm-9999-pvc-1');
  expect(understand(read, { exitCode: 0, stdout: 'ext4\n', stderr: '' })).toMatchObject({ value: 'ext4' });
  expect(understand(read, { exitCode: 0, stdout: 'crypto_LUKS\n', stderr: '' })).toMatchObject({ value: 'crypto_LUKS' });
  expect(understand(read, { exitCode: 2, stdout: '', stderr: '' })).toMatchObject({ value: 'nothing' });
  expect(understand(read, { exitCode: 0, stdout: '', stderr: '' })).toMatchObject({ known: false });
  const missing = { exitCode: 2, stdout: '', stderr: 'blkid: error: /dev/pve/x: No such file or directory\n' };
  expect(understand(read, missing)).toMatchObject({ known: false });
});

test('a volume is filled by work that has its own directory, and gets its tag at the end', () => {
  const { change, work } = fillVolume(PVE, {
    name: 'storagebot-1-fill',
    deadlineS: 900,
    vg: 'pve',
    volume: 'vm-9999-pvc-1',
    from: '/mnt/backup/pvc-data/2026-14/a/b',
    tag: 'storagebot-files-2026-14',
  });
  expect(work.name).toBe('storagebot-1-fill.service');
  expect(commandLine(change.command)).toContain(
    'storagebot /dev/pve/vm-9999-pvc-1 /mnt/backup/pvc-data/2026-14/a/b /run/storagebot-1-fill storagebot-files-2026-14 pve/vm-9999-pvc-1',
  );
});
