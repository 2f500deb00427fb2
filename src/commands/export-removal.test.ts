import { describe, expect, test } from 'vitest';
import { Refusal } from '../core/errors.ts';
import { ownExportText, removeExportLine, withoutExportLine } from './export-removal.ts';

const host = { name: 'nas', sudo: false };
const TEXT =
  '# exports(5)\n/mnt/main/im 10.0.20.0/24(rw)\n/mnt/main/immich 10.0.20.0/24(rw)\n"/mnt/main/im.x"\t10.0.20.0/24(rw)\n';

describe('the line of an export', () => {
  test.each([
    ['/mnt/main/im', TEXT.replace('/mnt/main/im 10.0.20.0/24(rw)\n', '')],
    ['/mnt/main/im.x', TEXT.replace('"/mnt/main/im.x"\t10.0.20.0/24(rw)\n', '')],
  ])('%s is taken out alone, as sed does it', (path, rest) => {
    expect(withoutExportLine(TEXT, path)).toBe(rest);
    const { command } = removeExportLine(host, path);
    const script = command.via === 'ssh' ? (command.argv.at(-2) ?? '') : '';
    const address = new RegExp(/^\\,(.*),d$/.exec(script)?.[1]?.replace('[[:blank:]]', '[ \\t]') ?? '(?!)');
    expect(
      TEXT.split('\n')
        .filter((line) => !address.test(line))
        .join('\n'),
    ).toBe(rest);
  });

  test('leaves the line feed of the line before it, where it is the last one and has none', () => {
    expect(withoutExportLine('/mnt/main/a *(ro)\n/mnt/main/im *(ro)', '/mnt/main/im')).toBe('/mnt/main/a *(ro)\n');
    expect(withoutExportLine('/mnt/main/im *(ro)\n/mnt/main/a *(ro)', '/mnt/main/im')).toBe('/mnt/main/a *(ro)');
    expect(withoutExportLine('/mnt/main/im *(ro)', '/mnt/main/im')).toBe('');
  });

  test.each([
    ['is not there', TEXT, '/mnt/main/i'],
    ['is there twice', `${TEXT}/mnt/main/im *(ro)\n`, '/mnt/main/im'],
    ['goes on in the next line', '/mnt/main/im \\\n  10.0.20.0/24(rw)\n', '/mnt/main/im'],
    ['goes on from the line before', '/mnt/main/a \\\n/mnt/main/im 10.0.20.0/24(rw)\n', '/mnt/main/im'],
    ['has a path that sed would read as a pattern', '/mnt/main/a*b *(rw)\n', '/mnt/main/a*b'],
  ])('is left alone where it %s', (_why, text, path) => {
    expect(withoutExportLine(text, path)).toBeUndefined();
  });

  test('is not offered to sed with a path that is more than letters, figures, ".", "_" and "-"', () => {
    for (const path of ['/mnt/main/a,d', '/mnt/main/a*', '/mnt/a b', 'mnt', '/mnt/main/$(x)'])
      expect(() => removeExportLine(host, path)).toThrow(Refusal);
  });
});

describe('the file of an export', () => {
  const { parse } = ownExportText(host, '/mnt/main/im');

  test('may not be there, which is another answer than one that cannot be read', () => {
    const missing = 'cat: /etc/exports.d/mnt+main+im.exports: No such file or directory\n';
    expect(parse({ exitCode: 1, stdout: '', stderr: missing })).toBeUndefined();
    expect(parse({ exitCode: 0, stdout: 'x\n', stderr: '' })).toBe('x\n');
    expect(() => parse({ exitCode: 1, stdout: '', stderr: 'cat: Permission denied' })).toThrow('Permission denied');
  });
});
