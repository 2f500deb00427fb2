import type { KnownBlock } from '@slack/types';
import { describe, expect, it } from 'vitest';
import { validateMessage, validateView } from '../../test/lab/slack/blocks.ts';
import { fc } from '../../test/seed.ts';
import type { IncidentView } from '../core/incident.ts';
import { ended, episodeOf, episodes, incidentOf, nasCause } from './fixtures/incident-view.ts';
import { roundOf, viewOf } from './fixtures/run-view.ts';
import { renderFiring, renderIncidents } from './incident-list.ts';
import { renderIncident } from './incident-message.ts';
import { silenceModal } from './incident-modal.ts';
import { renderNews, renderNewsFile } from './incident-thread.ts';
import { subjectWords } from './incident-words.ts';

const person = { id: 'U0001', name: 'operator' };
const at = 1_795_366_460_000;

function textOf(blocks: readonly KnownBlock[]): string {
  return JSON.stringify(blocks);
}

function root(view: IncidentView, extras = {}): string {
  return textOf(renderIncident(view, extras).blocks);
}

describe('the root message of an incident', () => {
  it('says the cause and how sure that is, and never more', () => {
    const causes = (['proved', 'named', 'shared'] as const).map((because) =>
      root(incidentOf({ cause: { ...nasCause, because } })),
    );
    expect(causes[0]).toContain('The cause is proved: NAS 10.0.10.15');
    expect(causes[1]).toContain('Probably the NAS 10.0.10.15: an alert names it');
    expect(causes[2]).toContain('Perhaps the NAS 10.0.10.15');
    expect(causes.slice(1).join()).not.toContain('nothing is offered for single volumes');
    expect(causes[0]).toContain('nothing is offered for single volumes');
  });

  it('of one alert is called by it', () => {
    const cause = { kind: 'claim', name: 'dbaas/pg-1', because: 'own' } as const;
    expect(root(incidentOf({ cause, members: [episodeOf(1, { name: 'PVFillingUp' })] }))).toContain(
      'PVFillingUp: claim dbaas/pg-1',
    );
  });

  it('counts by alert name what fires and what has ended, the worst first', () => {
    const critical = episodeOf(50, { name: 'RedisDown', labels: { severity: 'critical', alertname: 'RedisDown' } });
    const members = [...episodes(2).map(ended), ...episodes(8).slice(2), critical];
    const shown = root(incidentOf({ members }));
    expect(shown).toContain('critical: 7 of 9 alerts fire');
    expect(shown).toContain('6 of 8 fire');
    expect(shown.indexOf('RedisDown')).toBeLessThan(shown.indexOf('PodNotReady'));
    expect(shown).toContain('app-8/app-8-0');
  });

  it('counts an alert that fires again once, and is called by what fires', () => {
    const again = episodeOf(1, { name: 'PVFillingUp', startsAt: at });
    const members = [ended(episodeOf(1, { name: 'PVFillingUp' })), ended(episodeOf(2, { name: 'NFSServerUnresponsive' })), again];
    const shown = root(incidentOf({ cause: { kind: 'claim', name: 'dbaas/pg-1', because: 'own' }, members }));
    expect(shown).toContain('warning: 1 of 2 alerts fires');
    expect(shown).toContain('"PVFillingUp: claim dbaas/pg-1"');
  });

  it('says when all are quiet and when it is over, and then has no buttons', () => {
    const members = episodes(3).map(ended);
    expect(root(incidentOf({ members, quietSince: at }))).toContain('quiet: 3 alerts ended');
    const over = root(incidentOf({ members, closed: { at, because: 'all-ended' } }));
    expect(over).toContain('over: all its alerts have ended (3)');
    expect(over).not.toContain('"actions"');
    const byHand = root(incidentOf({ closed: { at, because: 'closed', by: person } }));
    expect(byHand).toContain('closed by hand while 3 of 3 alerts fire');
    expect(byHand).toContain('Closed by ');
  });

  it('names who has acknowledged it and who looks after it', () => {
    const shown = root(incidentOf({ acknowledged: { by: person, at }, taken: { by: { id: 'U0002', name: 'other' }, at } }));
    expect(shown).toContain('"user_id":"U0001"');
    expect(shown).toContain('"user_id":"U0002"');
    expect(shown).not.toContain('storagebot:incident-acknowledge');
    expect(shown).toContain('storagebot:incident-take');
  });

  it('shows what the last diagnosis found, and that it was not begun before', () => {
    expect(root(incidentOf())).toContain('not begun');
    const shown = root(incidentOf(), { diagnosis: viewOf({ rounds: [roundOf()] }), notes: ['Maintenance until noon.'] });
    expect(shown).toContain('EXPORT_NOT_ACTIVE');
    expect(shown).toContain('1 step offered in this thread');
    expect(shown).toContain('Maintenance until noon.');
  });

  it('of 500 members is taken by Slack, keeps its buttons, and says that the thread holds the rest', () => {
    const members = episodes(500).map((member, index) => ({
      ...member,
      name: `Alert${index % 60}`,
      labels: { ...member.labels, alertname: `Alert${index % 60}` },
    }));
    const { blocks, complete } = renderIncident(incidentOf({ members }), { diagnosis: viewOf() });
    expect(validateMessage(blocks)).toMatchObject({ ok: true });
    expect(complete).toBe(false);
    expect(textOf(blocks)).toContain('storagebot:incident-close');
    expect(textOf(blocks)).toContain('hold all of it');
  });
});

describe('the news of an incident', () => {
  it.each([
    ['in the message where they fit', 400, true],
    ['in the file where they do not', 2_000, false],
  ])('name each alert %s', (_where, many, fits) => {
    const members = episodes(many);
    const view = incidentOf({ members });
    const news = { joined: members, again: [], ended: [], closed: false };
    const { blocks, complete } = renderNews(view, news, 1);
    expect(validateMessage(blocks)).toMatchObject({ ok: true });
    expect(complete).toBe(fits);
    const said = complete ? textOf(blocks) : renderNewsFile(view, news, 1).content;
    expect(members.filter((member) => !said.includes(subjectWords(member)))).toEqual([]);
    expect(textOf(blocks).includes('storagebot-inc1-alerts-1.txt')).toBe(!fits);
  });

  it('say in one line what joined, fires again and ended, and how many fire', () => {
    const [first = episodeOf(1), second = episodeOf(2), ...rest] = episodes(5);
    const view = incidentOf({ members: [first, ended(second), ...rest] });
    const { text } = renderNews(view, { joined: rest, again: [first], ended: [ended(second)], closed: false }, 2);
    expect(text).toBe('3 joined, 1 fires again, 1 ended: 4 alerts fire now');
  });
});

const label = fc.string({ unit: 'binary', maxLength: 200 });
const anyEpisode = fc.record({
  name: fc.oneof(fc.string({ unit: 'binary', minLength: 1, maxLength: 300 }), fc.constantFrom('PodNotReady', 'MySQLDown')),
  labels: fc.dictionary(fc.constantFrom('namespace', 'pod', 'node', 'severity', 'instance', 'cronjob'), label),
  annotations: fc.record({ summary: fc.string({ unit: 'binary', maxLength: 3_000 }) }, { requiredKeys: [] }),
  isOver: fc.boolean(),
});
const anyIncident = fc
  .record({
    members: fc.array(anyEpisode, { minLength: 1, maxLength: 120 }),
    because: fc.constantFrom('proved', 'named', 'shared', 'own'),
    name: fc.string({ unit: 'binary', maxLength: 400 }),
    isTaken: fc.boolean(),
    isClosed: fc.boolean(),
  })
  .map(({ members, because, name, isTaken, isClosed }) =>
    incidentOf({
      cause: { kind: 'claim', name, because },
      candidates: Array.from({ length: 30 }, (_, index) => ({ kind: 'node', name: `${name}-${index}` })),
      members: members.map(({ isOver, ...each }, index) => (isOver ? ended(episodeOf(index, each)) : episodeOf(index, each))),
      ...(isTaken ? { taken: { by: person, at } } : {}),
      ...(isClosed ? { closed: { at, because: 'all-ended' as const } } : {}),
    }),
  );

describe('whatever alerts say', () => {
  it('Slack takes every message and window of it', () => {
    fc.assert(
      fc.property(anyIncident, fc.option(fc.array(anyEpisode, { maxLength: 9 }), { nil: undefined }), (view, others) => {
        const firing = others?.map((each, index) => episodeOf(1_000 + index, each));
        const news = { joined: view.members, again: [], ended: view.members, closed: view.closed !== undefined };
        const messages = [
          renderIncident(view, { diagnosis: viewOf(), notes: ['x'.repeat(300)] }),
          renderNews(view, news, 3),
          renderFiring(view),
          renderIncidents([view, view]),
        ];
        expect(messages.map(({ blocks }) => validateMessage(blocks)).filter(({ ok }) => !ok)).toEqual([]);
        expect(validateView(silenceModal(view, { channel: 'C0STORAGE', thread: '1.1' }, firing))).toMatchObject({ ok: true });
      }),
      { numRuns: 150 },
    );
  });

  it('Slack takes the list of what fires of an incident whose cause has a name of any length', () => {
    const view = incidentOf({ cause: { kind: 'claim', name: 'x'.repeat(20_000), because: 'shared' } });
    expect([renderFiring(view), renderIncidents([view])].map(({ blocks }) => validateMessage(blocks).ok)).toEqual([true, true]);
  });

  it('notifies nobody', () => {
    const summary = '<!channel> <@U0001> @here';
    const { text, blocks } = renderIncident(incidentOf({ members: [episodeOf(1, { annotations: { summary } })] }), {});
    expect(text).not.toContain('<!');
    expect(textOf(blocks.filter(({ type }) => type !== 'rich_text'))).not.toContain('<!channel>');
  });
});
