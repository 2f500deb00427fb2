import { z } from 'zod';
import { Approver, Duration } from './fields.ts';

/** Nobody may approve what nobody was named for. */
const rule = {
  approvers: z.array(Approver).default([]),
  count: z
    .int('must be how many different people must approve')
    .min(1, 'must be at least 1: nothing runs without an approval')
    .meta({ example: 1 })
    .default(1),
};

const selfApproval = z.boolean('must be true or false').meta({ example: false }).default(false);

const noSelfApproval = z
  .literal(false, 'must be false here: who asks for a change of this risk cannot also be the one who approves it')
  .meta({ example: false })
  .default(false);

const NormalRule = reachable(z.strictObject({ ...rule, selfApproval }));
const StrictRule = reachable(z.strictObject({ ...rule, selfApproval: noSelfApproval }));

/** Who may approve what. Every tier that is left out is closed. */
export const Approvals = z
  .strictObject({
    expiresAfter: Duration.default(30 * 60_000),
    tiers: z
      .strictObject({ normal: NormalRule.prefault({}), high: StrictRule.prefault({}), destructive: StrictRule.prefault({}) })
      .prefault({}),
  })
  .transform(({ expiresAfter, tiers }) => ({ expiresAfterMs: expiresAfter, tiers }));

interface Rule {
  readonly approvers: readonly string[];
  readonly count: number;
}

/** A group has as many members as it has; of listed people there must be enough. */
function reachable<Schema extends z.ZodType<Rule>>(schema: Schema) {
  return schema.refine(
    ({ approvers, count }) =>
      approvers.length === 0 || approvers.some((id) => id.startsWith('S')) || new Set(approvers).size >= count,
    { path: ['approvers'], error: 'has fewer people than count: no step of this tier could ever be approved' },
  );
}
