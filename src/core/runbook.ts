import type { z } from 'zod';
import type { Diagnosis } from './finding.ts';
import type { Plan } from './plan.ts';
import type { Reader } from './reading.ts';
import type { Actor } from './run.ts';
import type { Site } from './site.ts';

/** What a runbook author writes. Only `gather` touches the world, and it can only read; the rest is pure. */
export interface RunbookParts<Params extends z.ZodType, Facts, Code extends string> {
  /** The folder's name. */
  readonly id: string;
  /** The words that call it: `/storage diagnose nfs …`. */
  readonly words: readonly [string, ...string[]];
  /** Other words that call the same: `fix nfs`. */
  readonly alsoWords?: readonly (readonly [string, ...string[]])[];
  /** What follows the words, as help shows it: `<service>`. */
  readonly usage: string;
  readonly title: string;
  /** Every cause it can name, and what each means in one sentence. */
  readonly codes: Readonly<Record<Code, string>>;
  /** True for a runbook that can plan a change. */
  readonly changes: boolean;
  readonly params: Params;
  /** The words after the command as raw parameters, and who asked; `params` then accepts or refuses them. */
  readonly fromWords: (words: readonly string[], asker?: Actor) => unknown;
  gather(params: z.output<Params>, read: Reader, site: Site): Promise<Facts>;
  diagnose(facts: Facts): Diagnosis<Code>;
  /** Work that goes on without the bot begins its name with `workName`. */
  plan(diagnosis: Diagnosis<Code>, facts: Facts, workName: string): Plan;
  /** What differs between the first look of a run and its last, one line each: the proof of what the run did. */
  changed?(before: Facts, after: Facts): readonly string[];
}

export interface Look {
  readonly diagnosis: Diagnosis;
  readonly plan: Plan;
  /** The same plan, for a run whose work at the targets is to have names that begin like this. */
  readonly planAs: (workName: string) => Plan;
  /** What differs from an earlier look of the same runbook, one line each; empty where it does not say. */
  readonly changesSince: (earlier: Look) => readonly string[];
}

/** What the rest of the bot sees: the type of the facts stays sealed inside, so every runbook has the same type. */
export interface Runbook {
  readonly id: string;
  readonly words: readonly [string, ...string[]];
  readonly alsoWords?: readonly (readonly [string, ...string[]])[];
  readonly usage: string;
  readonly title: string;
  readonly codes: Readonly<Record<string, string>>;
  readonly changes: boolean;
  readonly params: z.ZodType;
  readonly fromWords: (words: readonly string[], asker?: Actor) => unknown;
  /** Gathers, diagnoses, plans. Rejects with a `Refusal` when the request itself makes no sense (unknown service …). */
  look(rawParams: unknown, read: Reader, site: Site): Promise<Look>;
}

export function defineRunbook<Params extends z.ZodType, Facts, const Code extends string>(
  parts: RunbookParts<Params, Facts, Code>,
): Runbook {
  const { gather, diagnose, plan, changed, ...about } = parts;
  const factsOf = new WeakMap<Look, { readonly facts: Facts }>();
  return {
    ...about,
    async look(rawParams, read, site) {
      const facts = await gather(about.params.parse(rawParams), read, site);
      const diagnosis = diagnose(facts);
      const planAs = (workName: string) => plan(diagnosis, facts, workName);
      const look: Look = {
        diagnosis,
        plan: planAs('storagebot'),
        planAs,
        changesSince: (earlier) => {
          const then = factsOf.get(earlier);
          return then === undefined || changed === undefined ? [] : changed(then.facts, facts);
        },
      };
      factsOf.set(look, { facts });
      return look;
    },
  };
}
