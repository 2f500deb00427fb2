import type { Diagnosis } from '../../../src/core/finding.ts';
import { notSeen, together } from '../../../src/core/finding.ts';
import { looksOf, sessionsOf, works } from '../../../src/topology/iscsi-sessions.ts';
import type { Code } from '../codes.ts';
import type { Facts } from '../facts.ts';
import { newRecords } from './defaults.ts';
import { driver } from './driver.ts';
import { failed } from './failed.ts';
import { missing } from './missing.ts';
import { outages } from './outages.ts';
import { stacked } from './stacked.ts';
import { notInUse } from './unused.ts';
import { working } from './working.ts';

export function diagnose({ site, look }: Facts): Diagnosis<Code> {
  const unseen = { evidence: looksOf(look).flatMap(([what, seen]) => notSeen(what, seen)), findings: [] };
  if (look.server === undefined) return together([unseen, notInUse(look)]);
  const sessions = sessionsOf(look);
  const { part, explained } = outages(look, sessions, site);
  return together([
    unseen,
    part,
    ...sessions.map((each) => (works(each) ? working(look, each) : explained.includes(each) ? NOTHING : failed(look, each))),
    missing(look),
    newRecords(look),
    stacked(look),
    driver(look),
  ]);
}

const NOTHING: Diagnosis<Code> = { evidence: [], findings: [] };
