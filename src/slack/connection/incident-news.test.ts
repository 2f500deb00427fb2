import { expect, test } from 'vitest';
import { ended, episodes, incidentOf } from '../fixtures/incident-view.ts';
import { renderNews } from '../incident-thread.ts';
import { openLedger } from './incident-news.ts';

const WHY = 'Prometheus was restarted: until 17:11 UTC silence of alerts proves nothing.';
const fires = incidentOf();
const quiet = incidentOf({ members: episodes(3).map(ended) });

function ledger() {
  const kept = new Map<string, unknown>();
  const messages = {
    putMessage: (_id: string, part: string, value: unknown) => void kept.set(part, value),
    getMessages: () => kept,
  };
  const open = () => openLedger(messages, fires.id);
  const first = open();
  first.begin(fires, true);
  first.next(quiet);
  return open;
}

test('why a quiet incident is not over is told once, also after a restart', () => {
  const open = ledger();
  const before = open();
  expect(before.hasNews(quiet)).toBe(false);
  expect(before.hasNews(quiet, WHY)).toBe(true);
  before.next(quiet, WHY);
  const { news, number } = before.untold(quiet) ?? {};
  expect(news).toMatchObject({ doubt: WHY, joined: [], ended: [], closed: false });
  expect(number).toBe(2);
  expect(open().hasNews(quiet, `${WHY} Still.`)).toBe(false);
});

test('it is told again when its alerts fired meanwhile', () => {
  const open = ledger();
  const one = open();
  one.next(quiet, WHY);
  one.next(fires);
  one.next(quiet);
  expect(one.hasNews(quiet, WHY)).toBe(true);
});

test('the message says in its title and its text what silence proves', () => {
  const { text, blocks } = renderNews(quiet, { joined: [], again: [], ended: [], doubt: WHY, closed: false }, 2);
  expect(text).toBe('None of its alerts fires, and that proves nothing now');
  expect(JSON.stringify(blocks)).toContain(WHY);
});
