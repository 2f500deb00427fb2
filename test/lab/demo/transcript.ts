import type { LabMessage, LabSlack, LabView } from '../slack/index.ts';
import { plainText } from '../slack/text.ts';
import { WORKSPACE } from './workspace.ts';

/** Something that the tour wanted to be true and was not. */
export class NotTrue extends Error {
  override readonly name = 'NotTrue';
  readonly code = 'NOT_TRUE';
}

/** What happens, as lines; and each statement about it, checked before it is printed. */
export class Transcript {
  readonly #slack: LabSlack;
  readonly #print: (line: string) => void;
  checks = 0;

  constructor(slack: LabSlack, print: (line: string) => void) {
    this.#slack = slack;
    this.#print = print;
  }

  scene(title: string): void {
    this.#print(`\n== ${title}`);
  }

  does(who: string, what: string): void {
    this.#print(`\n${who}: ${what}`);
  }

  says(message: LabMessage): void {
    this.answers(this.#slack.text(message));
  }

  /** A window that opened in front of somebody. */
  shows({ title, blocks }: LabView): void {
    const body = plainText({ text: '', blocks, files: [] }, (id) => id);
    this.answers(`[window] ${title?.text ?? ''}\n${body}`);
  }

  answers(text: string): void {
    for (const line of text.split('\n')) this.#print(`    | ${line}`);
  }

  isTrue(statement: string, holds: boolean): void {
    if (!holds) throw new NotTrue(`Not true: ${statement}\n${this.channel()}`);
    this.checks += 1;
    this.#print(`  ✓ ${statement}`);
  }

  /** Ends the tour when a wait has taken too long. */
  mustNotWait(what: string, tooLong: boolean): void {
    if (tooLong) throw new NotTrue(`Waited in vain for ${what}.\n${this.channel()}`);
  }

  contains(statement: string, { text, parts }: { readonly text: string; readonly parts: readonly string[] }): void {
    const missing = parts.filter((part) => !text.includes(part));
    if (missing.length > 0) throw new NotTrue(`Not true: ${statement}\nmissing: ${missing.join(' | ')}\nin: ${text}`);
    this.isTrue(statement, true);
  }

  /** Everything in the channels, for the message of a failure. */
  private channel(): string {
    return WORKSPACE.channels
      .flatMap(({ id }) => this.#slack.messages(id).flatMap(({ ts }) => this.#slack.messages(id, ts)))
      .map((message) => this.#slack.text(message))
      .join('\n---\n');
  }
}
