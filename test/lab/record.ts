import { mkdir, rm, writeFile } from 'node:fs/promises';
import { runbooks } from '../../runbooks/index.ts';
import { RedactedTargets } from '../../src/connectors/redacted-targets.ts';
import type { Outcome } from '../../src/core/output.ts';
import { readerOver, recordInto } from '../../src/core/reading.ts';
import type { Runbook } from '../../src/core/runbook.ts';
import type { Site } from '../../src/core/site.ts';
import { type Clean, cleanText } from '../../src/redaction/index.ts';
import type { Case } from '../contract.ts';
import { scenarioNamed } from './scenarios/index.ts';
import { labSite } from './site/config-text.ts';
import { worldOf } from './site/lab.ts';
import { labTargets } from './site/targets.ts';
import type { World } from './site/world.ts';

function worldFor({ scenario, nas }: Case): World {
  return worldOf({ scenario: scenarioNamed(scenario), hangScale: 0.001, ...(nas && { flavour: nas }) });
}

/** What runbooks know of the lab in this situation without asking. */
export function siteOf(each: Case): Site {
  return labSite(worldFor(each));
}

/** What the runbook sees of the lab in this situation: every outcome, by its line. */
export async function record(runbook: Runbook, each: Case): Promise<Record<string, Outcome>> {
  return recordIn(worldFor(each), runbook, each);
}

/** The same in a world that is there already. */
export async function recordIn(
  world: World,
  runbook: Runbook,
  { words, clean = cleanText }: Pick<Case, 'words'> & { readonly clean?: Clean },
): Promise<Record<string, Outcome>> {
  const recording: Record<string, Outcome> = {};
  const read = readerOver(recordInto(recording, new RedactedTargets(labTargets(world), clean).read));
  await runbook.look(runbook.fromWords(words), read, labSite(world));
  return Object.fromEntries(Object.entries(recording).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

export function recordingName({ scenario, name }: Case): string {
  return name ?? scenario;
}

/** One line for each command, so that a change of one outcome is a change of one line. */
export function recordingText(recording: Readonly<Record<string, Outcome>>): string {
  const lines = Object.entries(recording).map(([line, outcome]) => `${JSON.stringify(line)}: ${JSON.stringify(outcome)}`);
  return `{\n${lines.join(',\n')}\n}\n`;
}

/** The cases that a runbook's folder holds. */
export async function casesOf({ id }: Runbook): Promise<readonly Case[]> {
  const { cases } = (await import(new URL(`../../runbooks/${id}/cases.ts`, import.meta.url).href)) as { cases: readonly Case[] };
  return cases;
}

/** `npm run record` writes every recording anew; followed by names of runbooks, only theirs. */
if (process.argv[1] === import.meta.filename) {
  const named = process.argv.slice(2);
  for (const runbook of runbooks.filter(({ id }) => named.length === 0 || named.includes(id))) {
    const folder = new URL(`../../runbooks/${runbook.id}/recordings/`, import.meta.url);
    const cases = await casesOf(runbook);
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    for (const each of cases)
      await writeFile(new URL(`${recordingName(each)}.json`, folder), recordingText(await record(runbook, each)));
    console.log(`${runbook.id}: ${cases.length} recordings`);
  }
}
