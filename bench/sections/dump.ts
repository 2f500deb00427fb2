import { execFile } from 'node:child_process';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { POSTGRES_DUMP_SCRIPT } from '../../src/commands/backup-scripts.ts';
import { peer } from '../../test/peers.ts';
import { type Sshd, startSshd } from '../../test/system/sshd.ts';
import { type MadeDump, makeDump } from '../peers/dump.ts';
import { restoreOf } from '../peers/restore.ts';
import type { Look, LookerCalls } from '../processes/looker.ts';
import { startRemote } from '../remote.ts';
import { type Findings, mebibytes } from '../report.ts';
import { median, pairedRatio } from '../stats.ts';

const SMALL_BYTES = 2 ** 20;
const BIG_BYTES = 2 ** 30;
const ROUNDS = 3;

/** A look into a dump of 1 GiB over SSH: what the bot's memory and its time are, which must not depend on the size. */
export async function benchDump(): Promise<Findings> {
  const sshd = peer('sshd');
  if (!sshd.found) return { figures: [], notes: [`Left out: ${sshd.reason}.`] };
  const directory = await mkdtemp(join(tmpdir(), 'storagebot-dump-'));
  await chmod(directory, 0o755); // PostgreSQL runs as another user
  const server = await startSshd(sshd.path);
  try {
    const small = await makeDump(join(directory, 'small.sql.gz'), SMALL_BYTES);
    const big = await makeDump(join(directory, 'big.sql.gz'), BIG_BYTES);
    const smallLook = await look(server, small);
    const looks: Look[] = [];
    const aloneMs: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      looks.push(await look(server, big));
      aloneMs.push(await alone(big));
    }
    return { figures: figuresOf({ smallLook, looks, aloneMs }), notes: [told(big, highest(looks)), await restoreOf(big)] };
  } finally {
    await server.stop();
    await rm(directory, { recursive: true });
  }
}

/** In a process of its own, so that its peak is that of this look. Throws where it did not see the dump for what it is. */
async function look({ endpoint }: Sshd, { path, rows }: MadeDump): Promise<Look> {
  const remote = startRemote<LookerCalls>(new URL('../processes/looker.ts', import.meta.url));
  try {
    const seen = await remote.call('look', endpoint, path);
    if (seen.rows !== rows || !seen.isWhole) throw new Error(`It saw ${seen.rows} of ${rows} rows`);
    return seen;
  } finally {
    await remote.stop();
  }
}

/** The same script without the bot and without SSH, in milliseconds. */
async function alone({ path }: MadeDump): Promise<number> {
  const began = performance.now();
  await promisify(execFile)('nice', ['-n', '19', 'sh', '-c', POSTGRES_DUMP_SCRIPT, 'look', path]);
  return performance.now() - began;
}

interface Measured {
  readonly smallLook: Look;
  readonly looks: readonly Look[];
  readonly aloneMs: readonly number[];
}

function highest(looks: readonly Look[]): Look {
  const [first] = looks.toSorted((a, b) => b.peakAfter - a.peakAfter);
  if (first === undefined) throw new Error('Nothing was looked at');
  return first;
}

function figuresOf({ smallLook, looks, aloneMs }: Measured): Findings['figures'] {
  const { peakAfter } = highest(looks);
  const ours = looks.map(({ ms }) => ms);
  const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;
  return [
    {
      what: 'peak memory, look into a dump of 1 GiB',
      storagebot: mebibytes(peakAfter),
      other: mebibytes(smallLook.peakAfter),
      against: 'the same for a dump of 1 MiB',
      ratio: peakAfter / smallLook.peakAfter,
      goal: { is: 'at most', ratio: 1.1 },
    },
    {
      what: 'look into a dump of 1 GiB',
      storagebot: seconds(median(ours)),
      other: seconds(median(aloneMs)),
      against: 'its script alone, without SSH',
      ratio: pairedRatio(ours, aloneMs),
      goal: { is: 'at most', ratio: 1.2 },
    },
  ];
}

function told({ bytes, rows }: MadeDump, { peakBefore, peakAfter }: Look): string {
  const grown = `${mebibytes(peakBefore)} before the look, ${mebibytes(peakAfter)} after it`;
  return `The dump has ${rows} rows and is ${mebibytes(bytes)} packed. Peak memory of the process that looked: ${grown}.`;
}
