import { expect, test } from 'vitest';
import { changed, refusal, type Written } from '../../test/example-config.ts';

const cases: readonly (readonly [string, (file: Written) => void, string])[] = [
  [
    'a number without unit',
    (file) => {
      file.approval.expiresAfter = '30';
    },
    'approval.expiresAfter must be a whole number and its unit: ms, s, m, h or d; for example 30m',
  ],
  [
    'an approver by name',
    (file) => {
      file.approval.tiers!.normal!.approvers = ['@admin'];
    },
    'approval.tiers.normal.approvers[0] must be the id (not the name)',
  ],
  [
    'no approval needed',
    (file) => {
      file.approval.tiers!.normal!.count = 0;
    },
    'approval.tiers.normal.count must be at least 1: nothing runs without an approval; for example 1',
  ],
  [
    'self-approval of a high risk',
    (file) => {
      Object.assign(file.approval.tiers!.high!, { selfApproval: true });
    },
    'approval.tiers.high.selfApproval must be false here: who asks',
  ],
  [
    'self-approval of a destructive change',
    (file) => {
      Object.assign(file.approval.tiers!.destructive!, { selfApproval: true });
    },
    'approval.tiers.destructive.selfApproval must be false here: who asks',
  ],
  [
    'more approvals than approvers',
    (file) => {
      file.approval.tiers!.high!.count = 3;
    },
    'approval.tiers.high.approvers has fewer people than count: no step of this tier could ever be approved',
  ],
  [
    'fewer groups than approvals of different groups',
    (file) => {
      file.approval.tiers!.destructive!.approvers = ['S0EXAMPLE01', 'S0EXAMPLE01', 'U0EXAMPLE01', 'U0EXAMPLE02'];
    },
    'approval.tiers.destructive.approvers has fewer groups (S…) than count: with differentGroups each approval must come',
  ],
  [
    'a wish for different groups that is no yes or no',
    (file) => {
      Object.assign(file.approval.tiers!.normal!, { differentGroups: 'maybe' });
    },
    'approval.tiers.normal.differentGroups must be true or false; for example false',
  ],
  [
    'an asker by name',
    (file) => {
      file.approval.tiers!.read!.askers = ['U0EXAMPLE01', 'operator'];
    },
    'approval.tiers.read.askers[1] must be the id (not the name) of a Slack user (U…) or user group (S…), or cli: and a local user; for example U012AB3CDEF',
  ],
  [
    'approvers of reading',
    (file) => {
      Object.assign(file.approval.tiers!.read!, { approvers: [] });
    },
    'approval.tiers.read.approvers is not a setting; known here: askers',
  ],
  [
    'a tier that does not exist',
    (file) => {
      Object.assign(file.approval.tiers!, { hihg: {} });
    },
    'approval.tiers.hihg is not a setting (did you mean high?)',
  ],
  [
    'a warning without a unit',
    (file) => {
      file.approval.warnBefore = '5';
    },
    'approval.warnBefore must be a whole number and its unit: ms, s, m, h or d; or 0 for no warning; for example 5m',
  ],
  [
    'a warning at the beginning of the offer',
    (file) => {
      Object.assign(file.approval, { expiresAfter: '5m', warnBefore: '5m' });
    },
    'approval.warnBefore must be shorter than expiresAfter: the warning comes while the offer still stands; for example 5m',
  ],
  [
    'a setting with a slip of the pen',
    (file) => {
      Object.assign(file.approval, { expireAfter: '5m' });
    },
    'approval.expireAfter is not a setting (did you mean expiresAfter?)',
  ],
];

test.each(cases)('%s is named with its path, its line, what is wrong and a right one', (_name, change, says) => {
  const { problems, message } = refusal(changed(change));
  expect(message).toContain(says);
  expect(problems.filter(({ line }) => line === undefined)).toEqual([]);
});
