/** What becomes of alerts that match; the first rule that does counts, and what none matches goes by the table of known alerts. */
export interface AlertRule {
  /** The name of the alert; absent: any. */
  readonly alert?: string;
  /** Each must be there with exactly this value. */
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly what:
    | {
        /** As typed after `/storage`; `{namespace}` stands for the label of that name. */
        readonly run: readonly string[];
      }
    | { readonly ignore: string };
}

export const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export type Weekday = (typeof WEEKDAYS)[number];

/** The same hours of each of these days. One that ends before it begins ends on the day after. */
export interface Hours {
  readonly days: readonly Weekday[];
  /** Minutes after midnight. */
  readonly fromMinute: number;
  readonly toMinute: number;
  /** As IANA names it. */
  readonly timeZone: string;
}

export interface MaintenanceHours extends Hours {
  readonly reason: string;
}

/** Lets steps of tier `normal` of one runbook be applied without a person. */
export interface AutoApply {
  /** Id of the runbook. */
  readonly runbook: string;
  readonly perHour: number;
  /** Who answers for it: a Slack user, or `cli:` and a local user. */
  readonly allowedBy: string;
}

export interface Watchdog {
  /** The name of an alert that always fires. */
  readonly alert: string;
  /** How often it is told. */
  readonly everyMs: number;
}

/** How alerts become incidents. */
export interface IncidentSettings {
  /** The channel of the incidents. */
  readonly channel: string;
  readonly gatherForMs: number;
  readonly windowMs: number;
  readonly settleForMs: number;
  readonly quiet: readonly Hours[];
  readonly maintenance: readonly MaintenanceHours[];
  readonly watchdog?: Watchdog;
  readonly routes: readonly AlertRule[];
  readonly autoApply: readonly AutoApply[];
}
