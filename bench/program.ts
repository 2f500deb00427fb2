import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

export interface ProgramOptions {
  readonly file: URL;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** A line of its output that holds this says that it is ready. */
  readonly ready: string;
}

/** A TypeScript program that runs in a process of its own. */
export interface Program {
  /** From the start of the process to its word that it is ready. */
  readonly readyMs: number;
  /** Resident memory in bytes. */
  readonly residentBytes: () => Promise<number>;
  readonly stop: () => Promise<void>;
  /** As a power cut would end it. */
  readonly kill: () => Promise<void>;
}

/**
 * As the image and `npm start` start it: what becomes garbage at once is collected before it is 100 MiB, and the heap, which may not have gigabytes, before
 * it is several times what lives in it.
 */
export const FLAGS = ['--disable-warning=ExperimentalWarning', '--max-semi-space-size=8', '--max-old-space-size=384'];
const READY_WITHIN_MS = 20_000;
const STOP_WITHIN_MS = 3_000;

/** Resolves when the program is ready. Rejects with all that it printed when it ends before, or takes too long. */
export async function startProgram({ file, args = [], env = {}, ready }: ProgramOptions): Promise<Program> {
  const began = performance.now();
  const child = spawn(process.execPath, [...FLAGS, fileURLToPath(file), ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  const stop = async () => {
    child.kill('SIGTERM');
    const overdue = setTimeout(kill, STOP_WITHIN_MS);
    await ended;
    clearTimeout(overdue);
    process.off('exit', kill);
  };
  const printed: string[] = [];
  const isReady = lineWith(child, ready, printed);
  const first = await Promise.race([isReady, ended.then(() => 'ended'), sleep(READY_WITHIN_MS, 'silent', { ref: false })]);
  if (first !== 'ready') {
    await stop();
    throw new Error(`${file.pathname} did not become ready (${first}). It printed:\n${printed.join('\n')}`);
  }
  const { pid = Number.NaN } = child;
  const die = async () => {
    kill();
    await ended;
    process.off('exit', kill);
  };
  return { readyMs: performance.now() - began, residentBytes: () => residentBytes(pid), stop, kill: die };
}

/** Keeps the first lines in `printed`; reads all of them, so that the program never waits for its reader. */
function lineWith({ stdout, stderr }: ChildProcess, text: string, printed: string[]): Promise<'ready'> {
  return new Promise((resolve) => {
    for (const input of [stdout, stderr]) {
      if (input === null) continue;
      createInterface({ input }).on('line', (line) => {
        if (printed.length < 100) printed.push(line);
        if (line.includes(text)) resolve('ready');
      });
    }
  });
}

async function residentBytes(pid: number): Promise<number> {
  if (process.platform === 'linux') {
    const status = await readFile(`/proc/${pid}/status`, 'utf8');
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
  }
  const { stdout } = await promisify(execFile)('ps', ['-o', 'rss=', '-p', `${pid}`]);
  return Number(stdout.trim()) * 1024;
}
