import { describe, expect, test } from 'vitest';
import { changesOf, type EpisodeChange, type KnownSpan, type News, type Series } from './episodes.ts';

const NOW = 1_000_000;
/** Heard long ago. */
const open = (startsAt: number, more: Partial<KnownSpan> = {}): KnownSpan => ({ startsAt, heardAt: -900_000, ...more });
const over = (startsAt: number, toldEnd: number, more: Partial<KnownSpan> = {}): KnownSpan => ({
  startsAt,
  heardAt: 0,
  toldEnd,
  endHeardAt: NOW - 10,
  ...more,
});
/** Nobody ever said that it fires. */
const unheard = (startsAt: number, toldEnd: number, endHeardAt = NOW - 10): KnownSpan => ({ startsAt, toldEnd, endHeardAt });
const ends = (startsAt: number, endsAt: number) => ({ kind: 'ends', startsAt, endsAt }) as const;
const again = { kind: 'fires-again', startsAt: 5 } as const;

function isOnly(span: KnownSpan): Series {
  return {
    newest: span,
    ...(span.endHeardAt === undefined ? { open: span } : {}),
    ...(span.startsAt === 5 ? { same: span } : {}),
  };
}

const changes = (known: Series, news: Partial<News>, trust: News['trust']) =>
  changesOf(known, { startsAt: 5, at: NOW, ...news, trust });

describe('news of a series', () => {
  test.each<[what: string, known: Series, news: Partial<News>, EpisodeChange[]]>([
    ['that nobody heard of begins an episode', {}, {}, [{ kind: 'begins' }]],
    ['that is over when it is first heard of is kept', {}, { endsAt: 7 }, [{ kind: 'was-over', endsAt: 7 }]],
    ['that fires on begins nothing', isOnly(open(5)), {}, [{ kind: 'fires-on', startsAt: 5 }]],
    ['ends it', isOnly(open(5)), { endsAt: 7 }, [ends(5, 7)]],
    ['ends it also before its beginning, by clocks that differ', isOnly(open(5)), { endsAt: 3 }, [ends(5, 3)]],
    ['that ended already changes nothing', isOnly(over(5, 7)), { endsAt: 7 }, []],
    [
      'that ended already may have ended later',
      isOnly(over(5, 7)),
      { endsAt: 8 },
      [{ kind: 'ended-later', startsAt: 5, endsAt: 8 }],
    ],
    ['with a later start begins the next episode', isOnly(over(3, 4)), {}, [{ kind: 'begins' }]],
    [
      'with a later start while it fires ends that one, whose end nobody told',
      isOnly(open(3)),
      {},
      [ends(3, 5), { kind: 'begins' }],
    ],
    ['with an earlier start while it fires is of the same episode', isOnly(open(9)), {}, [{ kind: 'fires-on', startsAt: 9 }]],
    [
      'of an end with an earlier start is the end of what fires, if it lies after that began',
      isOnly(open(6)),
      { endsAt: 8 },
      [ends(6, 8)],
    ],
    [
      'of an end with an earlier start is of an earlier episode, if it lies before',
      isOnly(open(9)),
      { endsAt: 8 },
      [{ kind: 'was-over', endsAt: 8 }],
    ],
    [
      'of an end with an earlier start that lies after the start of what has ended is known',
      isOnly(over(6, 8)),
      { endsAt: 8 },
      [],
    ],
    [
      'of a later episode that is over ends the one that fires too',
      isOnly(open(3)),
      { endsAt: 12 },
      [ends(3, 5), { kind: 'was-over', endsAt: 12 }],
    ],
    [
      'of an older episode begins nothing while a newer one fires',
      { same: over(5, 7), open: open(9) },
      {},
      [{ kind: 'fires-on', startsAt: 9 }],
    ],
    ['of an end that was told before it fired again is old', isOnly(open(5, { toldEnd: 7 })), { endsAt: 7 }, []],
    ['of a later end than that ends it', isOnly(open(5, { toldEnd: 7 })), { endsAt: 8 }, [ends(5, 8)]],
  ])('%s', (_what, known, news, expected) => {
    for (const trust of ['told', 'alone', 'answered'] as const)
      expect(changes(known, { ...news, ...(trust === 'answered' && { at: NOW }) }, trust)).toEqual(expected);
  });

  test('that it fires after its end is a question where Alertmanager can be asked, however long ago that was', () => {
    for (const endHeardAt of [NOW - 1, NOW - 86_400_000])
      expect(changes(isOnly(over(5, 7, { endHeardAt })), {}, 'told')).toEqual([{ kind: 'doubtful' }]);
    expect(changes(isOnly(unheard(5, 7)), {}, 'told')).toEqual([{ kind: 'doubtful' }]);
    expect(changes(isOnly(over(6, 7)), {}, 'told')).toEqual([{ kind: 'doubtful' }]);
  });

  test('is what Alertmanager answers, unless the end was heard since it was asked', () => {
    expect(changes(isOnly(over(5, 7)), {}, 'answered')).toEqual([again]);
    expect(changes(isOnly(over(6, 7)), {}, 'answered')).toEqual([{ kind: 'begins' }]);
    expect(changes({ same: over(5, 7), newest: open(9) }, {}, 'answered')).toEqual([again]);
    expect(changes(isOnly(over(5, 7, { endHeardAt: NOW })), {}, 'answered')).toEqual([{ kind: 'doubtful' }]);
    expect(changes({ same: over(5, 7), open: open(3), newest: over(5, 7) }, {}, 'answered')).toEqual([ends(3, 5), again]);
  });

  test('is believed where nobody can be asked: an alert that is lost is worse than one that seems to fire', () => {
    expect(changes(isOnly(over(5, 7)), {}, 'alone')).toEqual([again]);
    expect(changes(isOnly(over(6, 7)), {}, 'alone')).toEqual([{ kind: 'begins' }]);
  });

  test('that comes first of its end and then that it fires was over, where nobody can be asked, within a minute', () => {
    expect(changes(isOnly(unheard(5, 7, NOW - 59_999)), {}, 'alone')).toEqual([]);
    expect(changes(isOnly(unheard(5, 7, NOW - 60_000)), {}, 'alone')).toEqual([again]);
  });

  test('of an end at a time at which it was heard to fire ends it, and Alertmanager is asked whether that is so', () => {
    const heard = (heardAt: number) => isOnly(open(5, { heardAt }));
    expect(changes(heard(NOW), { endsAt: NOW - 1 }, 'told')).toEqual([ends(5, NOW - 1), { kind: 'doubtful' }]);
    expect(changes(heard(NOW), { endsAt: NOW + 59_000 }, 'told')).toEqual([ends(5, NOW + 59_000), { kind: 'doubtful' }]);
    expect(changes(heard(NOW), { endsAt: NOW + 60_000 }, 'told')).toEqual([ends(5, NOW + 60_000)]);
    expect(changes(heard(NOW), { endsAt: NOW - 1 }, 'alone')).toEqual([ends(5, NOW - 1)]);
  });
});
