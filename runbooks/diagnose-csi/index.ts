import { z } from 'zod';
import { Refusal } from '../../src/core/errors.ts';
import { defineRunbook } from '../../src/core/runbook.ts';
import type { Site } from '../../src/core/site.ts';
import type { CsiDriver } from '../../src/topology/csi-drivers.ts';
import { csiDriverNamed, csiDrivers } from '../../src/topology/csi-drivers.ts';
import { CODES } from './codes.ts';
import { diagnose } from './diagnose/index.ts';
import { gather } from './gather.ts';
import { plan } from './plan.ts';

const DriverWord = z
  .string()
  .max(253, 'is longer than the name of any driver')
  .regex(/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/, 'is not the name of a driver: a-z, 0-9, "-" and "." only');

export default defineRunbook({
  id: 'diagnose-csi',
  words: ['diagnose', 'csi'],
  alsoWords: [['fix', 'csi']],
  usage: '[driver]',
  title: 'Diagnose the CSI drivers: their pods, limits, ports, and where they are registered',
  codes: CODES,
  changes: true,
  params: z.strictObject({ driver: DriverWord.exactOptional() }),
  fromWords: (words) => (words.length === 0 || (words.length === 1 && words[0] === 'all') ? {} : { driver: words.join(' ') }),
  gather: async ({ driver }, read, site) => gather(driver === undefined ? csiDrivers(site) : [named(driver, site)], read, site),
  diagnose,
  plan,
});

function named(word: string, site: Site): CsiDriver {
  const found = csiDriverNamed(site, word);
  if (found !== undefined) return found;
  const known = csiDrivers(site).map(({ name, alias }) => `${alias} (${name})`);
  throw new Refusal('not-found', `The bot knows no CSI driver ${word}. It knows ${known.join(', ')}.`);
}
