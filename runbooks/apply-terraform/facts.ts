import { clockOf } from '../../src/commands/node-system.ts';
import type { PlanFile, PlanKind, Stack } from '../../src/commands/terraform.ts';
import { checkoutOf, planDigest, planFiles, plannedChanges } from '../../src/commands/terraform.ts';
import type { Checkout, PlannedChanges } from '../../src/commands/terraform-text.ts';
import { Refusal } from '../../src/core/errors.ts';
import type { Reader, Seen } from '../../src/core/reading.ts';
import type { Site } from '../../src/core/site.ts';
import type { CsiDriver } from '../../src/topology/csi-drivers.ts';
import { csiDriverNamed, csiDrivers } from '../../src/topology/csi-drivers.ts';

export interface Facts {
  readonly driver: CsiDriver;
  readonly stack: Stack;
  readonly clock: Seen<number>;
  readonly checkout: Seen<Checkout>;
  /** Of the commit that is checked out; absent where that could not be seen. */
  readonly files?: Seen<readonly PlanFile[]>;
  /** Of the saved plan, where there is one. */
  readonly digest?: Seen<string>;
  readonly changes?: Seen<PlannedChanges>;
}

/** What was planned longer ago is planned anew: the cluster may have changed under it. */
const FRESH_S = 3_600;

/** What was made later than now was made by a clock that went wrong. */
const SLACK_S = 60;

export async function gather(word: string, read: Reader, site: Site): Promise<Facts> {
  const { driver, stack } = stackOf(word, site);
  const [clock, checkout] = await Promise.all([read(clockOf(stack.terraform.host)), read(checkoutOf(stack))]);
  if (!checkout.known) return { driver, stack, clock, checkout };
  const { commit } = checkout.value;
  const files = await read(planFiles(stack, commit));
  const base = { driver, stack, clock, checkout, files };
  if (ageS(base, 'tfplan') === undefined) return base;
  // In this order: a plan that is saved in between has another digest than the one that is compared before it is applied.
  const digest = await read(planDigest(stack, commit));
  const changes = await read(plannedChanges(stack, commit));
  return { ...base, digest, changes };
}

function stackOf(word: string, site: Site): { readonly driver: CsiDriver; readonly stack: Stack } {
  const { terraform } = site;
  if (terraform === undefined)
    throw new Refusal('not-found', 'The configuration names no host that may plan and apply: set site.terraform.');
  const driver = csiDriverNamed(site, word);
  const stack = driver && terraform.stacks[driver.name];
  if (driver !== undefined && stack !== undefined) return { driver, stack: { terraform, stack } };
  const known = csiDrivers(site).filter(({ name }) => name in terraform.stacks);
  const offer = known.map(({ name, alias }) => `${alias} (${name})`).join(', ') || 'none';
  throw new Refusal('not-found', `site.terraform names no stack of ${word}. It names those of: ${offer}.`);
}

/** How long ago a file of this kind was made; undefined where there is none, or that could not be seen. */
export function ageS({ clock, files }: Pick<Facts, 'clock' | 'files'>, kind: PlanKind): number | undefined {
  if (!clock.known || !files?.known) return undefined;
  const file = files.value.find((each) => each.kind === kind);
  return file && clock.value - file.madeAtS;
}

export function isFresh(facts: Pick<Facts, 'clock' | 'files'>, kind: PlanKind): boolean {
  const age = ageS(facts, kind);
  return age !== undefined && age >= -SLACK_S && age <= FRESH_S;
}
