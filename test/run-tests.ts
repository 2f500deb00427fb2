import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { startVitest, type TestCase, type TestModule, type TestSuite, type Vitest } from 'vitest/node';
import { missingPeers } from './peers.ts';
import { add, nothing, type Tally } from './tally.ts';

/** Runs the vitest tests below `root` whose path contains one of `filters`; all of them when there is none. */
export async function runTests(root: string, filters: readonly string[]): Promise<Tally> {
  const config = join(import.meta.dirname, 'vitest.config.ts');
  const vitest = await startVitest([...filters], { root, config, run: true, watch: false, reporters: ['default'] });
  const tally = tallyOf(vitest);
  await vitest.close();
  return tally;
}

function tallyOf(vitest: Vitest): Tally {
  const modules = vitest.state.getTestModules();
  if (modules.length === 0) return failure('no test was found');
  const unhandled = vitest.state
    .getUnhandledErrors()
    .map((error) => failure(`an error that no test caught: ${messageOf(error)}`));
  return [...modules.map(ofModule), ...unhandled].reduce(add, nothing);
}

function ofModule(module: TestModule): Tally {
  const cases = [...module.children.allTests()].map(ofCase);
  const suites = [...module.children.allSuites()].map(ofErrors);
  return [...cases, ...suites, ofErrors(module)].reduce(add, nothing);
}

/** A file that does not load and a hook that throws are failures of their own: their tests never ran. */
function ofErrors(part: TestModule | TestSuite): Tally {
  const name = part.type === 'module' ? part.relativeModuleId : nameOf(part);
  return part.errors().length === 0 ? nothing : failure(name);
}

function ofCase(test: TestCase): Tally {
  const result = test.result();
  switch (result.state) {
    case 'passed':
      return { ...nothing, passed: 1 };
    case 'failed':
      return failure(nameOf(test));
    case 'pending':
      return failure(`${nameOf(test)}: did not run`);
    case 'skipped':
      return skip(test, result.note);
  }
}

/** A skip must say why: by its note, or because the file asks for a peer that is not here. */
function skip(test: TestCase, note: string | undefined): Tally {
  if (brokenBefore(test)) return nothing;
  const reasons = note === undefined ? missingPeers(readFileSync(test.module.moduleId, 'utf8')) : [note];
  if (reasons.length === 0) return failure(`${nameOf(test)}: skipped without a reason`);
  return { ...nothing, skipped: 1, skips: [`${nameOf(test)}: ${reasons.join('; ')}`] };
}

/** True where the test was left out because a hook around it threw; that hook is the failure. */
function brokenBefore({ parent }: TestCase | TestSuite): boolean {
  return parent.errors().length > 0 || (parent.type === 'suite' && brokenBefore(parent));
}

function nameOf(part: TestCase | TestSuite): string {
  return `${part.module.relativeModuleId} > ${part.fullName}`;
}

function messageOf(error: unknown): string {
  const hasMessage = typeof error === 'object' && error !== null && 'message' in error && typeof error.message === 'string';
  return hasMessage ? String(error.message) : inspect(error);
}

function failure(line: string): Tally {
  return { ...nothing, failed: 1, failures: [line] };
}
