import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { runTests } from './run-tests.ts';
import { add, nothing, reportOf, type Tally } from './tally.ts';
import { root } from './tree.ts';

/** A check of the whole tree by a program of its own; it counts as one test. */
interface Check {
  readonly name: string;
  /** A script below node_modules/ and its arguments. */
  readonly command: readonly [script: string, ...args: string[]];
}

const checks: readonly Check[] = [
  { name: 'types', command: ['typescript/bin/tsc', '-p', '.'] },
  { name: 'lint', command: ['oxlint/bin/oxlint'] },
  { name: 'format', command: ['@biomejs/biome/bin/biome', 'check', '.'] },
];

const startedAt = performance.now();
const checked = await Promise.all(checks.map(run));
const tested = await runTests(root, process.argv.slice(2));
const total = [...checked, tested].reduce(add, nothing);
console.log(`\n${reportOf(total, (performance.now() - startedAt) / 1000)}`);
process.exit(total.failed === 0 ? 0 : 1);

async function run({ name, command }: Check): Promise<Tally> {
  const begin = performance.now();
  const { exitCode, output } = await outputOf(command);
  const seconds = ((performance.now() - begin) / 1000).toFixed(1);
  console.log(exitCode === 0 ? `✓ ${name} (${seconds} s)` : `✗ ${name} (${seconds} s)\n${output}`);
  return exitCode === 0 ? { ...nothing, passed: 1 } : { ...nothing, failed: 1, failures: [`${name}: see above`] };
}

function outputOf([script, ...args]: Check['command']): Promise<{ exitCode: number | null; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(root, 'node_modules', script), ...args], { cwd: root });
    const chunks: Buffer[] = [];
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.on('error', reject);
    child.on('close', (exitCode) => resolve({ exitCode, output: Buffer.concat(chunks).toString('utf8').trim() }));
  });
}
