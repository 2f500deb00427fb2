import type { Diagnosis } from '../../../src/core/finding.ts';
import { together } from '../../../src/core/finding.ts';
import type { Code } from '../codes.ts';
import type { Facts } from '../facts.ts';
import { diagnoseChown } from './chown.ts';
import { diagnoseGhosts } from './ghosts.ts';
import { diagnoseOutages } from './outages.ts';
import { diagnoseVersions } from './versions.ts';

/** Causes beside server, paths and old mounts. */
export function diagnoseCauses(facts: Facts): Diagnosis<Code> {
  return together([diagnoseVersions(facts), diagnoseChown(facts), diagnoseOutages(facts), diagnoseGhosts(facts)]);
}
