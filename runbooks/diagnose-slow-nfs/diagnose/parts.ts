import type { Diagnosis, Finding } from '../../../src/core/finding.ts';
import type { Known } from '../../../src/core/reading.ts';
import type { Code } from '../codes.ts';
import type { Measured, NodeRates } from '../facts.ts';
import { isQuick, isSlow, ratesOfNodes } from '../facts.ts';

export type Part = Diagnosis<Code>;
export type Proofs = readonly [Known<unknown>, ...Known<unknown>[]];

export const NOTHING: Part = { evidence: [], findings: [] };

/** Each output once. */
export function problem(about: Omit<Finding<Code>, 'seen'>, [first, ...more]: Proofs): Finding<Code> {
  return { ...about, seen: [first, ...new Set(more.filter((each) => each !== first))] };
}

export type Slow = readonly [NodeRates, NodeRates];

/** Two of the nodes that the server answers slowly, where it answers none quickly: the server's fault, and not one node's. */
export function slowEverywhere(facts: Measured): Slow | undefined {
  const rates = ratesOfNodes(facts);
  const [first, second] = rates.filter(isSlow);
  const isFastSomewhere = rates.some(isQuick);
  return first === undefined || second === undefined || isFastSomewhere ? undefined : [first, second];
}

/** That the disk is fully busy and NFS waits, with the outputs that prove it. */
export interface Saturation {
  readonly says: string;
  readonly proofs: readonly [Known<unknown>, Known<unknown>, Known<unknown>];
}

export function saysSlow([{ node, rttMs }, other]: Slow): string {
  return `the server needs ${ms(rttMs)} for a call of ${node} and ${ms(other.rttMs)} for one of ${other.node}`;
}

export function ms(milliseconds: number): string {
  return `${milliseconds < 10 ? milliseconds.toFixed(1) : Math.round(milliseconds)} ms`;
}

export function mb(kBPerS: number): string {
  return `${(kBPerS / 1024).toFixed(1)} MiB/s`;
}

export function percent(share: number): string {
  return `${share.toFixed(share < 10 ? 1 : 0)} %`;
}

export function size(bytes: number): string {
  const mib = bytes / 1024 ** 2;
  return mib < 1024 ? `${mib.toFixed(1)} MiB` : `${(mib / 1024).toFixed(0)} GiB`;
}
