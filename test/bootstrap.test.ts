import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { root } from './tree.ts';

/** Stands in for npm: notes its arguments and "installs" what the test put into installed.json; fails where there is none. */
const npm = `
  const fs = require('node:fs');
  const path = require('node:path');
  fs.appendFileSync(process.env.NPM_NOTES, JSON.stringify({ folder: process.cwd(), arguments: process.argv.slice(2) }) + '\\n');
  if (!fs.existsSync(process.env.NPM_INSTALLS)) { console.error('npm error: the registry does not answer'); process.exit(1); }
  for (const [file, text] of Object.entries(JSON.parse(fs.readFileSync(process.env.NPM_INSTALLS, 'utf8')))) {
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, text, { mode: 0o755 });
  }`;

const lock = {
  packages: {
    '': {},
    'node_modules/a': { version: '1.0.0', integrity: 'sha512-a' },
    'node_modules/b-for-another-system': { version: '1.0.0', optional: true },
  },
};
const installed = { packages: { 'node_modules/a': { version: '1.0.0', integrity: 'sha512-a' } } };
const note = 'node_modules/.package-lock.json';
const copies: string[] = [];
afterEach(() => copies.splice(0).forEach((copy) => rmSync(copy, { recursive: true })));

describe('the bootstrap', () => {
  it('runs the program with its arguments and ends with its exit code', () => {
    const copy = project({
      [note]: installed,
      'program.ts': 'const code: number = 7; console.log(process.argv[2]); process.exit(code);',
    });
    expect(start(copy, 'program.ts', '--check')).toMatchObject({ status: 7, stdout: '--check\n', stderr: '', installs: [] });
  });

  it('gives Node the flags before the program, and the program those behind it', () => {
    const copy = project({
      [note]: installed,
      'program.ts': 'console.log(process.execArgv.includes("--max-semi-space-size=8"), ...process.argv.slice(2));',
    });
    expect(start(copy, '--max-semi-space-size=8', 'program.ts', '--check').stdout).toBe('true --check\n');
  });

  it.each([
    ['nothing is installed', {}],
    ['a package has another version', { [note]: { packages: { 'node_modules/a': { version: '0.9.0' } } } }],
    ['a package is missing', { [note]: { packages: {} } }],
    ['a package is there that the lock does not know', { [note]: { packages: { ...installed.packages, 'node_modules/c': {} } } }],
  ])('installs the packages when %s, and says so', (_when, files) => {
    const copy = project({ ...files, 'program.ts': '' }, { [note]: JSON.stringify(installed) });
    const first = start(copy, 'program.ts');
    expect(first).toMatchObject({
      status: 0,
      installs: [{ folder: copy, arguments: expect.arrayContaining(['ci', '--ignore-scripts']) }],
    });
    expect(first.stderr).toMatch(/^storagebot: installing the packages .*\n$/);
    expect(start(copy, 'program.ts').installs).toHaveLength(1);
  });

  it('fetches a newer Node where this one is too old, and runs everything under it', () => {
    const copy = project(
      { [note]: installed, ...needsNode99, 'program.ts': '' },
      nodePackage('#!/bin/sh\necho "under the new one: $*"\n'),
    );
    const first = start(copy, 'program.ts');
    expect(first.stdout).toMatch(/^under the new one: .*program\.ts\n$/);
    expect(first.stderr).toMatch(
      /^storagebot: Node .* cannot run storagebot; fetching Node [\d.]+ into \.toolchain\/ \(once\) …\n$/,
    );
    expect(start(copy, 'program.ts').installs).toHaveLength(1);
  });

  it('does not take a Node that does not start for one', () => {
    const copy = project({ [note]: installed, ...needsNode99, 'program.ts': '' }, nodePackage('#!/bin/sh\nexit 127\n'));
    expect(start(copy, 'program.ts')).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('was fetched but does not start here'),
    });
  });

  it('leaves nothing behind when a newer Node cannot be fetched, and says what to do', () => {
    const copy = project({ [note]: installed, ...needsNode99, 'program.ts': '' });
    const { status, stderr } = start(copy, 'program.ts');
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr: expect.stringMatching(/registry does not answer\n.*install Node 24 yourself\.\n$/s),
    });
    expect(existsSync(join(copy, '.toolchain/node_modules'))).toBe(false);
  });

  it('notices when npm passes over a newer Node that it could not fetch', () => {
    const copy = project({ [note]: installed, ...needsNode99, 'program.ts': '' }, { 'node_modules/other/package.json': '{}' });
    expect(start(copy, 'program.ts')).toMatchObject({ status: 1, stderr: expect.stringContaining('could not be fetched') });
    expect(existsSync(join(copy, '.toolchain/node_modules'))).toBe(false);
  });

  it('says which program is missing', () => {
    const copy = project({ [note]: installed });
    expect(start(copy, 'gone.ts')).toMatchObject({
      status: 1,
      stderr: 'storagebot: There is no gone.ts in this copy of the project.\n',
    });
  });

  it('hands SIGTERM on and ends as the program ended', async () => {
    const source = "process.on('SIGTERM', () => process.exit(42)); console.log('ready'); setInterval(() => {}, 1000);";
    const copy = project({ [note]: installed, 'program.ts': source });
    const child = spawn(process.execPath, [join(copy, '.bootstrap/run.mjs'), 'program.ts'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(child.stdout, 'data');
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([42, null]);
  });
});

const needsNode99 = { 'package.json': { engines: { node: '>=99.0' } } };

/** The files of the package that carries Node for this machine, with this text as its program. */
function nodePackage(program: string): Record<string, string> {
  const { packages } = JSON.parse(readFileSync(join(root, '.bootstrap/package-lock.json'), 'utf8'));
  const [path, { version, bin }] = Object.entries<{ os?: string; cpu?: string; version: string; bin: { node: string } }>(
    packages,
  ).find(([, { os, cpu }]) => os === process.platform && cpu === process.arch) ?? ['', { version: '', bin: { node: '' } }];
  return { [`${path}/package.json`]: JSON.stringify({ version }), [`${path}/${bin.node}`]: program };
}

/** A copy of the bootstrap around these files; `installs` are the files that npm will bring. */
function project(files: Record<string, unknown>, installs?: Record<string, string>): string {
  const copy = mkdtempSync(join(tmpdir(), 'storagebot-bootstrap-'));
  copies.push(copy);
  cpSync(join(root, '.bootstrap'), join(copy, '.bootstrap'), { recursive: true });
  const all = { 'package.json': { engines: { node: '>=22.19' } }, 'package-lock.json': lock, 'bin/npm-cli.js': npm, ...files };
  for (const [path, content] of Object.entries(all)) {
    mkdirSync(dirname(join(copy, path)), { recursive: true });
    writeFileSync(join(copy, path), typeof content === 'string' ? content : JSON.stringify(content));
  }
  if (installs !== undefined) writeFileSync(join(copy, 'installed.json'), JSON.stringify(installs));
  return copy;
}

function start(copy: string, ...command: string[]) {
  const notes = join(copy, 'npm-notes');
  const environment = {
    ...process.env,
    PATH: [dirname(process.execPath), process.env['PATH']].join(delimiter),
    npm_execpath: join(copy, 'bin/npm-cli.js'),
    NPM_NOTES: notes,
    NPM_INSTALLS: join(copy, 'installed.json'),
  };
  const program = [join(copy, '.bootstrap/run.mjs'), ...command];
  const { status, stdout, stderr } = spawnSync(process.execPath, program, { env: environment, encoding: 'utf8' });
  const installs = existsSync(notes)
    ? readFileSync(notes, 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line))
    : [];
  return { status, stdout, stderr, installs };
}
