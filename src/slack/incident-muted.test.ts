import type { KnownBlock } from '@slack/types';
import { describe, expect, it } from 'vitest';
import { validateMessage } from '../../test/lab/slack/blocks.ts';
import type { Muted } from '../core/alert.ts';
import { ended, episodeOf, incidentOf } from './fixtures/incident-view.ts';
import { renderFiring } from './incident-list.ts';
import { renderIncident } from './incident-message.ts';
import { renderNews, renderNewsFile } from './incident-thread.ts';

const inhibited: Muted = { by: 'inhibition', ids: ['0f'], names: ['NodeDown'] };
const silenced: Muted = { by: 'silence', ids: ['70fcb2ff-eab7-416d-b4b5-62972281074f'] };

const members = [
  episodeOf(1, { name: 'NodeDown' }),
  episodeOf(2, { name: 'PodCrashLooping', muted: inhibited }),
  episodeOf(3, { name: 'PodCrashLooping', muted: inhibited }),
  episodeOf(4, { name: 'PVFillingUp', muted: silenced }),
];

/** The words of its blocks, one after the other. */
function wordsOf(blocks: readonly KnownBlock[]): string {
  return [...JSON.stringify(blocks).matchAll(/"text":"([^"]*)"/g)].map(([, text]) => text).join('');
}

describe('alerts that Alertmanager holds back', () => {
  it('are listed in the root message apart from the others, by why they are', () => {
    const { blocks, complete } = renderIncident(incidentOf({ members }), {});
    expect(validateMessage(blocks).ok).toBe(true);
    const shown = wordsOf(blocks);
    expect(shown).toContain('warning: 4 of 4 alerts fire, 3 of them held back in Alertmanager');
    expect(shown).toMatch(
      /NodeDown 1 fires.*Held back in Alertmanager: 2, inhibited by NodeDownPodCrashLooping 2 fire.*: app-2\/app-2-0, app-3\/app-3-0/,
    );
    expect(shown).toMatch(/Held back in Alertmanager: 1, silencedPVFillingUp 1 fires.*app-4/);
    expect(complete).toBe(true);
  });

  it('are called by no name where the one that inhibits them is not known', () => {
    const muted: Muted = { by: 'inhibition', ids: ['0f'] };
    const { blocks } = renderIncident(incidentOf({ members: [episodeOf(1), episodeOf(2, { muted })] }), {});
    expect(wordsOf(blocks)).toContain('1, inhibited by another alert');
  });

  it('are only ended ones once they have ended', () => {
    const { blocks } = renderIncident(incidentOf({ members: [episodeOf(1), ended(episodeOf(2, { muted: silenced }))] }), {});
    expect(wordsOf(blocks)).not.toContain('eld back');
  });

  it('are listed apart in the thread when they join, and in its file', () => {
    const news = { joined: members, again: [], ended: [], closed: false };
    const view = incidentOf({ members });
    const { blocks } = renderNews(view, news, 1);
    expect(validateMessage(blocks).ok).toBe(true);
    expect(wordsOf(blocks)).toMatch(
      /4 joined \(3 of them held back in Alertmanager\): 4 alerts fire now.*Joined:NodeDown 1: .*Held back in Alertmanager: 2, inhibited by NodeDownPodCrashLooping 2: app-2/,
    );
    expect(renderNewsFile(view, news, 1).content).toMatch(/app-4\/app-4-0, since .*, held back in Alertmanager: silenced: Pod/);
  });

  it('are listed apart for who asks what fires', () => {
    const { blocks } = renderFiring(incidentOf({ members }));
    expect(validateMessage(blocks).ok).toBe(true);
    expect(wordsOf(blocks)).toMatch(/NodeDown 1: .*Held back in Alertmanager: 2, inhibited by NodeDownPodCrashLooping 2: app-2/);
  });

  it('are all of them listed in a file where a message has no room for their names', () => {
    const many = Array.from({ length: 500 }, (_, index) => episodeOf(index, { muted: inhibited }));
    expect(renderIncident(incidentOf({ members: many }), {}).complete).toBe(false);
  });
});
