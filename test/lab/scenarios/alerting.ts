import type { LabSilence } from '../site/alerts.ts';
import { fire } from '../site/alerts.ts';
import type { World } from '../site/world.ts';
import type { Scenario } from './scenario.ts';

const HOUR_MS = 3_600_000;

/** The NAS does not answer, which mutes what follows from it; two claims fill up meanwhile. */
function fires(world: World): void {
  fire(world, { alertname: 'NFSServerUnresponsive', severity: 'critical' }, 'NFS server is unresponsive');
  fire(world, { alertname: 'MySQLDown', severity: 'critical' }, 'MySQL is down');
  for (const claim of ['novelapp-data', 'calibre-books'])
    fire(
      world,
      { alertname: 'PVFillingUp', namespace: 'ebooks', persistentvolumeclaim: claim, severity: 'warning' },
      `${claim} is 96% full`,
    );
}

function silenced(world: World, hours: number, createdBy: string, id: string, alert = 'PVFillingUp'): void {
  const { nowMs } = world.time;
  const silence: LabSilence = {
    id: `1d3c1f9e-0000-4000-8000-${id.padStart(12, '0')}`,
    matchers: [{ name: 'alertname', value: alert, isRegex: false, isEqual: true }],
    startsAtMs: nowMs - HOUR_MS,
    endsAtMs: nowMs + hours * HOUR_MS,
    updatedAtMs: nowMs - HOUR_MS,
    createdBy,
    comment: 'A larger disk is ordered',
  };
  world.alerting.silences.push(silence);
}

const OWN = 'operator (storagebot-3f2a9c81d0-1)';

export const alertingScenarios: readonly Scenario[] = [
  { name: 'alerts-fire', says: 'A server is silent, and two claims fill up.', prepare: fires },
  {
    name: 'alerts-silenced',
    says: 'Two claims fill up, and are silenced for four hours.',
    prepare: (world) => {
      fires(world);
      silenced(world, 4, OWN, '1');
      silenced(world, -0.5, OWN, '2');
    },
  },
  {
    name: 'alerts-silenced-shortly',
    says: 'The silence of two claims that fill up ends in half an hour.',
    prepare: (world) => {
      fires(world);
      silenced(world, 0.5, OWN, '1');
    },
  },
  {
    name: 'alerts-silenced-by-others',
    says: 'Somebody silenced two claims in Alertmanager.',
    prepare: (world) => {
      fires(world);
      silenced(world, 4, 'admin', '1');
    },
  },
  {
    name: 'alerts-silenced-together',
    says: 'One run silenced three alerts, and somebody who calls himself as the bot does another.',
    prepare: (world) => {
      fires(world);
      silenced(world, 4, OWN, '1');
      silenced(world, 4, 'admin (storagebot)', '2', 'RedisDown');
      silenced(world, 4, OWN, '3', 'MySQLDown');
      silenced(world, 4, OWN, '4', 'NFSServerUnresponsive');
    },
  },
  {
    name: 'alertmanager-down',
    says: 'Nothing answers at the address of Alertmanager.',
    prepare: (world) => {
      fires(world);
      world.alerting.up = false;
    },
  },
];
