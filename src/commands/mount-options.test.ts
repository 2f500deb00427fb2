import { describe, expect, it } from 'vitest';
import { DEFAULT_MOUNT_OPTIONS, problemWith, sameOptions, sharesWith, shownBy, versionIn, withOptions } from './mount-options.ts';
import { parseProcMounts } from './nfs-client.ts';

function mounted(options: string) {
  const [mount] = parseProcMounts(`10.0.10.15:/mnt/main/a /var/lib/kubelet/a nfs4 ${options} 0 0\n`);
  if (mount === undefined) throw new Error('the line is a mount');
  return mount;
}

describe('options of a mount', () => {
  it.each([
    [[...DEFAULT_MOUNT_OPTIONS]],
    [['hard', 'nfsvers=4.1', 'rsize=131072', 'nconnect=4', 'noatime']],
    [['acregmin=3', 'acregmax=60']],
  ])('%j are taken', (options) => {
    expect(problemWith(options)).toBeUndefined();
  });

  it.each([
    [['soft', 'hard'], 'soft and hard exclude each other'],
    [['soft', 'soft'], 'soft is there twice'],
    [['timeo=30', 'timeo=50'], 'timeo=30 and timeo=50 exclude each other'],
    [['nfsvers=4', 'vers=3'], 'nfsvers=4 and vers=3 exclude each other'],
    [['noac', 'actimeo=5'], 'noac and actimeo=5 exclude each other'],
    [['actimeo=5', 'acdirmin=1'], 'actimeo=5 and acdirmin=1 exclude each other'],
    [['acregmin=60', 'acregmax=3'], 'acregmin=60 is more than acregmax=3'],
    [['timeo=3'], /^timeo takes tenths of a second/],
    [['timeo=030'], /^timeo takes/],
    [['timeo'], /^timeo takes/],
    [['retrans=0'], /^retrans takes/],
    [['rsize=100000'], /^rsize takes bytes/],
    [['wsize=0x1000'], /^wsize takes bytes/],
    [['nfsvers=4.3'], /^nfsvers takes 3, 4/],
    [['soft=1'], 'soft takes no value'],
    [['exec'], /^"exec" is no option/],
    [['sec=sys'], /is no option that this bot sets/],
    [['constructor'], /is no option that this bot sets/],
    [[''], /is no option that this bot sets/],
  ])('%j: %s', (options, problem) => {
    expect(problemWith(options)).toMatch(problem);
  });

  it('replace those that say something about the same, and keep the others', () => {
    expect(withOptions(['hard', 'vers=3', 'acregmin=9', 'sec=sys'], ['soft', 'nfsvers=4.1', 'actimeo=5'])).toEqual([
      'soft',
      'nfsvers=4.1',
      'actimeo=5',
      'sec=sys',
    ]);
    expect(withOptions(['soft', 'nfsvers=4'], DEFAULT_MOUNT_OPTIONS)).toContain('nfsvers=4');
  });

  it('replace what contradicts them though nobody may ask for it', () => {
    expect(
      withOptions(['softerr', 'v4.1', 'minorversion=1', 'cto', 'ac'], ['hard', 'nfsvers=4.2', 'nocto', 'actimeo=5']),
    ).toEqual(['hard', 'nfsvers=4.2', 'nocto', 'actimeo=5']);
  });

  it('are understood where a volume has several in one word, as Kubernetes joins them with commas', () => {
    expect(withOptions(['nfsvers=4.1,hard', 'sec=sys'], ['soft'])).toEqual(['soft', 'nfsvers=4.1', 'sec=sys']);
    expect(sameOptions(['hard,nfsvers=4.1'], ['nfsvers=4.1', 'hard'])).toBe(true);
    expect(versionIn(['hard,nfsvers=4.1'])).toBe('4.1');
    expect(versionIn(['v4.2'])).toBe('4.2');
  });
});

describe('the table of mounts shows', () => {
  const mount = mounted(
    'rw,relatime,vers=4.2,rsize=131072,wsize=131072,acregmin=5,acregmax=5,acdirmin=5,acdirmax=5,soft,timeo=30',
  );

  it.each([
    ['soft', 'yes'],
    ['hard', 'no'],
    ['timeo=30', 'yes'],
    ['timeo=300', 'no'],
    ['actimeo=5', 'yes'],
    ['actimeo=6', 'no'],
    ['noac', 'no'],
    ['acregmax=5', 'yes'],
    ['nfsvers=4', 'yes'],
    ['nfsvers=4.2', 'yes'],
    ['vers=4.1', 'no'],
    ['rsize=131072', 'yes'],
    ['rsize=1048576', 'lowered'],
    ['rsize=65536', 'no'],
    ['nconnect=4', 'lowered'],
    ['sec=krb5', 'not-shown'],
  ])('%s: %s', (option, shown) => {
    expect(shownBy(mount, option)).toBe(shown);
  });

  it('nothing of a cache time that is the default of the kernel', () => {
    const defaults = mounted('rw,vers=3,acregmin=60,acdirmin=60,hard');
    expect([shownBy(defaults, 'actimeo=60'), shownBy(defaults, 'acregmax=60'), shownBy(defaults, 'acregmin=3')]).toEqual([
      'yes',
      'yes',
      'no',
    ]);
  });
});

it('mounts that differ in nothing but time-outs share one file system in the kernel', () => {
  expect(sharesWith(mounted('rw,vers=4.2,soft,timeo=30,retrans=3'), mounted('rw,vers=4.2,soft,timeo=50,retrans=2'))).toBe(true);
  expect(sharesWith(mounted('rw,vers=4.2,soft,timeo=30'), mounted('rw,vers=4.2,hard,timeo=30'))).toBe(false);
});
