import { z } from 'zod';
import { severityOf } from '../core/alert.ts';
import type { IncidentSettings } from '../core/alert-settings.ts';
import type { IncidentView } from '../core/incident.ts';
import type { Maintenance } from '../core/maintenance.ts';
import type { Memory } from '../core/memory.ts';
import { freeAfter, hoursAt } from './hours.ts';

/** Incidents that nobody was told of, because they came in quiet hours. */
export interface HeldBack {
  /** When the first of them was held back. */
  readonly since: number;
  readonly incidents: readonly string[];
}

export interface Quiet {
  /** What somebody announced comes before what the configuration names. */
  readonly maintenance: () => Maintenance | undefined;
  /** In place of what was announced before. */
  readonly announce: (maintenance: Required<Maintenance>) => void;
  /** Ends what was announced. False where nothing was. */
  readonly endAnnounced: () => boolean;
  /** Whether an incident that nobody was shown yet must wait for the end of quiet hours; remembers that it waits. */
  readonly holdsBack: (incident: IncidentView) => boolean;
  /** What is to be told now, because no quiet hour lasts any more. */
  readonly due: () => HeldBack | undefined;
  /** These were told: their incidents are shown from now on. */
  readonly told: (held: HeldBack) => void;
}

export interface QuietOptions {
  readonly settings: Pick<IncidentSettings, 'quiet' | 'maintenance'>;
  readonly memory: Memory;
  readonly clock: () => number;
}

const ANNOUNCED = 'announced-maintenance';
const HELD = 'held-back';
const Announced = z
  .object({ reason: z.string(), by: z.object({ id: z.string(), name: z.string() }), until: z.number() })
  .nullish();
const Held = z.object({ since: z.number(), incidents: z.array(z.string()) }).nullish();

/** Quiet hours and maintenance, by the configuration and by what people announce. */
export function createQuiet({ settings, memory, clock }: QuietOptions): Quiet {
  const announced = () => {
    const known = Announced.parse(memory.recall(ANNOUNCED)) ?? undefined;
    return known === undefined || known.until <= clock() ? undefined : known;
  };
  const held = (): HeldBack | undefined => Held.parse(memory.recall(HELD)) ?? undefined;
  const isQuiet = () => hoursAt(settings.quiet, clock()) !== undefined;
  const configured = createConfigured(settings);
  return {
    maintenance: () => announced() ?? configured(clock()),
    announce: (maintenance) => memory.remember(ANNOUNCED, maintenance),
    endAnnounced() {
      const wasOn = announced() !== undefined;
      if (wasOn) memory.remember(ANNOUNCED, null);
      return wasOn;
    },
    holdsBack(incident) {
      if (incident.members.some((member) => severityOf(member) === 'critical')) return false;
      const before = held();
      if (before?.incidents.includes(incident.id) === true) return true;
      if (!isQuiet()) return false;
      const incidents = [...(before?.incidents ?? []), incident.id];
      memory.remember(HELD, { since: before?.since ?? clock(), incidents });
      return true;
    },
    due: () => (isQuiet() ? undefined : held()),
    told({ incidents }) {
      const left = (held()?.incidents ?? []).filter((incident) => !incidents.includes(incident));
      memory.remember(HELD, left.length === 0 ? null : { since: clock(), incidents: left });
    },
  };
}

/** What the configuration names for now. Its end is looked for once: that takes long, and this is asked often. */
function createConfigured({ maintenance }: QuietOptions['settings']): (now: number) => Maintenance | undefined {
  let known: { readonly from: number; readonly until: number | undefined } | undefined;
  return (now) => {
    const hours = hoursAt(maintenance, now);
    if (hours === undefined) return undefined;
    if (known === undefined || now < known.from || now >= (known.until ?? Infinity))
      known = { from: now, until: freeAfter(maintenance, now) };
    return { reason: hours.reason, ...(known.until === undefined ? {} : { until: known.until }) };
  };
}

/** For those who look after an incident meanwhile. */
export function maintenanceWords({ reason, by, until }: Maintenance): string {
  const who = by === undefined ? 'Maintenance' : `Maintenance, announced by ${by.name}`;
  const end = until === undefined ? '' : `, until ${new Date(until).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  return `${who}${end}: ${reason}. Everything is looked at, and no repair is offered.`;
}
