import type { Message, TextFile } from '../message.ts';

/** What the reporter needs of Slack. Each function is one attempt, and rejects with `SlackCallFailed`. */
export interface SlackClient {
  /** Resolves to the message's timestamp. */
  readonly post: (place: Place, message: Message, tag: Tag) => Promise<string>;
  readonly update: (at: PostedAt, message: Message, tag: Tag) => Promise<void>;
  readonly upload: (place: Place, file: TextFile) => Promise<void>;
  /** What the bot itself has posted there, not before `sinceMs`. */
  readonly posted: (place: Place, sinceMs: number) => Promise<readonly Posted[]>;
}

export interface Place {
  readonly channel: string;
  readonly thread?: string;
}

export interface PostedAt {
  readonly channel: string;
  readonly ts: string;
}

/** Travels with a message as metadata that people do not see, so that a message whose reply was lost can be found again. */
export interface Tag {
  readonly run: string;
  readonly part: string;
}

export interface Posted {
  readonly ts: string;
  readonly tag?: Tag;
  readonly fileNames: readonly string[];
}

/** `limited`: not done, come later. `refused`: not done. `lost`: no answer came, so it may have been done. */
export type CallFailure =
  | { readonly kind: 'limited'; readonly retryAfterMs: number }
  | { readonly kind: 'refused'; readonly error: string }
  | { readonly kind: 'lost'; readonly reason: string };

export class SlackCallFailed extends Error {
  override readonly name = 'SlackCallFailed';
  readonly code = 'SLACK_CALL_FAILED';
  readonly failure: CallFailure;
  constructor(method: string, failure: CallFailure) {
    super(`${method}: ${wordsOf(failure)}`);
    this.failure = failure;
  }
}

/** Slack's own word for why it refused; undefined for every other error. */
export function refusalOf(error: unknown): string | undefined {
  return error instanceof SlackCallFailed && error.failure.kind === 'refused' ? error.failure.error : undefined;
}

function wordsOf(failure: CallFailure): string {
  switch (failure.kind) {
    case 'limited':
      return `Slack asks to wait ${failure.retryAfterMs / 1000} s`;
    case 'refused':
      return `Slack refuses: ${failure.error}`;
    case 'lost':
      return `no answer from Slack: ${failure.reason}`;
  }
}
