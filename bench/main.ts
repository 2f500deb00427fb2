import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type Findings, isMet, machine, tableOf, writeJson } from './report.ts';
import { benchAck } from './sections/ack.ts';
import { benchBackups } from './sections/backups.ts';
import { benchDiagnose } from './sections/diagnose.ts';
import { benchDump } from './sections/dump.ts';
import { benchFootprint } from './sections/footprint.ts';
import { benchStorm } from './sections/storm.ts';

const SECTIONS: Readonly<Record<string, () => Promise<Findings>>> = {
  ack: benchAck,
  diagnose: benchDiagnose,
  dump: benchDump,
  backups: benchBackups,
  footprint: benchFootprint,
  storm: benchStorm,
};
const USAGE = `Usage: npm run bench [-- [--check] [${Object.keys(SECTIONS).join('] [')}]]`;

await main();

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({ options: { check: { type: 'boolean' } }, allowPositionals: true });
  const unknown = positionals.filter((name) => !(name in SECTIONS));
  if (unknown.length > 0) {
    console.error(`There is no section ${unknown.join(', ')}. ${USAGE}`);
    process.exitCode = 2;
    return;
  }
  const done: Record<string, Findings> = {};
  console.log(machine());
  for (const [name, bench] of Object.entries(SECTIONS)) {
    if (positionals.length > 0 && !positionals.includes(name)) continue;
    done[name] = await timedSection(name, bench);
  }
  const figures = Object.values(done).flatMap((findings) => findings.figures);
  const root = new URL('..', import.meta.url);
  const file = await writeJson(root, done);
  console.log(`\nThe same figures as JSON: ${relative(fileURLToPath(root), fileURLToPath(file))}`);
  const missed = figures.filter((figure) => !isMet(figure)).length;
  console.log(missed === 0 ? 'All goals are met.' : `${missed} of ${figures.length} goals are missed.`);
  if (values.check === true && missed > 0) process.exitCode = 1;
}

async function timedSection(name: string, bench: () => Promise<Findings>): Promise<Findings> {
  const began = performance.now();
  const findings = await bench();
  console.log(`\n${name} (${((performance.now() - began) / 1000).toFixed(0)} s)\n${tableOf(findings.figures)}`);
  for (const note of findings.notes) console.log(note);
  return findings;
}
