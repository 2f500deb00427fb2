import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { FLAGS } from '../../bench/program.ts';
import { root } from '../tree.ts';

interface Instruction {
  readonly name: string;
  readonly text: string;
}

const instructions: readonly Instruction[] = readFileSync(join(root, 'deploy/Dockerfile'), 'utf8')
  .replaceAll(/^#.*\n/gm, '')
  .replaceAll(/\\\n/g, ' ')
  .split('\n')
  .filter((line) => line.trim() !== '')
  .map((line) => ({ name: line.split(' ')[0] ?? '', text: line.replace(/^\S+\s+/, '') }));
const all = (name: string) => instructions.filter((each) => each.name === name).map(({ text }) => text);

const last = instructions.findLastIndex(({ name }) => name === 'FROM');
const finalStage = instructions.slice(last);
/** Sources that the final stage takes from the project. */
const copied = finalStage
  .filter(({ name, text }) => name === 'COPY' && !text.startsWith('--from='))
  .flatMap(({ text }) => text.split(/\s+/).slice(0, -1));

const allowed = readFileSync(join(root, '.dockerignore'), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('!'))
  .map((line) => line.slice(1));

const directory = mkdtempSync(join(tmpdir(), 'storagebot-image-'));
afterAll(() => rmSync(directory, { recursive: true }));

describe('the image', () => {
  test('stands on one Node, named by its release line and distribution', () => {
    const bases = all('FROM').map((text) => text.split(' ')[0]);
    expect(new Set(bases)).toEqual(new Set(['node:24-bookworm-slim']));
  });

  test('runs as a user that is not root, named by number so that Kubernetes can tell', () => {
    const users = finalStage.filter(({ name }) => name === 'USER').map(({ text }) => text);
    expect(users).toEqual(['10001:10001']);
    expect(finalStage.findIndex(({ name }) => name === 'USER')).toBeGreaterThan(
      finalStage.findLastIndex(({ name }) => name === 'RUN' || name === 'COPY'),
    );
  });

  test('holds no secret and takes none while it is built', () => {
    expect(all('ARG')).toEqual([]);
    expect(all('ENV')).toEqual(['NODE_ENV=production']);
    expect(all('ADD')).toEqual([]);
    expect(all('RUN').join('\n')).not.toMatch(/--mount=type=secret|token|password/i);
  });

  test('copies only what there is, and what .dockerignore lets through', () => {
    const sources = all('COPY').flatMap((text) => (text.startsWith('--from=') ? [] : text.split(/\s+/).slice(0, -1)));
    expect(sources.filter((path) => !existsSync(join(root, path)))).toEqual([]);
    expect([...new Set(sources)].toSorted()).toEqual(allowed.toSorted());
  });

  test('ends and is watched in a way that the bot knows', () => {
    expect(all('STOPSIGNAL')).toEqual(['SIGTERM']);
    expect(all('VOLUME')).toEqual(['/var/lib/storagebot']);
    expect(all('HEALTHCHECK').join()).toContain('http://127.0.0.1:8080/healthz');
    expect(JSON.parse(all('CMD').join())).toEqual(['node', ...FLAGS, 'src/main.ts']);
  });

  test('gives Node the flags that npm start gives it, and that were measured', () => {
    const { scripts } = z
      .object({ scripts: z.object({ start: z.string() }) })
      .parse(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')));
    const [quiet, ...flags] = FLAGS;
    expect(quiet).toBe('--disable-warning=ExperimentalWarning');
    expect(scripts.start).toBe(`node .bootstrap/run.mjs ${flags.join(' ')} src/main.ts`);
    expect(FLAGS).toEqual([quiet, '--max-semi-space-size=8', '--max-old-space-size=384']);
  });

  test('has every file that the programs import: the command line runs from what is copied', () => {
    const withoutTests = (path: string) => !path.endsWith('.test.ts') && !path.endsWith('/recordings');
    for (const path of copied) {
      const isDirectory = statSync(join(root, path)).isDirectory();
      cpSync(join(root, path), join(directory, path), { recursive: isDirectory, filter: withoutTests });
    }
    symlinkSync(join(root, 'node_modules'), join(directory, 'node_modules'));
    const printed = execFileSync(process.execPath, ['src/cli.ts', 'runbooks'], { cwd: directory, encoding: 'utf8' });
    expect(printed).toContain('diagnose nfs');
  });
});
