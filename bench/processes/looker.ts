import { readFile } from 'node:fs/promises';
// All that the bot has in its memory is in this process too.
import '../../src/app.ts';
import { postgresDump } from '../../src/commands/backup-dumps.ts';
import { RedactedTargets } from '../../src/connectors/redacted-targets.ts';
import { createSsh, type SshEndpoint } from '../../src/connectors/ssh/index.ts';
import type { Command } from '../../src/core/command.ts';
import { readerOver } from '../../src/core/reading.ts';
import { cleanText } from '../../src/redaction/index.ts';
import { serve } from '../remote.ts';

export interface Look {
  readonly ms: number;
  /** Of all tables. */
  readonly rows: number;
  readonly isWhole: boolean;
  /** The most memory that the process ever had, in bytes: before the look, and after it. */
  readonly peakBefore: number;
  readonly peakAfter: number;
}

const NAS = { name: 'nas', sudo: false };

/** Looks into dumps as the bot does: by its connector, its redaction and its parser. */
const calls = {
  async look(endpoint: SshEndpoint, path: string): Promise<Look> {
    const ssh = createSsh({ resolve: async () => endpoint });
    const elsewhere = async () => ({ failed: 'not-configured', says: 'There are only hosts here.', toDo: '' }) as const;
    const read = async (command: Command) => (command.via === 'ssh' ? ssh.read(command) : elsewhere());
    const targets = new RedactedTargets({ read, change: elsewhere, close: ssh.close }, cleanText);
    const peakBefore = await peakBytes();
    const began = performance.now();
    const seen = await readerOver(targets.read)(postgresDump(NAS, path));
    const ms = performance.now() - began;
    await targets.close();
    if (!seen.known) throw new Error(`The dump could not be looked at: ${seen.why.says}`);
    const { databases, hasHeader, hasTrailer, readable } = seen.value;
    const counts = databases.flatMap(({ tables }) => tables.map(({ rows }) => (rows === 'unknown' ? Number.NaN : rows)));
    const rows = counts.reduce((sum, count) => sum + count, 0);
    return { ms, rows, isWhole: readable && hasHeader && hasTrailer, peakBefore, peakAfter: await peakBytes() };
  },
};

export type LookerCalls = typeof calls;

async function peakBytes(): Promise<number> {
  if (process.platform !== 'linux') return process.resourceUsage().maxRSS * 1024;
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(await readFile('/proc/self/status', 'utf8'))?.[1]) * 1024;
}

serve(calls, async () => undefined);
