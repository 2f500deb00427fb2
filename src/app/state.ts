import type { HeldState } from '../engine/lock.ts';
import { openState } from '../store/keeping.ts';
import { createDropping } from '../store/keeping-runs.ts';
import { createStore, type Store } from '../store/store.ts';
import type { AuditParts } from './audit.ts';
import { openAudit } from './audit.ts';

export interface StateParts extends AuditParts {
  readonly version: string;
}

/** The state directory with all that watches over it. */
export interface BotState {
  readonly held: HeldState;
  readonly store: Store;
  /** Why nothing may be changed now, one sentence each. */
  readonly obstacles: () => readonly string[];
  /** What needs a person and keeps nothing from being done. */
  readonly notices: () => readonly string[];
}

/** Rejects, holding nothing, where the state cannot be relied on; what it holds is given back by `held.release`. */
export async function openBotState({ version, ...parts }: StateParts): Promise<BotState> {
  const { log, directory, isTemporary } = parts;
  const { keeper, release } = await openState({ directory, log, copies: !isTemporary });
  try {
    const audit = await openAudit(parts);
    const failed = (error: unknown) => void keeper.noteFailure(error);
    const store = createStore(directory, { trail: audit.trail, committed: audit.committed, failed });
    store.note({ kind: 'bot-started', version });
    keeper.start();
    const dropping = createDropping({ store, keepMs: parts.config.state.keepRunsMs, problem: keeper.problem, log });
    if (!isTemporary) dropping.start();
    const close = async () => {
      await dropping.stop();
      await audit.close();
      store.close();
      await keeper.stop();
      release();
    };
    return {
      held: { directory, release: close },
      store,
      obstacles: () => [keeper.problem(), audit.problem()].filter((problem) => problem !== undefined),
      notices: () => [keeper.notice(), ...audit.notices()].filter((notice) => notice !== undefined),
    };
  } catch (error) {
    release();
    throw error;
  }
}
