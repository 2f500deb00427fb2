import { describe, expect, it } from 'vitest';
import type { Cleared, IncidentView } from '../core/incident.ts';
import { incidentOf, nasCause } from './fixtures/incident-view.ts';
import { renderIncident } from './incident-message.ts';
import { renderNews } from './incident-thread.ts';
import { causeWords, incidentSign } from './incident-words.ts';

const by = { run: 'r1', round: 1 };
const nas: Cleared = { kind: 'nas', name: '10.0.10.15', at: 1_795_366_500_000, by, wasIll: false };

function root(view: IncidentView): string {
  return JSON.stringify(renderIncident(view, {}).blocks);
}

describe('what was looked at and is well', () => {
  it('is said of the cause that an alert names', () => {
    const view = incidentOf({ cleared: [nas] });
    expect(causeWords(view)).toBe('The NAS 10.0.10.15 was looked at and is well: the cause is not known yet');
    expect(root(view)).toContain('was looked at and is well');
  });

  it('is said to have been ill where it was', () => {
    expect(causeWords(incidentOf({ cleared: [{ ...nas, wasIll: true }] }))).toBe('The NAS 10.0.10.15 was ill and is well by now');
  });

  it('is listed where the alerts are about something else', () => {
    const own = { kind: 'workload', name: 'app-1/web', because: 'own' } as const;
    const said = root(
      incidentOf({
        cause: own,
        cleared: [
          { ...nas, wasIll: true },
          { ...nas, kind: 'node', name: 'k3s-1' },
        ],
      }),
    );
    expect(said).toContain('Looked at and well: ');
    expect(said).toContain('NAS 10.0.10.15 (was ill before), node k3s-1');
    expect(root(incidentOf({ cause: own }))).not.toContain('Looked at');
  });

  it('is not said of what was found ill since', () => {
    const view = incidentOf({ cause: { ...nasCause, because: 'proved' }, cleared: [nas] });
    expect(causeWords(view)).toBe('The cause is proved: NAS 10.0.10.15');
  });
});

it('an incident that went on as another one says as which, at its top and in its thread', () => {
  const view = incidentOf({ closed: { at: 1_795_366_600_000, because: 'merged', into: 'inc9' }, members: [] });
  expect(incidentSign(view).words).toBe('over: it goes on as incident inc9');
  const news = { joined: [], again: [], ended: [], closed: true };
  expect(JSON.stringify(renderNews(view, news, 1).blocks)).toContain('It has the same cause as incident inc9');
});
