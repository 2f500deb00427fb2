import { describe, expect, it } from 'vitest';
import { validateMessage } from '../../test/lab/slack/blocks.ts';
import { incident, member } from '../alerts/fixtures/incident.ts';
import type { IncidentView } from '../core/incident.ts';
import { renderQuietEnd } from './quiet-message.ts';

const since = Date.parse('2026-11-23T23:00:00Z');
const until = Date.parse('2026-11-24T07:00:00Z');
const over: IncidentView = { ...incident('logs', member('warning', 1)), closed: { at: 2, because: 'all-ended' } };
const open = incident('media', member('warning'), member('info'));

function textOf(...incidents: readonly [IncidentView, ...IncidentView[]]): string {
  return JSON.stringify(renderQuietEnd({ since, until, incidents }).blocks);
}

describe('what quiet hours held back', () => {
  it('is one message: how much it was, and each incident, those that are open first', () => {
    const { text } = renderQuietEnd({ since, until, incidents: [over, open] });
    expect(text).toBe('Quiet hours are over: 3 alerts in 2 incidents, 1 still open');
    const blocks = textOf(over, open);
    expect(blocks).toContain('Each that is still open follows with its own thread.');
    expect(blocks.indexOf('claim apps/media')).toBeLessThan(blocks.indexOf('claim apps/logs'));
    expect(blocks).toContain('over: all its alerts have ended (1)');
    expect(blocks).toContain('2 of 2 alerts fire');
  });

  it('says so where nobody has to do anything any more', () => {
    expect(textOf(over)).toContain('None of them needs anybody any more.');
  });

  it('is taken by Slack however much it is, and says that it is not all', () => {
    const incidents = Array.from({ length: 700 }, (_, index) => incident(`a-claim-of-a-long-name-${index}`, member('warning')));
    const [first, ...rest] = incidents;
    if (first === undefined) throw new Error('there is none');
    expect(validateMessage(renderQuietEnd({ since, until, incidents: [first, ...rest] }).blocks)).toMatchObject({ ok: true });
    expect(textOf(first, ...rest)).toContain('More than fits here.');
    expect(textOf(first)).not.toContain('More than fits here.');
  });
});
