import { mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { runOn, whyNoFuse, whyNoMounts } from './fixtures/mounts.ts';
import { networkFileSystem, prepareDirectory, RESERVE_BYTES, roomFor } from './keeping-place.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'storagebot-place-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

describe('the state directory', () => {
  test.each([
    ['NFS', 0x6969],
    ['SMB', 0x517b],
    ['CIFS', 0xff534d42],
    ['CIFS, as a signed number', 0xff534d42 | 0],
    ['SMB', 0xfe534d42],
    ['FUSE', 0x65735546],
    ['CephFS', 0x00c36400],
    ['9P', 0x01021997],
    ['AFS', 0x5346414f],
    ['AFS', 0x6b414653],
    ['Coda', 0x73757245],
    ['NCP', 0x564c],
    ['Lustre', 0x0bd00bd0],
    ['GPFS', 0x47504653],
    ['OCFS2', 0x7461636f],
    ['GFS2', 0x01161970],
    ['BeeGFS', 0x19830326],
    ['OrangeFS', 0x20030528],
    ['PanFS', 0xaad7aaea],
    ['StorNext', 0xbeefdead],
    ['ACFS', 0x61636673],
    ['IBRIX', 0x013111a8],
    ['VirtualBox', 0x786f4256],
    ['VMware', 0xbacbacbc],
    ['Parallels', 0x7c7c6673],
  ])('is refused on %s (%i)', (name, magic) => {
    expect(networkFileSystem(magic)).toContain(name.split(',')[0]);
  });

  test.each([
    ['ext4', 0xef53],
    ['XFS', 0x58465342],
    ['btrfs', 0x9123683e],
    ['ZFS', 0x2fc12fc1],
    ['F2FS', 0xf2f52010],
    ['tmpfs', 0x01021994],
    ['an overlay', 0x794c7630],
  ])('may be on %s (%i)', (_name, magic) => {
    expect(networkFileSystem(magic)).toBeUndefined();
  });

  test('is refused on a real FUSE mount, with its name and what to do, before anything is made there', ({ skip }) => {
    const reason = whyNoFuse();
    if (reason !== undefined) return skip(reason);
    const says = runOn('fuse', directory, 'src/store/fixtures/prepare-child.ts');
    expect(says).toContain(`${directory}/state is on FUSE`);
    expect(says).toContain('local disk: use one');
  });

  test('is made where another directory is mounted', ({ skip }) => {
    const reason = whyNoMounts();
    if (reason !== undefined) return skip(reason);
    expect(runOn({ sizeMiB: 1 }, directory, 'src/store/fixtures/prepare-child.ts')).toBe('prepared');
  });

  test('that cannot be made is refused with the reason', () => {
    writeFileSync(join(directory, 'file'), '');
    expect(() => prepareDirectory(join(directory, 'file/state'))).toThrow(/file\/state cannot be made: ENOTDIR/);
  });
});

describe('room for the outcome of a change', () => {
  test('is there on this disk, if it has so much', () => {
    const { bavail, bsize } = statfsSync(directory);
    expect(roomFor(directory) === undefined).toBe(bavail * bsize >= RESERVE_BYTES);
  });

  test('cannot be known of a directory that is gone, so nothing is changed', () => {
    expect(roomFor(join(directory, 'gone'))).toMatch(/cannot be looked at: ENOENT.*Nothing is changed/);
  });
});
