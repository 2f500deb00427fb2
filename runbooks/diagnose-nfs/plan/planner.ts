import type { Finding } from '../../../src/core/finding.ts';
import type { Step } from '../../../src/core/plan.ts';
import type { Code } from '../codes.ts';
import type { Facts } from '../facts.ts';

/** Returns no step where what it needs is not known or not ours to change. */
export type Planner = (because: Finding<Code>, facts: Facts) => readonly Step[];
