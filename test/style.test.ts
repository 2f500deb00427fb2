import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { projectFiles, root } from './tree.ts';

const Report = z.object({ diagnostics: z.array(z.object({ code: z.string(), filename: z.string(), message: z.string() })) });

/** One file per rule, each with exactly the fault that the rule is there for. */
const faults: readonly (readonly [rule: string, path: string, source: string])[] = [
  ['eslint(eqeqeq)', 'src/eqeqeq.ts', 'export const same = (a: string, b: string): boolean => a == b;\n'],
  ['eslint(max-lines)', 'src/max-lines.ts', Array.from({ length: 301 }, (_, n) => `export const line${n} = ${n};\n`).join('')],
  [
    'eslint(max-lines-per-function)',
    'src/max-lines-per-function.ts',
    `export function long(): void {\n${'  process.nextTick(long);\n'.repeat(70)}}\n`,
  ],
  [
    'eslint(max-params)',
    'runbooks/x/max-params.ts',
    'export const pick = (a: 1, b: 2, c: 3, d: 4): unknown[] => [a, b, c, d];\n',
  ],
  ['eslint(no-empty)', 'handlers/no-empty.ts', 'try {\n  process.exit();\n} catch {}\n'],
  ['eslint(no-console)', 'src/engine/no-console.ts', "console.log('hello');\n"],
  ['eslint(no-unused-vars)', 'src/no-unused-vars.ts', 'const unused = 1;\nexport {};\n'],
  ['eslint(no-warning-comments)', 'test/lab/no-warning-comments.ts', `// ${'TO'}DO: later\nexport {};\n`],
  ['typescript(ban-ts-comment)', 'test/ban-ts-comment.ts', `// ${'@ts'}-ignore because\nexport const n: number = '1';\n`],
  ['typescript(no-explicit-any)', 'test/no-explicit-any.ts', 'export const anything = (value: any): unknown => value;\n'],
  [
    'typescript(no-floating-promises)',
    'src/no-floating-promises.ts',
    'const later = async (): Promise<void> => {};\nexport const start = (): void => {\n  later();\n};\n',
  ],
  [
    'typescript(no-misused-promises)',
    'src/no-misused-promises.ts',
    'const ready = async (): Promise<boolean> => true;\nexport const decide = (): number => (ready() ? 1 : 2);\n',
  ],
  [
    'typescript(consistent-type-assertions)',
    'runbooks/x/consistent-type-assertions.ts',
    'export const trust = (value: unknown): string => value as string;\n',
  ],
  [
    'typescript(no-non-null-assertion)',
    'handlers/no-non-null-assertion.ts',
    'export const first = (list: readonly string[]): string => list[0]!;\n',
  ],
];

const Rules = z.record(z.string(), z.unknown());
const Config = z.object({ rules: Rules, overrides: z.array(z.object({ rules: Rules })) });

const allowed: readonly (readonly [what: string, path: string, source: string])[] = [
  ['`as const`', 'src/as-const.ts', "export const tiers = ['normal', 'high'] as const;\n"],
  ['console in the terminal program', 'src/cli.ts', "console.log('hello');\n"],
  ['a sparing cast in a test', 'src/cast.test.ts', 'export const trust = (value: unknown): string => value as string;\n'],
  [
    'an expected type error that says what must not compile',
    'test/types.ts',
    `// ${'@ts'}-expect-error a number is not a string\nexport const n: number = '1';\n`,
  ],
];

describe('the style rules', () => {
  const directory = mkdtempSync(join(tmpdir(), 'storagebot-style-'));
  const rulesByFile = new Map<string, string[]>();
  afterAll(() => rmSync(directory, { recursive: true }));

  beforeAll(() => {
    for (const file of ['.oxlintrc.json', 'tsconfig.json', 'package.json']) cpSync(join(root, file), join(directory, file));
    symlinkSync(join(root, 'node_modules'), join(directory, 'node_modules'));
    for (const [, path, source] of [...faults, ...allowed]) write(join(directory, path), source);
    for (const { code, filename } of lint(directory)) rulesByFile.set(filename, [...(rulesByFile.get(filename) ?? []), code]);
  }, 30_000);

  it.each(faults)('%s refuses %s', (rule, path) => {
    expect(rulesByFile.get(path)).toEqual([rule]);
  });

  it('have a fault here for each rule that the configuration names', () => {
    const { rules, overrides } = Config.parse(JSON.parse(readFileSync(join(root, '.oxlintrc.json'), 'utf8')));
    const named = [rules, ...overrides.map((override) => override.rules)].flatMap((some) =>
      Object.entries(some).flatMap(([name, setting]) => (setting === 'off' ? [] : [name])),
    );
    const reported = named
      .map((name) => (name.includes('/') ? name.replace('/', '(') : `eslint(${name}`))
      .map((name) => `${name})`);
    expect(faults.map(([rule]) => rule).sort()).toEqual(reported.sort());
  });

  it.each(allowed)('they allow %s', (_what, path) => {
    expect(rulesByFile.get(path)).toBeUndefined();
  });
});

describe('the formatter', () => {
  it('refuses double quotes, missing semicolons, unsorted imports and tabs', () => {
    const source = 'import { b } from "./b.ts"\nimport { a } from "./a.ts"\n\nexport const sum = () => {\n\treturn a + b\n}\n';
    const config = join(root, '.biome.json');
    const fixed = execFileSync(
      process.execPath,
      [
        join(root, 'node_modules/@biomejs/biome/bin/biome'),
        'check',
        '--write',
        `--config-path=${config}`,
        '--stdin-file-path=x.ts',
      ],
      { input: source, encoding: 'utf8' },
    );
    expect(fixed).toBe(
      "import { a } from './a.ts';\nimport { b } from './b.ts';\n\nexport const sum = () => {\n  return a + b;\n};\n",
    );
  });
});

describe('the source', () => {
  const sources = projectFiles().filter((path) => /\.(ts|mjs)$/.test(path));

  it('switches no lint rule and no formatting off in a comment', () => {
    expect(linesWith(sources, /(oxlint|eslint)-disable|biome-ignore|@ts-nocheck/)).toEqual([]);
  });

  it('leaves no work for later', () => {
    expect(linesWith(sources, /\b(TODO|FIXME|XXX)\b/)).toEqual([]);
  });
});

function write(path: string, source: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, source);
}

function lint(directory: string): z.output<typeof Report>['diagnostics'] {
  const oxlint = join(root, 'node_modules/oxlint/bin/oxlint');
  const { stdout, stderr } = spawnSync(process.execPath, [oxlint, '--format=json'], { cwd: directory, encoding: 'utf8' });
  if (!stdout.startsWith('{')) throw new Error(`oxlint gave no report: ${stdout}${stderr}`);
  return Report.parse(JSON.parse(stdout)).diagnostics;
}

/** `path:line` of every line that matches, leaving out this file, which names what it looks for. */
function linesWith(paths: readonly string[], pattern: RegExp): string[] {
  return paths
    .filter((path) => path !== 'test/style.test.ts')
    .flatMap((path) => {
      const lines = readFileSync(join(root, path), 'utf8').split('\n');
      return lines.flatMap((line, index) => (pattern.test(line) ? [`${path}:${index + 1}`] : []));
    });
}
