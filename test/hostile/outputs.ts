import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { cases as addExportCases } from '../../runbooks/add-export/cases.ts';
import addExport from '../../runbooks/add-export/index.ts';
import { cases as diagnoseNfsCases } from '../../runbooks/diagnose-nfs/cases.ts';
import diagnoseNfs from '../../runbooks/diagnose-nfs/index.ts';
import { meaningOf } from '../../src/commands/pod-events.ts';
import { Refusal } from '../../src/core/errors.ts';
import type { Outcome, Recording } from '../../src/core/output.ts';
import { isFailure } from '../../src/core/output.ts';
import { TooLong, Unprintable } from '../../src/core/quote.ts';
import { readerOver, replay, understand } from '../../src/core/reading.ts';
import type { Case } from '../contract.ts';
import { recordingOf } from '../contract.ts';
import { samples } from '../deploy/samples.ts';
import { portion, sampled } from '../depth.ts';
import { siteOf } from '../lab/record.ts';
import { fc, seed } from '../seed.ts';
import { root } from '../tree.ts';
import type { Count } from './count.ts';
import { hostileText, parted } from './texts.ts';

const OUTPUTS = portion(20_000);
const LOOKS = 40;
const MEBIBYTE = 2 ** 20;

/** One for each parser: the commands of one function differ in their arguments alone, or have another parser. */
const readers = Object.values(samples)
  .flatMap((functions) => Object.values(functions))
  .flatMap((made) => [...new Map(made.filter((one) => one.kind === 'read').map((read) => [`${read.parse}`, read])).values()]);

/** The same parser reads the output of several commands. */
const parsers = [...new Map(readers.map((read) => [`${read.parse}`, read])).values()];

/** What real and simulated systems printed: hostile text inside of it gets further into a parser than by itself. */
const printed = [...new Set(['runbooks/add-export', 'runbooks/diagnose-nfs'].flatMap(outputsIn))];

function outputsIn(folder: string): string[] {
  const directory = join(root, folder, 'recordings');
  const recordings = readdirSync(directory).map((name): Recording => JSON.parse(readFileSync(join(directory, name), 'utf8')));
  const outcomes = recordings.flatMap((recording) => Object.values(recording));
  return outcomes.flatMap((outcome) => (isFailure(outcome) ? [] : [outcome.stdout.slice(0, 3_000), outcome.stderr]));
}

/** A text that is itself an output, or stands in the middle of one. */
const hostileOutput = fc
  .tuple(
    fc.option(fc.constantFrom(...printed), { nil: '' }),
    hostileText,
    fc.double({ min: 0, max: 1, noNaN: true }),
    fc.boolean(),
  )
  .map(([base, text, where, cut]) => {
    const at = Math.floor(base.length * where);
    return base.slice(0, at) + text + (cut ? '' : base.slice(at));
  });

/** Beginnings and repetitions over which a careless expression takes hours. */
const beginnings = [
  '',
  '/',
  'PID\n',
  'd 1 1 1 ',
  'mountd exportfs: ',
  'mount.nfs: ',
  "ls: cannot access '",
  'boot: order=scsi0\n',
];
const repetitions = [
  ...parted('a / ( " \\ \\M- \\040 \n /\n /\\040\n a\t [ {"a": ,fsid=0 \u0000 \ud800'),
  ' ',
  '/a ',
  '/ (',
  '/a x(y) ',
  '"/a" ',
  ' #',
  'MountVolume code = Internal ',
  'mount.nfs: ',
  'nfs: server ',
  "ls: '",
  'd 1 1 1 /',
  'name: ',
  '1.2.3.4 ',
];

export function hostileOutputs(count: Count): void {
  describe('a hostile output', () => {
    test('is read or is a "could not look", and never more than that', () => {
      const property = fc.property(
        fc.constantFrom(...readers),
        hostileOutput,
        hostileText,
        fc.nat(),
        (read, stdout, stderr, which) => {
          count.add('outputs', 2);
          const exitCode = read.answers[which % read.answers.length] ?? 0;
          const seen = understand(read, { exitCode, stdout, stderr });
          expect(seen.known ? 0 : seen.why.says.length).toBeLessThan(500);
        },
      );
      fc.assert(property, { numRuns: OUTPUTS, seed });
    });

    test.each(sampled(parsers, 40))('of a mebibyte is read within a second: $asks', (read) => {
      for (const text of hugeOutputs()) {
        count.add('outputs');
        const startedAt = process.cpuUsage();
        understand(read, { exitCode: read.answers[1] ?? 0, stdout: '', stderr: text });
        understand(read, { exitCode: 0, stdout: text, stderr: '' });
        const seconds = process.cpuUsage(startedAt).user / 2_000_000;
        expect(seconds < 1 ? '' : `${seconds} s for ${JSON.stringify(text.slice(0, 60))} …`).toBe('');
      }
    });

    test('of a mebibyte as the message of an event is read within a second', () => {
      for (const message of hugeOutputs()) {
        const startedAt = process.cpuUsage();
        meaningOf({ message });
        expect(process.cpuUsage(startedAt).user).toBeLessThan(1_000_000);
      }
    });

    test('anywhere in what a run saw ends in a diagnosis, or in words that say why there is none', async () => {
      const property = fc.asyncProperty(
        fc.constantFrom(...situations),
        hostileOutput,
        fc.nat(),
        async (situation, text, which) => {
          count.add('outputs');
          expect(['looked', 'refused']).toContain(await lookAt(situation, text, which));
        },
      );
      await fc.assert(property, { numRuns: LOOKS, seed });
    });
  });
}

/** One repetition after each of the beginnings in turn. */
function hugeOutputs(): string[] {
  return repetitions.map((part, index) => {
    const beginning = beginnings[index % beginnings.length] ?? '';
    return beginning + part.repeat(Math.ceil(MEBIBYTE / part.length));
  });
}

const situations = [
  ...addExportCases.map((each: Case) => ({ runbook: addExport, each })),
  ...diagnoseNfsCases.map((each: Case) => ({ runbook: diagnoseNfs, each })),
].map(({ runbook, each }) => ({ runbook, each, recording: recordingOf(runbook, each) }));

/** The look at a recorded situation in which one command printed something else. */
async function lookAt(
  { runbook, each, recording }: (typeof situations)[number],
  text: string,
  which: number,
): Promise<'looked' | 'refused'> {
  const lines = Object.keys(recording);
  const line = lines[which % lines.length] ?? '';
  const outcome: Outcome = { exitCode: 0, stdout: text, stderr: text };
  try {
    await runbook.look(runbook.fromWords(each.words), readerOver(replay({ ...recording, [line]: outcome })), siteOf(each));
    return 'looked';
  } catch (error) {
    if (error instanceof Refusal || error instanceof Unprintable || error instanceof TooLong) return 'refused';
    throw error;
  }
}
