import type { Host } from '../core/command.ts';
import { defineRead } from '../core/command.ts';
import { Refusal } from '../core/errors.ts';
import { bounded, linesOf } from './bounded.ts';

/** What systemd says of a service: `absent` where the host has none of that name. */
export type UnitActivity = 'absent' | 'runs' | 'rests';

/** A service that does its work once and ends is `activating` as long as it works: is-active calls that "not active". */
const RUNS = ['active', 'activating', 'reloading', 'deactivating'];
const RESTS = ['inactive', 'failed'];

export function unitActivity(host: Host, unit: string) {
  const argv = ['systemctl', 'show', requireService(unit), '--property=LoadState,ActiveState'] as const;
  return defineRead<UnitActivity>({
    asks: `Does ${unit} run on ${host.name} now?`,
    command: bounded(host, 4, argv),
    answers: [0],
    parse: ({ stdout }) => parseActivity(stdout),
  });
}

export function parseActivity(text: string): UnitActivity {
  const found = new Map(linesOf(text).map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]));
  const [loaded, active] = [found.get('LoadState'), found.get('ActiveState') ?? ''];
  if (RUNS.includes(active)) return 'runs';
  if (!RESTS.includes(active)) throw new Error(text);
  if (loaded === 'not-found' && active === 'inactive') return 'absent';
  if (loaded === 'loaded' || loaded === 'masked') return 'rests';
  throw new Error(text);
}

function requireService(unit: string): string {
  if (unit.length <= 100 && /^[a-z][a-z0-9-]*\.service$/.test(unit)) return unit;
  throw new Refusal('bad-request', `${JSON.stringify(unit.slice(0, 300))} is no name of a service: daily-backup.service`);
}
