import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  activeExports,
  dropFsidZero,
  exportsDirectory,
  parseExportedPaths,
  parseExportsFile,
  rootedAtFsidZero,
  withoutFsidZero,
} from './exports.ts';
import { decodeVis } from './vis.ts';

const NAS = { name: 'nas', sudo: false };

describe('what FreeBSD exports', () => {
  test('is one path in a line, encoded, without its clients', () => {
    expect(parseExportedPaths('/mnt/main/immich\n/mnt/main/two words\n/mnt/main/\\133a\\135\n')).toEqual([
      { path: '/mnt/main/immich', clients: '' },
      { path: '/mnt/main/two words', clients: '' },
      { path: '/mnt/main/[a]', clients: '' },
    ]);
    expect(parseExportedPaths('')).toEqual([]);
  });

  test('is not known from a text of another form', () => {
    expect(() => parseExportedPaths('Exports list on 127.0.0.1:\n/mnt/main/immich 10.0.20.0 \n')).toThrow('not an export');
    expect(() => parseExportedPaths('/mnt/main/\\q\n')).toThrow('not encoded by vis');
  });

  test('is asked without -e, which showmount refuses beside -E', () => {
    expect(activeExports(NAS, 'core').command).toMatchObject({ argv: expect.arrayContaining(['showmount', '-E', '127.0.0.1']) });
  });
});

test.each([
  ['a\\040b', 'a b'],
  ['gr\\M-C\\M-6\\M-C\\M^_e', 'größe'],
  ['größe', 'größe'],
  ['\\134\\^A\\^?\\\\', '\\\u0001\u007f\\'],
  ['\\M-C\\240', 'à'],
])('vis: %s is %j', (encoded, text) => {
  expect(decodeVis(encoded)).toBe(text);
});

describe('a file of exports', () => {
  test('has no paths in its comments, and a comment is not part of a line', () => {
    const lines = parseExportsFile('# /old *(rw,fsid=0) \\\n/a *(rw) # was fsid=0\n"/b #1" *(ro)\n/c#d \\\n  *(rw)\n\t#/e\n');
    expect(lines).toEqual([
      { path: '/a', rest: '*(rw)' },
      { path: '/b #1', rest: '*(ro)' },
      { path: '/c#d', rest: '*(rw)' },
    ]);
    expect(rootedAtFsidZero(lines)).toBeUndefined();
  });

  test('has the root of NFSv4 where a line says so', () => {
    expect(rootedAtFsidZero(parseExportsFile('/a *(rw)\n/b *(fsid=0)\n'))?.path).toBe('/b');
    expect(rootedAtFsidZero(parseExportsFile('/a *(rw,fsid=01)\n'))).toBeUndefined();
  });
});

describe.skipIf(process.platform !== 'linux')('run by the programs of this machine', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'exports-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  /** The command itself, with the test's folder for /etc. */
  function run({ command }: { readonly command: ReturnType<typeof dropFsidZero>['command'] }): string {
    const [program = '', ...args] = command.via === 'ssh' ? command.argv : [];
    return execFileSync(
      program,
      args.map((word) => word.replace(/^\/etc\/exports(\.d)?$/, `${folder}$&`)),
      { encoding: 'utf8' },
    );
  }

  test('files without a line feed at their end do not run together, and an empty one is none', () => {
    execFileSync('mkdir', ['-p', `${folder}/etc/exports.d`]);
    for (const [name, text] of Object.entries({ a: '/a *(rw)', b: '/b *(rw)', c: '', d: '/d *(rw)\n' }))
      writeFileSync(`${folder}/etc/exports.d/${name}.exports`, text);
    writeFileSync(`${folder}/etc/exports.d/e.exports~`, '/e *(rw)\n');
    const paths = parseExportsFile(run(exportsDirectory(NAS))).map(({ path }) => path);
    expect(paths.toSorted()).toEqual(['/a', '/b', '/d']);
  });

  test('fsid=0 is taken out wherever it stands among the options, and the old file is kept', () => {
    const old = '/a *(rw,fsid=0)\n/b *(fsid=root,rw)\n/c *(fsid=0)\n/d *(ro,fsid=0,sync) x(fsid=0)\n/e *(rw,fsid=01)\n';
    execFileSync('mkdir', ['-p', `${folder}/etc`]);
    writeFileSync(`${folder}/etc/exports`, old);
    run(dropFsidZero(NAS));
    expect(readFileSync(`${folder}/etc/exports`, 'utf8')).toBe(
      '/a *(rw)\n/b *(rw)\n/c *()\n/d *(ro,sync) x()\n/e *(rw,fsid=01)\n',
    );
    expect(readFileSync(`${folder}/etc/exports.before-fsid-fix`, 'utf8')).toBe(old);
    expect(withoutFsidZero(parseExportsFile(old))).toEqual(parseExportsFile(readFileSync(`${folder}/etc/exports`, 'utf8')));
  });
});
