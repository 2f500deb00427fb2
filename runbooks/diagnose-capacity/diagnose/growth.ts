import type { ClaimFigure } from '../../../src/commands/prometheus.ts';
import type { Evidence } from '../../../src/core/finding.ts';
import { isSome, ok, together } from '../../../src/core/finding.ts';
import type { Seen } from '../../../src/core/reading.ts';
import { sizeOf } from '../../../src/core/size.ts';
import { spanText } from '../../../src/core/span.ts';
import type { Facts, Measured } from '../facts.ts';
import type { Fill } from '../fill.ts';
import { idOf, isFull } from '../fill.ts';
import type { Part } from './part.ts';
import { NOTHING, oneFinding, some } from './part.ts';

/** As PVPredictedFull asks for. */
const SOON_S = 4 * 86_400;

/** Which claims are full soon, as a straight line through the last day says. */
export function growth({ measured }: Facts, fills: readonly Fill[]): Part {
  const { before, overDay } = measured;
  if (!before.known || !overDay.known) return NOTHING;
  const hasBoth = (fill: Fill) => [before, overDay].every(({ value }) => figureOf(value, fill) !== undefined);
  const young = fills.filter((fill) => !hasBoth(fill)).map(idOf);
  const tooYoung = isSome(young)
    ? [ok(`Not measured for a whole day where it is mounted now, so without a forecast: ${some(young)}`, before, overDay)]
    : [];
  return together([...fills.map((fill) => forecast(fill, measured)), { evidence: tooYoung, findings: [] }]);
}

/** The line says more than what is lost where a claim was emptied, expanded or made anew in between. */
export function isLine({ lost, byLine }: { readonly lost: number; readonly byLine: number }): boolean {
  return lost >= byLine / 2;
}

const DAY_S = 86_400;

function forecast(fill: Fill, { before, overDay, overHours }: Measured): Part {
  if (!before.known || !overDay.known || isFull(fill)) return NOTHING;
  const [free, slope] = [figureOf(before.value, fill), figureOf(overDay.value, fill)];
  if (free === undefined || slope === undefined) return NOTHING;
  const fullInS = untilFull(fill, slope);
  if (fullInS > SOON_S) return NOTHING;
  if (!isLine({ lost: free - fill.freeBytes, byLine: -slope * DAY_S })) {
    const says = `${idOf(fill)} was emptied, expanded or made anew within the day: no line goes through its figures, so without a forecast`;
    return { evidence: [ok(says, before, overDay, ...fill.seen)], findings: [] };
  }
  const found = oneFinding({
    code: 'claim-fills',
    subject: idOf(fill),
    says:
      `${idOf(fill)} has ${sizeOf(fill.freeBytes)} left and loses ${sizeOf(-slope * DAY_S)} a day: at the pace of the last 24 hours it is ` +
      `full in ${spanText(fullInS)}. This is a straight line: a job that begins or ends bends it`,
    remedy: `Find out what grows, or let the claim grow before it is full: "/storage expand pvc ${idOf(fill)} <size>" says how.`,
    doNot: 'Do not wait for the alert: it begins at 95 %.',
    seen: [...fill.seen, before, overDay],
  });
  return together([found, { evidence: recently(fill, overHours), findings: [] }]);
}

/** How sure the forecast is: the same line through the last hours alone. */
function recently(fill: Fill, overHours: Seen<readonly ClaimFigure[]>): Evidence[] {
  const slope = overHours.known ? figureOf(overHours.value, fill) : undefined;
  if (!overHours.known || slope === undefined) return [];
  const fullInS = untilFull(fill, slope);
  const says = Number.isFinite(fullInS)
    ? `At that of the last 6 hours it is full in ${spanText(fullInS)}`
    : 'In the last 6 hours it did not grow';
  return [ok(`${idOf(fill)}: ${says}`, overHours)];
}

function figureOf(figures: readonly ClaimFigure[], { namespace, name }: Fill): number | undefined {
  return figures.find((each) => each.namespace === namespace && each.claim === name)?.value;
}

/** For ever, where it does not fill up. */
function untilFull({ freeBytes }: Fill, bytesPerS: number): number {
  return bytesPerS >= 0 ? Number.POSITIVE_INFINITY : freeBytes / -bytesPerS;
}
