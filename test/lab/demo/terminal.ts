import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { z } from 'zod';
import type { LabSite } from '../site/lab.ts';

const CLI = fileURLToPath(new URL('../../../src/cli.ts', import.meta.url));
const Ended = z.object({ code: z.int(), stdout: z.string(), stderr: z.string() });

export type Ended = z.output<typeof Ended>;

/** Runs `storagebot …` with this configuration, as somebody who is logged in on the bot's machine would. */
export async function storagebot({ directory }: LabSite, configPath: string, words: readonly string[]): Promise<Ended> {
  const argv = ['--disable-warning=ExperimentalWarning', CLI, ...words, '--config', configPath];
  const options = { env: { PATH: process.env['PATH'], HOME: directory, USER: 'operator' }, maxBuffer: 64 << 20 };
  return promisify(execFile)(process.execPath, argv, options).then(
    (printed) => ({ code: 0, ...printed }),
    (error: unknown) => Ended.parse(error),
  );
}
