import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { headings, type RunbookFolder, registryFaults } from './registry.ts';
import { projectFiles, root } from './tree.ts';

describe('the registry of runbooks', () => {
  it('agrees with the folders, and each folder is complete', async () => {
    if (!existsSync(join(root, 'runbooks/index.ts'))) throw new Error('runbooks/index.ts is missing: it must export `runbooks`.');
    const { runbooks } = await import('../runbooks/index.ts');
    const folders = foldersOnDisk();
    expect(folders).not.toEqual([]);
    expect(
      registryFaults(
        folders,
        runbooks.map(({ id }) => id),
      ),
    ).toEqual([]);
  });
});

const complete: RunbookFolder = {
  name: 'nfs',
  files: ['index.ts', 'index.test.ts', 'readme.md', 'recordings/ok.json'],
  readme: ['# NFS', ...headings.flatMap((heading) => [heading, 'Text.'])].join('\n'),
};

const faults: readonly (readonly [what: string, folder: RunbookFolder, ids: readonly string[], says: string])[] = [
  ['a folder that is not listed', complete, [], 'runbooks/nfs/ is not in runbooks/index.ts.'],
  ['an id without a folder', complete, ['nfs', 'lvm'], 'lvm is in runbooks/index.ts, but there is no folder'],
  ['an id listed twice', complete, ['nfs', 'nfs'], 'nfs is twice'],
  ['a missing test', { ...complete, files: ['index.ts', 'readme.md', 'recordings/a.json'] }, ['nfs'], 'has no index.test.ts'],
  [
    'a missing readme',
    { ...complete, files: complete.files.filter((file) => file !== 'readme.md') },
    ['nfs'],
    'has no readme.md',
  ],
  ['a folder without recordings', { ...complete, files: complete.files.slice(0, 3) }, ['nfs'], 'holds no recording'],
  ['headings in another order', { ...complete, readme: headings.toReversed().join('\n') }, ['nfs'], 'must have the headings'],
  ['a heading too many', { ...complete, readme: `${complete.readme}\n## History` }, ['nfs'], 'must have the headings'],
];

describe('the test of the registry', () => {
  it('accepts a complete folder', () => {
    expect(registryFaults([complete], ['nfs'])).toEqual([]);
  });

  it.each(faults)('refuses %s', (_what, folder, ids, says) => {
    expect(registryFaults([folder], ids)).toEqual([expect.stringContaining(says)]);
  });
});

function foldersOnDisk(): RunbookFolder[] {
  const paths = projectFiles().filter((path) => /^runbooks\/[^/]+\//.test(path));
  const byName = Map.groupBy(paths, (path) => path.split('/')[1] ?? '');
  return [...byName].map(([name, inside]) => ({
    name,
    files: inside.map((path) => path.slice(`runbooks/${name}/`.length)),
    readme: inside.includes(`runbooks/${name}/readme.md`) ? readFileSync(join(root, 'runbooks', name, 'readme.md'), 'utf8') : '',
  }));
}
