import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { requireAlertRules } from './app/alert-rules.ts';
import { type Alerting, type AlertingParts, type AlertReporters, openAlerting } from './app/alerting.ts';
import { learnSecrets } from './app/configured-secrets.ts';
import { type BotState, openBotState } from './app/state.ts';
import { openTargets } from './app/targets.ts';
import type { MembersOf } from './approval/groups.ts';
import type { Config } from './config/schema.ts';
import type { Secrets } from './config/secrets.ts';
import { siteOf } from './config/site.ts';
import { RedactedTargets } from './connectors/redacted-targets.ts';
import type { OfferGuard } from './core/offer-guard.ts';
import type { Engine, Reporter, Targets } from './core/ports.ts';
import type { Runbook } from './core/runbook.ts';
import { createEngine, type EngineOptions } from './engine/engine.ts';
import type { Log } from './log.ts';
import { createClean } from './redaction/index.ts';
import type { Store } from './store/store.ts';

export interface AppOptions {
  readonly runbooks: readonly Runbook[];
  readonly secrets: Secrets;
  /** How runs are shown where they were asked for. It may remember in the store what it has shown. */
  readonly reporter: (store: Store) => Reporter;
  readonly buildVersion: string;
  readonly log: Log;
  /** How incidents are shown. Absent: alerts are not taken in, whatever the configuration says. */
  readonly alertReporters?: (store: Store) => AlertReporters;
  /** Instead of the configured one. */
  readonly stateDirectory?: string;
  /** Who is in a Slack user group; absent: nobody. */
  readonly membersOf?: MembersOf;
  /** Instead of real ones. */
  readonly targets?: Targets;
}

export interface App {
  readonly engine: Engine;
  /** Why its state keeps it from changing anything now, one sentence each; not that somebody froze it. */
  readonly obstacles: () => readonly string[];
  /** What needs a person and keeps nothing from being done, one sentence each. */
  readonly notices: () => readonly string[];
  /** Absent where no alerts are configured. */
  readonly alerting?: Alerting;
  /** Lets what is being applied end, then closes all connections. A second call waits for the first. */
  readonly close: () => Promise<void>;
}

/** The whole bot without its mouth: Slack and the terminal both stand on it. Rejects with a sentence when it cannot start. */
export async function createApp(config: Config, options: AppOptions): Promise<App> {
  const { runbooks, secrets, reporter, buildVersion, log, membersOf, stateDirectory = config.state.directory } = options;
  requireAlertRules(config, runbooks);
  await learnSecrets(config, secrets);
  const clean = createClean(secrets.known);
  const opened = options.targets ?? (await openTargets(config, { secrets, log }));
  const targets = new RedactedTargets(opened, clean);
  try {
    const version = await builtWith(config, buildVersion);
    const isTemporary = options.stateDirectory !== undefined;
    const state = await openBotState({ config, secrets, log, directory: stateDirectory, isTemporary, version });
    const site = siteOf(config);
    const incidents: { guard?: OfferGuard } = {};
    const engine = await engineOn(state, {
      runbooks,
      site,
      targets,
      report: reporter(state.store),
      buildVersion: version,
      log,
      policy: config.approval,
      autoApply: config.alerts?.autoApply ?? [],
      guard: (offered) => incidents.guard?.(offered),
      clean,
      ...(membersOf === undefined ? {} : { membersOf }),
    });
    const alerting = await alertingOn(config, { ...options, site, engine, targets, clean, store: state.store });
    if (alerting !== undefined) incidents.guard = alerting.guard;
    return {
      engine,
      obstacles: state.obstacles,
      notices: () => [...state.notices(), ...(alerting?.notices() ?? [])],
      ...(alerting && { alerting }),
      close: once(async () => {
        await alerting?.close();
        await engine.stop();
        await targets.close();
      }),
    };
  } catch (error) {
    await targets.close();
    throw error;
  }
}

/** Rejects, having given back the state, where the engine cannot be made. */
async function engineOn(
  { held, store, obstacles }: BotState,
  options: Omit<EngineOptions, 'state' | 'store' | 'obstacles'>,
): Promise<Engine> {
  try {
    return await createEngine({ ...options, state: held, store, obstacles });
  } catch (error) {
    await held.release();
    throw error;
  }
}

type AlertingOptions = AppOptions & Pick<AlertingParts, 'site' | 'engine' | 'targets' | 'clean' | 'store'>;

/** Rejects, having stopped the engine, where alerts are configured and cannot be heard. */
async function alertingOn({ alerts, approval, prometheus }: Config, options: AlertingOptions): Promise<Alerting | undefined> {
  const { alertReporters, membersOf = async () => [], engine, store } = options;
  if (alerts === undefined || alertReporters === undefined) return undefined;
  try {
    const own = { settings: alerts, policy: approval, membersOf, hasPrometheus: prometheus !== undefined };
    const reporters = alertReporters(store);
    return await openAlerting({ ...options, ...own, reporters });
  } catch (error) {
    await engine.stop();
    throw error;
  }
}

/** By another configuration the same name may be another machine: an approval under one is void under another. */
async function builtWith(config: Config, buildVersion: string): Promise<string> {
  const { read, change } = config.kubernetes;
  const files = [read, change].flatMap((access) => ('kubeconfig' in access ? [access.kubeconfig] : []));
  const clusters = await Promise.all(files.map((file) => readFile(file, 'utf8').catch(() => CANNOT_BE_READ)));
  const hash = createHash('sha256').update(JSON.stringify({ config, clusters }));
  return `${buildVersion}.${hash.digest('hex').slice(0, 12)}`;
}

/** Whoever asks the cluster then is told why. */
const CANNOT_BE_READ = 'it cannot be read';

function once(work: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined;
  return () => (done ??= work());
}
