import { link, mkdir, mkdtemp, rm, truncate, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import diagnoseBackups from '../../runbooks/diagnose-backups/index.ts';
import { createSsh } from '../../src/connectors/ssh/index.ts';
import type { Command } from '../../src/core/command.ts';
import { isFailure } from '../../src/core/output.ts';
import { readerOver } from '../../src/core/reading.ts';
import { scenarioNamed } from '../../test/lab/scenarios/index.ts';
import { labSite, labTargets, type World, worldOf } from '../../test/lab/site/index.ts';
import { peer } from '../../test/peers.ts';
import { type Sshd, startSshd } from '../../test/system/sshd.ts';
import { makeDump } from '../peers/dump.ts';
import type { Figure, Findings } from '../report.ts';
import { median } from '../stats.ts';

const JOBS = 10;
const NIGHTS = 14;
const BUDGET_MS = 15_000;
const ROUNDS = 3;
const MEBIBYTE = 2 ** 20;

/** Sizes of the newest dump of each job, unpacked: as sites have them, and where every one is too large to be read while people wait. */
const SITES = [
  { what: 'two dumps of 1 GiB and eight of 64 MiB', large: 2 },
  { what: 'ten dumps of 1 GiB', large: JOBS },
] as const;

interface Round {
  readonly ms: number;
  readonly listedMs: number;
  readonly read: number;
}

/** The first word on all backups: real files, and the bot's own scripts, run by a real sh behind a real sshd. The cluster is simulated. */
export async function benchBackups(): Promise<Findings> {
  const sshd = peer('sshd');
  if (!sshd.found) return { figures: [], notes: [`Left out: ${sshd.reason}.`] };
  const directory = await mkdtemp(join(tmpdir(), 'storagebot-backups-'));
  const server = await startSshd(sshd.path);
  try {
    const large = await makeDump(join(directory, 'large'), 1_024 * MEBIBYTE);
    const small = await makeDump(join(directory, 'small'), 64 * MEBIBYTE);
    const figures: Figure[] = [];
    const notes: string[] = [];
    for (const { what, large: count } of SITES) {
      const world = worldOf({ scenario: scenarioNamed('backups-well'), hangScale: 0.001 });
      const root = join(directory, `${count}`);
      for (let job = 0; job < JOBS; job += 1) await makeJob(world, join(root, `${job}`), job < count ? large.path : small.path);
      const rounds: Round[] = [];
      for (let round = 0; round < ROUNDS; round += 1) rounds.push(await lookAt(world, { server, root }));
      figures.push(figureOf(what, rounds));
      notes.push(
        `Of ${what}, ${rounds.map(({ read }) => read).join(', ')} of ${JOBS} were read to their ends; the lists took ${seconds(median(rounds.map(({ listedMs }) => listedMs)))}.`,
      );
    }
    return { figures, notes };
  } finally {
    await server.stop();
    await rm(directory, { recursive: true });
  }
}

/** The newest is a real dump; of those before it only names, times and sizes are looked at. */
async function makeJob({ time }: World, path: string, newest: string): Promise<void> {
  await mkdir(path, { recursive: true });
  for (let ago = 0; ago < NIGHTS; ago += 1) {
    const file = join(path, `dump_${String(NIGHTS - ago).padStart(2, '0')}.sql.gz`);
    if (ago === 0) await link(newest, file);
    else await writeFile(file, '').then(() => truncate(file, 200 * MEBIBYTE - ago));
    const writtenS = time.nowMs / 1_000 - 3_600 - ago * 86_400;
    await utimes(file, writtenS, writtenS);
  }
}

/** Reads of the directories go to the real server, all others to the simulated site. */
async function lookAt(world: World, { server, root }: { readonly server: Sshd; readonly root: string }): Promise<Round> {
  const ssh = createSsh({ resolve: async () => server.endpoint });
  const site = labSite(world);
  const [one] = Object.values(site.backups ?? {});
  if (one === undefined) throw new Error('The lab has no backup jobs');
  const jobs = Array.from({ length: JOBS }, (_, job) => [`job${job}`, { ...one, path: join(root, `${job}`) }]);
  const nas = { ...site.nas, host: { ...site.nas.host, sudo: false } };
  const simulated = labTargets(world);
  let [listedMs, read] = [0, 0];
  const began = performance.now();
  const ask = async (command: Command) => {
    if (command.via !== 'ssh' || !command.argv.some((word) => word.startsWith(root))) return simulated.read(command);
    const outcome = await ssh.read(command);
    if (!command.argv.includes('nice')) listedMs = Math.max(listedMs, performance.now() - began);
    else if (!isFailure(outcome) && outcome.exitCode === 0) read += 1;
    return outcome;
  };
  const { diagnosis } = await diagnoseBackups.look({}, readerOver(ask), { ...site, nas, backups: Object.fromEntries(jobs) });
  const ms = performance.now() - began;
  await ssh.close();
  const unread = diagnosis.evidence.filter(({ says }) => says.includes('was not read to its end')).length;
  if (read + unread !== JOBS)
    throw new Error(`${read} dumps were read to their ends, and of ${unread} it is said that they were not`);
  return { ms, listedMs, read };
}

function figureOf(what: string, rounds: readonly Round[]): Figure {
  const ms = Math.max(...rounds.map((round) => round.ms));
  return {
    what: `diagnose backups, ${JOBS} jobs of ${NIGHTS} files, ${what}`,
    storagebot: seconds(ms),
    other: seconds(BUDGET_MS),
    against: 'how long people wait for the first word',
    ratio: ms / BUDGET_MS,
    goal: { is: 'at most', ratio: 1 },
  };
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}
