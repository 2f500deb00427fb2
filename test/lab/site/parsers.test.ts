import { describe, expect, test } from 'vitest';
import type { Flavour } from '../../../src/commands/nas.ts';
import type { Recording } from '../../../src/core/output.ts';
import { isFailure } from '../../../src/core/output.ts';
import { readerOver, recordInto } from '../../../src/core/reading.ts';
import { leftOut, sampled } from '../../depth.ts';
import type { Scenario } from '../scenarios/index.ts';
import { scenarios } from '../scenarios/index.ts';
import { allReads } from './catalogue.ts';
import { labTargets, worldOf } from './index.ts';

const FLAVOURS: readonly Flavour[] = ['core', 'scale', 'debian'];
const cases = scenarios.flatMap((scenario) =>
  (scenario.flavour === undefined ? FLAVOURS : [scenario.flavour]).map((flavour) => [scenario.name, flavour, scenario] as const),
);

async function lookAtAll(scenario: Scenario, flavour: Flavour) {
  const world = worldOf({ scenario, flavour, hangScale: 0.000_1 });
  const recording: Record<string, Recording[string]> = {};
  const reader = readerOver(recordInto(recording, labTargets(world).read));
  const seen = await Promise.all(allReads(world).map((read) => reader(read)));
  return { world, seen, recording };
}

const looked = sampled(cases, 24);
const repeated = sampled(scenarios, 8);

describe("the bot's parsers read what the lab's programs print", () => {
  test.each(looked)('%s on %s', async (_name, flavour, scenario) => {
    const { seen, world } = await lookAtAll(scenario, flavour);
    const unread = seen.flatMap((each) =>
      each.known || !['unreadable', 'unexpected-exit'].includes(each.why.failed) ? [] : [`${each.line}: ${each.why.says}`],
    );
    const mountdIsDown = !world.nas.services.mountd;
    // Without mountd no server can list its clients, nor FreeBSD's its exports: those looks fail, and must.
    expect(unread.filter((line) => !(mountdIsDown && line.startsWith('truenas$ timeout -k 1 4 showmount')))).toEqual([]);
    expect(seen.length).toBeGreaterThan(80);
  });
});

test('all is known of a site that is well', async () => {
  for (const flavour of FLAVOURS) {
    const scenario = scenarios.find(({ name }) => name === 'all-well');
    if (scenario === undefined) throw new Error('no such scenario');
    const { seen } = await lookAtAll(scenario, flavour);
    expect(seen.filter(({ known }) => !known)).toEqual([]);
  }
});

test.each(repeated.map((scenario) => [scenario.name, scenario] as const))(
  '%s is the same world each time, byte for byte',
  async (_name, scenario) => {
    const [one, other] = [
      await lookAtAll(scenario, scenario.flavour ?? 'core'),
      await lookAtAll(scenario, scenario.flavour ?? 'core'),
    ];
    expect(JSON.stringify(one.recording)).toBe(JSON.stringify(other.recording));
    expect(Object.values(one.recording).filter((outcome) => !isFailure(outcome)).length).toBeGreaterThan(60);
  },
);

leftOut(
  'all programs in the other scenarios',
  `${looked.length} of ${cases.length} were looked at, ${repeated.length} of them twice`,
);

test('each scenario has its own name and one sentence', () => {
  expect(new Set(scenarios.map(({ name }) => name)).size).toBe(scenarios.length);
  for (const { says } of scenarios) expect(says).toMatch(/^[A-Z].*\.$|^mountd .*\.$|^k8s-node\d .*\.$/);
});
