import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { brokenLinks, explainedPackages, type Fence, fencesOf, machinePaths, unknownScripts } from './docs.ts';
import { projectFiles, root } from './tree.ts';

const Versions = z.record(z.string(), z.string());
const manifest = z
  .object({ scripts: Versions, dependencies: Versions, devDependencies: Versions })
  .parse(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')));
const scripts = new Set(Object.keys(manifest.scripts));

const paths = projectFiles();
const documents = paths.filter((path) => path.endsWith('.md')).map((path) => ({ path, text: textOf(path) }));
const fences = documents.flatMap(({ path, text }) => fencesOf(path, text));

describe('the documentation', () => {
  it('says of each dependency, in its exact version, why it is there', () => {
    const installed = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies });
    const explained = explainedPackages(textOf('docs/dependencies.md'));
    expect(explained.map(({ name, version }) => `${name}@${version}`).sort()).toEqual(
      installed.map((pair) => pair.join('@')).sort(),
    );
  });

  it('pins each dependency to one version', () => {
    const versions = Object.values({ ...manifest.dependencies, ...manifest.devDependencies });
    expect(versions.filter((version) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
  });

  it('shows only configurations that the program accepts', async () => {
    const examples = fences.filter(({ language, text }) => language === 'yaml' && text.startsWith('# storagebot.yaml'));
    const { parseConfig } = await import('../src/config/config.ts');
    const refused = examples.flatMap(({ at, text }) => refusalOf(() => parseConfig(text), at));
    expect(refused).toEqual([]);
  });

  it('links only to files that exist', () => {
    const exists = (path: string): boolean => existsSync(join(root, path));
    expect(documents.flatMap(({ path, text }) => brokenLinks(path, text, exists))).toEqual([]);
  });

  it('names only scripts that exist', () => {
    expect(fences.flatMap((fence) => unknownScripts(fence, scripts))).toEqual([]);
  });
});

describe('the project', () => {
  it('names no path of the machine it was written on', () => {
    const texts = paths.filter((path) => !/\.(png|jpg|gif|ico|woff2?|ttf|sqlite)$/.test(path));
    expect(texts.flatMap((path) => machinePaths(path, textOf(path)))).toEqual([]);
  });
});

describe('the test of the documentation', () => {
  const fence = (language: string, text: string): Fence => ({ language, at: 'a.md:1', text });

  it('reads fenced blocks with their language and line', () => {
    const markdown = 'Text\n\n```yaml\n# storagebot.yaml\na: 1\n```\n\n````md\n```\ninner\n```\n````\n';
    expect(fencesOf('a.md', markdown)).toEqual([
      { language: 'yaml', at: 'a.md:3', text: '# storagebot.yaml\na: 1\n' },
      { language: 'md', at: 'a.md:8', text: '```\ninner\n```\n' },
    ]);
  });

  it('finds a link to nowhere, and leaves addresses, anchors and code alone', () => {
    const markdown =
      '[a](b.md#c) [d](https://example.org/x.md) [e](#f) `[g](h.md)`\n![i](img/i.png)\n[j]: ../k.md\n<img src="l.svg">';
    const looked: string[] = [];
    const exists = (path: string): boolean => looked.push(path) > 0 && path === 'docs/b.md';
    expect(brokenLinks('docs/a.md', markdown, exists)).toHaveLength(3);
    expect(looked.sort()).toEqual(['docs/b.md', 'docs/img/i.png', 'docs/l.svg', 'k.md']);
  });

  it('finds a script that does not exist in an example for a terminal', () => {
    expect(unknownScripts(fence('console', '$ npm run demo -- --check\n$ npm run nope\n'), new Set(['demo']))).toHaveLength(1);
    expect(unknownScripts(fence('yaml', 'npm run nope'), new Set())).toEqual([]);
  });

  it('reads a dependency only where a reason follows it', () => {
    expect(explainedPackages('- `zod` 4.6.7: one schema.\n- `yaml` 2.9.1:\n- pino 1.0.0: no.\n')).toEqual([
      { name: 'zod', version: '4.6.7' },
    ]);
  });

  it.each([
    ['the folder of a build', '/work', '/main/src'],
    ['the home of a person', 'see /home', '/somebody/notes.md'],
    ['the home of root', '(/root', '/project/file)'],
  ])('finds a path in %s', (_what, start, end) => {
    expect(machinePaths('a.md', start + end)).toHaveLength(1);
  });

  it.each(['docs/work/plan.md', '/root/secrets/nfs_exports.sh', 'https://example.org/home/page/x'])('leaves %s alone', (text) => {
    expect(machinePaths('a.md', text)).toEqual([]);
  });
});

function textOf(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}

function refusalOf(parse: () => unknown, at: string): string[] {
  try {
    parse();
    return [];
  } catch (error) {
    return [`${at}: ${error instanceof Error ? error.message : String(error)}`];
  }
}
