import { join } from 'node:path';
import type { AuditTrail } from '../audit/index.ts';
import { createAnchors, createAuditTrail, createMirror, openAuditKey } from '../audit/index.ts';
import type { Config } from '../config/schema.ts';
import type { Secrets } from '../config/secrets.ts';
import type { Log } from '../log.ts';
import { createClean } from '../redaction/index.ts';
import type { StoreOptions } from '../store/store.ts';

export interface AuditParts {
  readonly config: Config;
  readonly secrets: Secrets;
  readonly log: Log;
  readonly directory: string;
  /** True for a state that is thrown away: it has a key of its own, and nothing of it is kept anywhere else. */
  readonly isTemporary: boolean;
}

/** The audit trail of a state directory, its file, and where its head is anchored. */
export interface KeptAudit extends Pick<Required<StoreOptions>, 'trail' | 'committed'> {
  /** Why the trail is not whole now; asked right before a change, so it brings the file up to date first. */
  readonly problem: () => string | undefined;
  /** Where the head could not be anchored and why, one sentence each; it keeps nothing from being done. */
  readonly notices: () => readonly string[];
  /** Brings the file up to date, and waits a short while for anchors under way. */
  readonly close: () => Promise<void>;
}

/** What must be known outside at once. */
const ANCHORED = new Set(['bot-started', 'ended', 'frozen', 'unfrozen']);
const CLOSE_WITHIN_MS = 3_000;
/** Shorter than `audit verify` waits for a line that another process has written into the database. */
const FLUSH_EVERY_MS = 500;

/** Rejects with what is wrong with the key. */
export async function openAudit({ config, secrets, log, directory, isTemporary }: AuditParts): Promise<KeptAudit> {
  const { key: ref, anchor }: Config['audit'] = isTemporary ? {} : config.audit;
  const key = await openAuditKey({ stateDirectory: directory, secrets, ...(ref === undefined ? {} : { key: ref }) });
  const token = anchor?.token === undefined ? {} : { token: await secrets.resolve(anchor.token) };
  let kept: ReturnType<typeof keep> | undefined;
  return {
    trail(database) {
      const trail = createAuditTrail({ database, key, clean: createClean(secrets.known), clock: Date.now });
      kept = keep(trail, log, {
        ...(anchor?.file === undefined ? {} : { file: anchor.file }),
        ...(anchor?.url === undefined ? {} : { post: { url: anchor.url, ...token } }),
        stateDirectory: directory,
      });
      return { append: kept.append, head: trail.head };
    },
    committed: () => kept?.committed(),
    problem: () => kept?.problem(),
    notices: () => kept?.notices() ?? [],
    close: async () => kept?.close(),
  };
}

type Places = Pick<Parameters<typeof createAnchors>[0], 'file' | 'post' | 'stateDirectory'>;

function keep(trail: AuditTrail, log: Log, places: Places) {
  const mirror = createMirror({ file: join(places.stateDirectory, 'audit.jsonl'), trail });
  const anchors = createAnchors({ ...places, head: trail.head, clock: Date.now });
  let anchorDue = false;
  let soon: NodeJS.Immediate | undefined;
  let timer: NodeJS.Timeout | undefined;
  const flush = () => {
    clearImmediate(soon);
    soon = undefined;
    const before = mirror.problem();
    mirror.flush();
    const problem = mirror.problem();
    if (problem !== undefined && problem !== before) log.error({ reason: problem }, 'the file of the audit trail is not whole');
    if (anchorDue) anchors.anchor();
    anchorDue = false;
    return problem;
  };
  return {
    append(event: Parameters<AuditTrail['append']>[0]) {
      trail.append(event);
      anchorDue ||= ANCHORED.has(event.kind);
    },
    committed() {
      // Several transitions in a row are one write of the file.
      soon ??= setImmediate(flush);
      timer ??= setInterval(flush, FLUSH_EVERY_MS).unref();
    },
    problem: flush,
    notices: anchors.problems,
    async close() {
      clearInterval(timer);
      flush();
      const { promise: late, resolve } = Promise.withResolvers<void>();
      const deadline = setTimeout(resolve, CLOSE_WITHIN_MS);
      await Promise.race([anchors.idle(), late]).finally(() => clearTimeout(deadline));
      for (const problem of anchors.problems()) log.warn({ reason: problem }, 'the audit trail is not anchored');
      anchors.close();
    },
  };
}
