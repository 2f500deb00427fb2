import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { missingPeers, peer } from './peers.ts';
import { add, nothing, reportOf } from './tally.ts';
import { root } from './tree.ts';

const Result = z.object({
  passed: z.number(),
  failed: z.number(),
  skipped: z.number(),
  failures: z.array(z.string()),
  skips: z.array(z.string()),
});

const files = {
  'passes.test.ts': "it('passes', () => {});",
  'fails.test.ts': "it('fails', () => { throw new Error('no'); });",
  'noted.test.ts': "it('is skipped', (context) => context.skip('the reason'));",
  'silent.test.ts': "it.skip('is skipped', () => {});",
  'peerless.test.ts': "// peer('kubectl')\ndescribe.skipIf(true)('with kubectl', () => { it('is skipped', () => {}); });",
  'broken.test.ts': "await import('./not-there.ts');",
  'hook.test.ts': "describe('a suite', () => { beforeAll(() => { throw new Error('no'); }); it('never runs', () => {}); });",
  'late.test.ts':
    "it('passes', () => { setTimeout(() => { throw new Error('late'); }); return new Promise((go) => setTimeout(go, 50)); });",
};

describe('a run of the tests', () => {
  const directory = mkdtempSync(join(tmpdir(), 'storagebot-run-'));
  let result: z.output<typeof Result>;
  afterAll(() => rmSync(directory, { recursive: true }));

  beforeAll(() => {
    mkdirSync(join(directory, 'test'));
    symlinkSync(join(root, 'node_modules'), join(directory, 'node_modules'));
    for (const [name, source] of Object.entries(files)) {
      writeFileSync(join(directory, 'test', name), `import { beforeAll, describe, it } from 'vitest';\n${source}\n`);
    }
    result = Result.parse(JSON.parse(lastLineOf(runIn(directory))));
  });

  it('counts each test once, and what kept tests from running as failed', () => {
    expect(result).toMatchObject({ passed: 2, failed: 5, skipped: 2 });
  });

  it('names what failed: a test, a file that does not load, a hook, an error outside of any test', () => {
    expect(result.failures.sort()).toEqual([
      'an error that no test caught: late',
      'test/broken.test.ts',
      'test/fails.test.ts > fails',
      'test/hook.test.ts > a suite',
      'test/silent.test.ts > is skipped: skipped without a reason',
    ]);
  });

  it('gives the reason of each skip: its note, or the peer that is missing', () => {
    expect(result.skips.sort()).toEqual([
      'test/noted.test.ts > is skipped: the reason',
      'test/peerless.test.ts > with kubectl > is skipped: kubectl is not installed here (Debian package kubernetes-client)',
    ]);
  });

  it('fails when there is no test at all', () => {
    const empty = mkdtempSync(join(tmpdir(), 'storagebot-run-'));
    const { failed, failures } = Result.parse(JSON.parse(lastLineOf(runIn(empty))));
    rmSync(empty, { recursive: true });
    expect({ failed, failures }).toEqual({ failed: 1, failures: ['no test was found'] });
  });
});

describe('the report', () => {
  it('ends with the line that machines read', () => {
    const tally = add({ ...nothing, passed: 2, failed: 1, failures: ['a'] }, { ...nothing, skipped: 1, skips: ['b: why'] });
    expect(reportOf(tally, 1.25)).toBe('Skipped:\n  b: why\n\nFailed:\n  a\n\n1.3 s\n2 passed, 1 failed, 1 skipped');
  });
});

describe('a peer', () => {
  it('is looked for on the PATH', () => {
    const bin = mkdtempSync(join(tmpdir(), 'storagebot-peer-'));
    writeFileSync(join(bin, 'kubectl'), '#!/bin/sh\n', { mode: 0o755 });
    expect(peer('kubectl', { PATH: bin })).toEqual({ found: true, path: join(bin, 'kubectl') });
    rmSync(bin, { recursive: true });
    expect(peer('kubectl', { PATH: bin })).toMatchObject({ found: false, reason: expect.stringContaining('kubernetes-client') });
  });

  it('is named as a reason only where the file asks for it and it is not there', () => {
    expect(missingPeers("const a = peer('kubectl');", { PATH: '' })).toHaveLength(1);
    expect(missingPeers('const a = 1;', { PATH: '' })).toEqual([]);
  });
});

/** Runs the tests below a folder in a process of their own, on a PATH without any peer; prints the tally as JSON. */
function runIn(directory: string): string {
  const program = `
    import { runTests } from ${JSON.stringify(join(root, 'test/run-tests.ts'))};
    const tally = await runTests(${JSON.stringify(directory)}, []);
    console.log(JSON.stringify(tally));
    process.exit(0);`;
  const environment = { ...process.env, PATH: '', VITEST: undefined, VITEST_MODE: undefined, NODE_OPTIONS: undefined };
  const command = ['--input-type=module', '--eval', program];
  return execFileSync(process.execPath, command, { cwd: directory, env: environment, encoding: 'utf8', stdio: 'pipe' });
}

function lastLineOf(output: string): string {
  return output.trim().split('\n').at(-1) ?? '';
}
