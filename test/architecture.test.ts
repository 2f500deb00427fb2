import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { violationsOf } from './architecture.ts';
import { projectFiles, root } from './tree.ts';

const { dependencies } = z
  .object({ dependencies: z.record(z.string(), z.string()) })
  .parse(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')));
const runtimePackages = new Set(Object.keys(dependencies));

describe('the architecture', () => {
  const paths = projectFiles().filter((path) => /^(src|handlers|runbooks)\/(?!.*\/fixtures\/).*(?<!\.test)\.ts$/.test(path));

  it('is kept by every file of the product', () => {
    const sources = new Map(paths.map((path) => [path, readFileSync(join(root, path), 'utf8')]));
    expect(violationsOf(sources, runtimePackages)).toEqual([]);
  });

  it('is looked at in full: files of each part are found', () => {
    const parts = ['src/core/', 'src/commands/', 'src/connectors/', 'src/engine/', 'src/slack/', 'handlers/', 'runbooks/'];
    expect(parts.filter((part) => !paths.some((path) => path.startsWith(part)))).toEqual([]);
  });
});

/** A file that breaks one rule, and the words by which the violation explains itself. */
const bad: readonly (readonly [what: string, path: string, source: string, says: string])[] = [
  ['core reading a file', 'src/core/a.ts', "import { readFile } from 'node:fs/promises';", 'core is pure'],
  ['core knowing the engine, even by type', 'src/core/a.ts', "import type { E } from '../engine/b.ts';", 'core is pure'],
  ['core knowing the engine by an inline type', 'src/core/a.ts', "export type E = import('../engine/b.ts').E;", 'core is pure'],
  ['a command importing the topology', 'src/commands/a.ts', "import '../topology/b.ts';", 'needs core and zod only'],
  ['the topology importing a repair', 'src/topology/a.ts', "import '../repairs/b.ts';", 'the topology is computed'],
  ['a repair importing the engine', 'src/repairs/a.ts', "export * from '../engine/b.ts';", 'a repair is a plan'],
  ['alerts asking the engine', 'src/alerts/a.ts', "import type { E } from '../engine/b.ts';", 'from what ports give'],
  ['alerts writing a file', 'src/alerts/a.ts', "import { writeFile } from 'node:fs/promises';", 'from what ports give'],
  ['a runbook using another', 'runbooks/x/index.ts', "import '../y/index.ts';", 'deleting its folder'],
  ['a runbook reaching a target', 'runbooks/x/index.ts', "await import('../../src/connectors/ssh.ts');", 'deleting its folder'],
  ['the registry importing the engine', 'runbooks/index.ts', "import '../src/engine/a.ts';", 'deleting its folder'],
  ['a connector knowing a runbook', 'src/connectors/a.ts', "import '../../runbooks/x/index.ts';", 'knows no runbook'],
  ['a connector knowing the engine', 'src/connectors/a.ts', "import '../engine/a.ts';", 'knows no runbook'],
  ['a renderer importing the client', 'src/slack/home.ts', "import { WebClient } from '@slack/web-api';", 'a renderer is a pure'],
  ['a renderer importing the connection', 'src/slack/home.ts', "import './connection/socket.ts';", 'a renderer is a pure'],
  ['the engine speaking SSH', 'src/engine/a.ts', "import { Client } from 'ssh2';", 'only src/connectors may reach a target'],
  ['the engine speaking Slack', 'src/engine/a.ts', "import type { Block } from '@slack/types';", 'runs work while Slack is down'],
  ['a handler using openworkflow', 'handlers/a.ts', "export { x } from 'openworkflow/sqlite';", 'stays behind src/engine'],
  ['the product importing a test', 'src/cli.ts', "import '../test/lab/site.ts';", 'depend on its own tests'],
  ['the product importing a fixture', 'src/cli.ts', "import './engine/fixtures/a.ts';", 'depend on its own tests'],
  ['an undeclared package', 'src/cli.ts', "import chalk from 'chalk';", 'not among the dependencies'],
  ['a file that is not there', 'src/cli.ts', "import './gone.ts';", 'there is no such file'],
  [
    'an import that cannot be read',
    'src/cli.ts',
    'const name = process.argv[2]; await import(`./${name}`);',
    'something computed',
  ],
  ['a file that imports itself', 'src/a/b.ts', "import '../a/b.ts';", 'src/a/b.ts → src/a/b.ts'],
  ['a change outside of the engine', 'handlers/a.ts', 'await targets.change(command);', 'only the engine may change'],
  ['a change by another name', 'src/cli.ts', 'void site.door.change(command);', 'only the engine may change'],
  ['a change by index', 'src/cli.ts', "void door['change'](command);", 'only the engine may change'],
  ['a change handed on', 'src/cli.ts', 'const act = this.targets.change;', 'only the engine may change'],
  ['a change taken out', 'src/cli.ts', 'const { change } = targets;', 'only the engine may change'],
  [
    'a change taken out of a parameter',
    'src/cli.ts',
    'export const f = ({ change }: Targets) => change;',
    'only the engine may change',
  ],
  [
    'a connector changing something by itself',
    'src/connectors/a.ts',
    'export const f = (d: D) => d.change(c);',
    'only the engine may change',
  ],
  ['an engine made elsewhere', 'src/cli.ts', "import { createEngine } from './engine/engine.ts';", 'hands it redacted targets'],
  [
    'targets opened elsewhere',
    'src/cli.ts',
    "import { createSsh } from './connectors/ssh/index.ts';",
    'opened and redacted in one',
  ],
  ['redaction by own rules', 'src/engine/a.ts', 'const t = new RedactedTargets(raw, (text) => text);', 'only src/app.ts does'],
  ['a command defined in a runbook', 'runbooks/x/index.ts', 'const read = defineRead({});', 'defined in src/commands'],
  [
    'a change defined by another name',
    'src/repairs/a.ts',
    "import { defineChange as d } from '../core/command.ts';",
    'defined in src/commands',
  ],
];

const good: readonly (readonly [what: string, path: string, source: string])[] = [
  ['core using zod and a hash', 'src/core/a.ts', "import { createHash } from 'node:crypto';\nimport { z } from 'zod';"],
  ['a runbook using its own folder', 'runbooks/x/index.ts', "import '../../src/core/b.ts';"],
  ['the connection using the client', 'src/slack/connection/a.ts', "import { WebClient } from '@slack/web-api';"],
  ['a connector using SSH', 'src/connectors/ssh/a.ts', "import { Client } from 'ssh2';"],
  ['the engine changing something', 'src/engine/a.ts', 'await targets.change(command);'],
  ['a connector around another one', 'src/connectors/a.ts', 'export const f = (d: D) => ({ change: (c: C) => d.change(c) });'],
  ['a class around a connector', 'src/connectors/a.ts', 'class A { readonly change = (c: C) => this.#d.change(c); }'],
  ['a step naming its change', 'src/slack/plan.ts', 'const line = step.change;'],
  ['words that only look like an import', 'src/core/a.ts', "// import 'ssh2';\nexport const text = \"import 'ssh2'\";"],
];

describe('the test of the architecture', () => {
  const others = ['src/engine/b.ts', 'src/topology/b.ts', 'src/repairs/b.ts', 'src/core/b.ts', 'src/core/command.ts'];
  const around = new Map(others.map((path) => [path, 'export {};']));
  const violations = (path: string, source: string): string[] =>
    violationsOf(new Map([...around, [path, source]]), runtimePackages);

  it.each(bad)('refuses %s', (_what, path, source, says) => {
    expect(violations(path, source)).toContainEqual(expect.stringContaining(says));
  });

  it.each(good)('accepts %s', (_what, path, source) => {
    expect(violations(path, source)).toEqual([]);
  });

  it('finds a circle of several files and names each of them once', () => {
    const circle = new Map([
      ['src/x/a.ts', "import './b.ts';"],
      ['src/x/b.ts', "import type { C } from './c.ts';"],
      ['src/x/c.ts', "export * from './a.ts';"],
      ['src/x/d.ts', "import './a.ts';"],
    ]);
    const found = violationsOf(circle, runtimePackages);
    expect(found).toEqual([expect.stringMatching(/^src\/x\/a\.ts → src\/x\/b\.ts → src\/x\/c\.ts → src\/x\/a\.ts: /)]);
  });
});
