/** What the Slack side writes down; a pino logger is one. */
export interface Log {
  readonly info: (fields: Readonly<Record<string, unknown>>, message: string) => void;
  readonly warn: (fields: Readonly<Record<string, unknown>>, message: string) => void;
  readonly error: (fields: Readonly<Record<string, unknown>>, message: string) => void;
}

const MAX_LENGTH = 500;

/** An error's text without tokens and without the addresses that give rights, such as response URLs and sockets. */
export function safeMessage(text: string): string {
  return text
    .replaceAll(/xox[a-z]-[\w-]+|xapp-[\w-]+/gi, '[token]')
    .replaceAll(/Bearer\s+\S+/gi, 'Bearer [token]')
    .replaceAll(/(wss?|https?):\/\/[^\s"')]+/gi, '$1://[address]')
    .slice(0, MAX_LENGTH);
}
