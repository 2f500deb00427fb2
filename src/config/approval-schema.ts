import { z } from 'zod';
import { tooFewApprovers } from '../approval/policy.ts';
import { Approver, Duration } from './fields.ts';

const WARN_BEFORE_MS = 5 * 60_000;

const yesOrNo = z.boolean('must be true or false').meta({ example: false });

const Count = z
  .int('must be how many different people must approve')
  .min(1, 'must be at least 1: nothing runs without an approval')
  .meta({ example: 1 });

/** Nobody may approve what nobody was named for. */
const rule = { approvers: z.array(Approver).default([]), count: Count.default(1), differentGroups: yesOrNo.default(false) };

const noSelfApproval = z
  .literal(false, 'must be false here: who asks for a change of this risk cannot also be the one who approves it')
  .meta({ example: false })
  .default(false);

const NormalRule = reachable(z.strictObject({ ...rule, selfApproval: yesOrNo.default(false) }));
const HighRule = reachable(z.strictObject({ ...rule, selfApproval: noSelfApproval }));
/** Where data can be lost, a second approver is the rule, and one alone has to be written down. */
const DestructiveRule = reachable(z.strictObject({ ...rule, count: Count.default(2), selfApproval: noSelfApproval }));

const AskRule = z.strictObject({ askers: z.array(Approver).exactOptional() });

const WarnBefore = z
  .union([z.literal(0), Duration], 'must be a whole number and its unit: ms, s, m, h or d; or 0 for no warning')
  .meta({ example: '5m' });

/** Who may ask, and who may approve what. Every tier of changes that is left out is closed; asking is open. */
export const Approvals = z
  .strictObject({
    expiresAfter: Duration.default(30 * 60_000),
    warnBefore: WarnBefore.exactOptional(),
    tiers: z
      .strictObject({
        read: AskRule.prefault({}),
        normal: NormalRule.prefault({}),
        high: HighRule.prefault({}),
        destructive: DestructiveRule.prefault({}),
      })
      .prefault({}),
  })
  // Not `<`: an expiresAfter that is no length of time has its own problem, and then this is none.
  .refine(({ expiresAfter, warnBefore = 0 }) => !(warnBefore >= expiresAfter), {
    path: ['warnBefore'],
    error: 'must be shorter than expiresAfter: the warning comes while the offer still stands',
  })
  // A short offer whose warning is left out is warned of half-way.
  .transform(({ expiresAfter, warnBefore = Math.min(WARN_BEFORE_MS, Math.floor(expiresAfter / 2)), tiers }) => ({
    expiresAfterMs: expiresAfter,
    warnBeforeMs: warnBefore,
    tiers,
  }));

interface Rule {
  readonly approvers: readonly string[];
  readonly count: number;
  readonly differentGroups: boolean;
}

/** A group has as many members as it has; of listed people there must be enough, and of groups that must differ. */
function reachable<Schema extends z.ZodType<Rule>>(schema: Schema) {
  return schema
    .refine((each) => each.differentGroups || tooFewApprovers(each) === undefined, {
      path: ['approvers'],
      error: 'has fewer people than count: no step of this tier could ever be approved',
    })
    .refine((each) => !each.differentGroups || tooFewApprovers(each) === undefined, {
      path: ['approvers'],
      error: 'has fewer groups (S…) than count: with differentGroups each approval must come from another group',
    });
}
