import type { QuietReporter } from '../../core/maintenance.ts';
import { renderQuietEnd } from '../quiet-message.ts';
import type { DeliveryContext } from './delivery.ts';
import { deliver } from './delivery.ts';

/** Tells in one message of the channel what was held back; kept with the first of its incidents. */
export function createQuietReporter(
  context: Pick<DeliveryContext, 'client' | 'messages' | 'lane'> & { readonly channel: string },
): QuietReporter {
  const { channel } = context;
  return async (summary) => {
    const [{ id }] = summary.incidents;
    const part = { kind: 'message', key: `quiet ${summary.since}`, message: renderQuietEnd(summary) } as const;
    // Once it is there it stays as it is: what becomes of the incidents is told in their threads.
    await deliver({ ...context, updateTurn: async () => false }, { channel }, { run: id, part });
  };
}
