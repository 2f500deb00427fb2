import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fc } from '../../test/seed.ts';
import type { Alert } from '../core/alert.ts';
import { openTestStore } from '../store/fixtures/open-store.ts';
import type { Store } from '../store/store.ts';

const START = 1_800_000_000_000;
const SECOND = 1_000;
const RUNS = 100;

/** One alert in Alertmanager from this time on, by the bot's clock; times of the alert are by the sender's. */
interface State {
  readonly from: number;
  readonly startsAt: number;
  readonly endsAt?: number;
}

/** The word of a state, and when it arrives. */
interface Arrival {
  readonly at: number;
  readonly state: State;
}

interface Story {
  readonly states: readonly State[];
  readonly arrivals: readonly Arrival[];
  /** How long each question takes to be asked, and then to be answered. */
  readonly latencies: readonly (readonly [asked: number, answered: number])[];
}

const seconds = (max: number) => fc.integer({ min: 1, max }).map((each) => each * SECOND);

const step = fc.record({
  lasts: seconds(900),
  /** It fires again with the start that it had. */
  isSameStart: fc.boolean(),
  /** When each copy of its word arrives, whichever peer sent it and however often. */
  delays: fc.array(seconds(1_200), { maxLength: 4 }),
});

/** Of two peers of one Alertmanager: words come in any order, late, again and again or never; the last one comes at least once. */
const story: fc.Arbitrary<Story> = fc
  .record({
    steps: fc.array(step, { minLength: 1, maxLength: 8 }),
    skew: fc.integer({ min: -59, max: 59 }),
    latencies: fc.array(fc.tuple(seconds(60), seconds(60)), { minLength: 1, maxLength: 5 }),
    last: seconds(1_200),
  })
  .map(({ steps, skew, latencies, last }) => {
    const states: State[] = [];
    let from = START;
    for (const { lasts, isSameStart } of steps) {
      const before = states.at(-1);
      const startsAt =
        before === undefined || (before.endsAt !== undefined && !isSameStart) ? from + skew * SECOND : before.startsAt;
      const isOver = before !== undefined && before.endsAt === undefined;
      states.push({ from, startsAt, ...(isOver && { endsAt: from + skew * SECOND }) });
      from += lasts;
    }
    const arrivals = states.flatMap((state, index) => {
      const delays = [...(steps[index]?.delays ?? []), ...(index === states.length - 1 ? [last] : [])];
      return delays.map((delay) => ({ at: state.from + delay, state }));
    });
    return { states, arrivals, latencies };
  });

let directory: string;
let store: Store;
let series = 0;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'storagebot-peers-'));
  store = openTestStore(directory);
});
afterAll(() => {
  store.close();
  rmSync(directory, { recursive: true, force: true });
});

function alertOf({ startsAt, endsAt }: State, fingerprint: string): Alert {
  const name = 'PVFillingUp';
  const ended = endsAt === undefined ? {} : { endsAt };
  return { source: 'alertmanager', fingerprint, name, labels: { alertname: name }, annotations: {}, startsAt, ...ended };
}

/** Lets all of it arrive, and each question be answered; what fires at last, by its start. */
function lived({ states, arrivals, latencies }: Story, canAsk: boolean): readonly number[] {
  const fingerprint = (++series).toString(16);
  store.addDeliveries(arrivals.map(({ at }) => ({ source: 'alertmanager', at, body: '{}' })));
  const ids = store.nextDeliveries(arrivals.length).map(({ id }) => id);
  const events = arrivals.map(({ at, state }, index) => ({
    at,
    happens: () => void store.applyDeliveries([{ id: ids[index] ?? 0, at, canAsk, alerts: [alertOf(state, fingerprint)] }]),
  }));
  let questions = 0;
  let isAsking = false;
  for (;;) {
    events.sort((one, other) => other.at - one.at);
    const event = events.pop();
    if (event === undefined) break;
    event.happens();
    const [question] = store.questions();
    if (question === undefined || isAsking) continue;
    isAsking = true;
    const [toAsk, toAnswer] = latencies[questions++ % latencies.length] ?? [1, 1];
    const askedAt = event.at + toAsk;
    events.push({
      at: askedAt,
      happens: () => {
        const { asked = 0 } = store.questions()[0] ?? {};
        const state = states.findLast(({ from }) => from <= askedAt);
        const firing = state !== undefined && state.endsAt === undefined ? [alertOf(state, fingerprint)] : [];
        events.push({
          at: askedAt + toAnswer,
          happens: () => {
            store.applyAnswer({ receiver: '', asked, at: askedAt, alerts: firing, missing: [] });
            isAsking = false;
          },
        });
      },
    });
  }
  return store.openEpisodes().flatMap((each) => (each.fingerprint === fingerprint ? [each.startsAt] : []));
}

const firesAtLast = ({ states }: Story) =>
  states.flatMap(({ startsAt, endsAt }, index) => (index === states.length - 1 && endsAt === undefined ? [startsAt] : []));

describe('of what two peers tell of one alert, in any order, late, again and again', () => {
  test('there remains what Alertmanager says, where it can be asked', () => {
    fc.assert(
      fc.property(story, (one) => {
        expect(lived(one, true)).toEqual(firesAtLast(one));
      }),
      { numRuns: RUNS },
    );
  });

  test('nothing that fires is lost, where nobody can be asked, if its last word comes last', () => {
    fc.assert(
      fc.property(story, (one) => {
        const last = one.states.at(-1);
        if (last === undefined) return;
        const at = Math.max(last.from, ...one.arrivals.map((arrival) => arrival.at)) + 60 * SECOND;
        const open = lived({ ...one, arrivals: [...one.arrivals, { at, state: last }] }, false);
        expect(open).toEqual(expect.arrayContaining(firesAtLast(one)));
      }),
      { numRuns: RUNS },
    );
  });
});
