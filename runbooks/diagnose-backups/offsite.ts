import type { Diagnosis } from '../../src/core/finding.ts';
import { ok } from '../../src/core/finding.ts';
import { spanText } from '../../src/core/span.ts';
import { found, NOTHING, told } from '../../src/topology/zfs-findings.ts';
import type { Code } from './codes.ts';
import type { Facts } from './facts.ts';

/** What went off the site last is kept as a snapshot, which the next copy is compared with and takes the place of. */
const SENT = 'cloudsync-prev';
/** What is being compared now, or was when a copy broke off. */
const SENDING = 'cloudsync-new';
/** As long as the alert of the site waits. */
const STALE_S = 8 * 86_400;

/** Nothing is said of a pool that has neither: whether its site copies anything elsewhere is not known. */
export function diagnoseOffsite({ offsite, clock }: Facts): Diagnosis<Code> {
  if (offsite?.known !== true || !clock.known) return NOTHING;
  const named = (short: string) => offsite.value.find((each) => each.short === short);
  const [sent, sending] = [named(SENT), named(SENDING)];
  const last = sent ?? sending;
  if (last === undefined) return NOTHING;
  const agoS = clock.value - last.createdS;
  if (sent !== undefined && agoS <= STALE_S)
    return told(ok(`The last copy off the site is of what lay there ${spanText(agoS)} ago (${sent.name})`, offsite, clock));
  const what =
    sent === undefined
      ? `${last.dataset}@${SENT} is missing beside ${last.name}, which is ${spanText(agoS)} old: a copy broke off, and the next one sends everything`
      : `The last copy off the site is of what lay there ${spanText(agoS)} ago (${last.name})`;
  return found({
    code: 'offsite-stale',
    subject: last.dataset,
    says: what,
    remedy:
      'On the NAS: tail /var/log/cloudsync-copy.log tells where it stopped. See that the machine that it copies to answers and has room. A task of Cloud Sync that is switched off is no reason.',
    doNot: `Do not destroy ${SENT} or ${SENDING}: without them the next copy sends everything. Do not push a time of success.`,
    seen: [offsite, clock],
  });
}
