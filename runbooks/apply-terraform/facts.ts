import type { Stack } from '../../src/commands/terraform.ts';
import { Refusal } from '../../src/core/errors.ts';
import type { Reader } from '../../src/core/reading.ts';
import type { Site } from '../../src/core/site.ts';
import type { CsiDriver } from '../../src/topology/csi-drivers.ts';
import { csiDriverNamed, csiDrivers } from '../../src/topology/csi-drivers.ts';
import type { StackLook } from '../../src/topology/stack-look.ts';
import { lookAtStack } from '../../src/topology/stack-look.ts';

export interface Facts extends StackLook {
  readonly driver: CsiDriver;
}

export async function gather(word: string, read: Reader, site: Site): Promise<Facts> {
  const { driver, stack } = stackOf(word, site);
  return { driver, ...(await lookAtStack(read, stack)) };
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
