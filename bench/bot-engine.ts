import { z } from 'zod';
import { runbooks } from '../runbooks/index.ts';
import { openSecrets } from '../src/app/secrets.ts';
import { createApp } from '../src/app.ts';
import type { Config } from '../src/config/schema.ts';
import type { Command } from '../src/core/command.ts';
import { defineRead } from '../src/core/command.ts';
import { stop } from '../src/core/plan.ts';
import type { Engine } from '../src/core/ports.ts';
import type { RunView } from '../src/core/run.ts';
import { defineRunbook, type Runbook } from '../src/core/runbook.ts';
import { createLog } from '../src/log.ts';
import { durationOf, type Span, sum } from './stats.ts';
import { type TimedRead, timed } from './timed.ts';

/** One run from the request to its plan. */
export interface TimedRun extends Span {
  readonly reads: readonly TimedRead[];
  readonly view: RunView;
}

export interface BotEngine {
  /** `diagnose nfs` followed by these words. */
  readonly diagnose: (...words: string[]) => Promise<TimedRun>;
  /** Asks these commands one after the other over the same connections. Returns the sum of what each took. */
  readonly inTurn: (commands: readonly Command[]) => Promise<number>;
  readonly close: () => Promise<void>;
}

/** The bot without Slack, with real connections that stay open between runs. */
export async function openBotEngine(config: Config): Promise<BotEngine> {
  const secrets = openSecrets(config);
  // Each run looks twice, at the site and at its recording; the first is the one that takes time.
  const looks: (readonly TimedRead[])[] = [];
  const script: Command[] = [];
  const all = [...runbooks, askingInTurn(script)].map((runbook) => timed(runbook, (reads) => looks.push(reads)));
  const log = createLog({ secrets: secrets.known, level: 'error' });
  const app = await createApp(config, {
    runbooks: all,
    secrets,
    reporter: () => async () => undefined,
    buildVersion: 'bench',
    log,
  });
  const run = async (runbook: string, words: readonly string[]): Promise<TimedRun> => {
    looks.length = 0;
    const startMs = performance.now();
    const view = await settledRun(app.engine, runbook, words);
    return { startMs, endMs: performance.now(), reads: looks[0] ?? [], view };
  };
  return {
    diagnose: (...words) => run('diagnose-nfs', words),
    inTurn: async (commands) => {
      script.splice(0, script.length, ...commands);
      const { reads } = await run('in-turn', []);
      return sum(reads.map(durationOf));
    },
    close: app.close,
  };
}

async function settledRun(engine: Engine, runbook: string, words: readonly string[]): Promise<RunView> {
  const requester = { id: 'cli:bench', name: 'bench' };
  const id = await engine.start({ runbook, arguments: words, requester, origin: { kind: 'cli' } });
  const view = await engine.settled(id);
  if (view.problem !== undefined) throw new Error(`The run of ${runbook} ended with: ${view.problem}`);
  return view;
}

/** A runbook that finds nothing: its reads are what it is for. */
function askingInTurn(script: readonly Command[]): Runbook {
  return defineRunbook({
    id: 'in-turn',
    words: ['in', 'turn'],
    usage: '',
    title: 'Ask one after the other',
    codes: {},
    changes: false,
    params: z.object({}),
    fromWords: () => ({}),
    async gather(_params, read) {
      for (const command of script) await read(defineRead({ asks: '', command, answers: [], parse: () => undefined }));
    },
    diagnose: () => ({ evidence: [], findings: [] }),
    plan: () => stop('There is nothing to do.'),
  });
}
